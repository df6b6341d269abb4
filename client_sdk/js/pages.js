// Many small entries in few pages, so that a whole village is read with some dozens of deciphered values. Each stays in its page.

/** @template V @typedef {Map<number, Map<string, V>>} Plan pages as they will be; an empty one goes away */

/** @template V */
export class Pages {
  /** @param {number} size entries of a page @param {Map<number, [string, V][]>} kept */
  constructor(size, kept) {
    this._size = size;
    /** @type {Map<number, Map<string, V>>} */
    this._pages = new Map([...kept].map(([page, entries]) => [page, new Map(entries)]));
    /** @type {Map<string, number>} */
    this._of = new Map(
      [...this._pages].flatMap(([page, entries]) =>
        [...entries.keys()].map((id) => /** @type {[string, number]} */ ([id, page])),
      ),
    );
  }

  /** @returns {Map<string, V>} */
  all() {
    return new Map([...this._pages.values()].flatMap((entries) => [...entries]));
  }

  /**
   * The pages that change with some entries (null drops one); nothing is changed here.
   * @param {Map<string, V | null>} changes @returns {Plan<V>}
   */
  plan(changes) {
    /** @type {Map<number, Map<string, V>>} */
    const pages = new Map();
    const at = (/** @type {number} */ page) => {
      const found = pages.get(page) ?? new Map(this._pages.get(page));
      pages.set(page, found);
      return found;
    };
    let room = 0;
    for (const [id, value] of changes) {
      const page = this._of.get(id);
      if (value === null) {
        if (page !== undefined) at(page).delete(id);
      } else if (page !== undefined) at(page).set(id, value);
      else {
        while (((pages.get(room) ?? this._pages.get(room))?.size ?? 0) >= this._size) room += 1;
        at(room).set(id, value);
      }
    }
    return pages;
  }

  /** The plan is on the disk. @param {Plan<V>} plan */
  adopt(plan) {
    for (const [page, entries] of plan) {
      for (const id of this._pages.get(page)?.keys() ?? []) this._of.delete(id);
      for (const id of entries.keys()) this._of.set(id, page);
      entries.size ? this._pages.set(page, entries) : this._pages.delete(page);
    }
  }
}
