/** How a record stands with the server, on whichever page it is shown; and where it is changed. */

/** @typedef {import("../../../client_sdk/js/states.js").Aside} Aside */

/** The state of a record for its mark. @param {any} view @param {Map<string, Aside[]>} aside what was set aside, by record */
export const stateOf = (view, aside) => (Object.keys(view.conflicts).length ? "conflict" : aside.has(view.id) ? "aside"
  : view.pending ? "waiting" : view.void ? "void" : "sent");

/** What the server keeps for a person, by record. @param {any} client @returns {Promise<Map<string, Aside[]>>} */
export async function asideOf(client) {
  /** @type {Map<string, Aside[]>} */
  const found = new Map();
  for (const one of await client.setAside()) found.set(one.edit.record, [...(found.get(one.edit.record) ?? []), one]);
  return found;
}

/** A record of which this phone holds nothing but what was set aside. @param {Aside[]} every */
export const asWritten = (every) => ({
  ...every[0].edit, id: every[0].edit.record, sections: Object.assign({}, ...every.map(({ edit }) => edit.sections)),
  conflicts: {}, issues: [], pending: false, void: false, unheld: true,
});

/** A record as it stands here, else as it was set aside. NoSuchRecordError.
 * @param {any} client @param {string} id @param {Map<string, Aside[]>} aside */
export const viewOf = (client, id, aside) => client.get(id).catch((/** @type {any} */ error) => {
  const every = aside.get(id);
  if (error.name !== "NoSuchRecordError" || !every) throw error;
  return asWritten(every);
});

/** With those that this phone no longer holds, for they were set aside, among records about somebody or a home.
 * @param {any[]} views @param {Map<string, Aside[]>} aside @param {string} subject @returns {any[]} */
export const withAside = (views, aside, subject) => [...views,
  ...[...aside.values()].filter(([{ edit }]) => edit.subject === subject && !views.some((view) => view.id === edit.record))
    .map(asWritten)];

/** Where a record is changed; one that this phone does not hold is written anew.
 * @param {{record: string, type: string, subject: string|null, unheld?: boolean}} one */
export function editing({ record, type, subject, unheld }) {
  const last = unheld ? "" : `/${record}`;
  return type === "care_plan" ? `#/plan/${subject}` : type === "contract" ? `#/contract/${subject}${last || "/new"}`
    : type === "home_visit" ? `#/household/${subject}/visit${last}` : type === "resident" && unheld ? "#/form/resident/new"
    : `#/form/${type}/${subject}${last}`;
}
