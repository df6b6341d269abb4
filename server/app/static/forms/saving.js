/** Saving a form: once, durably, with ten seconds to take it back; what it could not keep it says, and nothing typed is lost. */
import { canonical } from "../../../../client_sdk/js/sync/record.js";
import { covers } from "../../../../client_sdk/js/sync/version.js";
import { changed, refusal } from "./words.js";

/** @typedef {import("./form.js").Content} Content */
/** @typedef {import("./form.js").Sections} Sections */
/** How a record stands in the places of a form, and what the form says of the record.
 * @typedef {Pick<Content, "values"|"more">} Entered
 * @typedef {{placed: (view: any) => Promise<Entered>, whole: (content: Entered, type: string) => Sections}} Base */
/** Undoes what was saved, and in the same moment keeps the draft again.
 * @typedef {(draft: [string, Content]) => Promise<any>} Undo */

/** @type {Base} */
const PLAIN = {
  placed: async ({ type, sections }) => ({ values: { [type]: sections }, more: {} }), whole: ({ values }, type) => values[type],
};

/** Do what keeps the form and drops its draft, both or neither, then leave it. `keep` returns how to undo it, null where there
 * was nothing to keep. Returns whether it was kept.
 * @param {import("./form.js").Form} form
 * @param {{keep: (draft: string) => Promise<Undo|null>, said: string, leave?: () => void, base?: Base}} how */
export async function save(form, { keep, said, leave, base = PLAIN }) {
  if (form.saving) return false;
  form.saving = true;
  form.active = null;
  form.redraw();
  const { app, key, content } = form;
  const { client } = app;
  /** @type {Undo|null} */
  let undo;
  try {
    await form.rest();
    undo = await keep(key);
  } catch (error) {
    await refused(form, /** @type {Error} */ (error), base);
    return false;
  } finally {
    form.saving = false;
    form.redraw();
  }
  if (undo) app.busyForm(false);
  else await form.forget().catch(() => undefined); // it says what the record says: found again, it does no harm
  const reopen = location.hash;
  if (leave) leave();
  else app.back();
  app.say(said, undo && (async () => {
    await undo([key, content]);
    if (Object.values(content.views).some(Boolean)) await rebased(client, content, base)
      .then((again) => client.keepDraft(key, again)).catch(() => undefined); // else when it is saved
    app.go(reopen);
  }));
  return true;
}

/** Say why it was not saved. If the form was opened before this very phone saved the same part, take the record as it is now.
 * @param {import("./form.js").Form} form @param {Error} error @param {Base} base */
async function refused(form, error, base) {
  if (error.name !== "StaleViewError") return form.resume(refusal(error));
  form.content = await rebased(form.app.client, form.content, base).catch(() => form.content);
  return form.resume("打开之后，这部手机上又保存过这一份。已重新打开，您输入的都还在，请核对后再点保存");
}

/** The form upon the records as they are now: what was typed, and in every other section what stands there. A section that was
 * changed on both sides keeps what was typed; what came meanwhile is told (`beside`), and stands beside it if others wrote it.
 * @param {any} client @param {Content} content @param {Base} base @returns {Promise<Content>} */
export async function rebased(client, content, { placed, whole }) {
  let { values, more, views, beside = {} } = content;
  for (const [place, view] of Object.entries(views)) {
    if (!view) continue;
    const now = await client.toEdit(view.id);
    const [was, is] = [await placed(view), await placed(now)];
    const [before, typed, after] = [was, { values, more }, is].map((one) => whole(one, view.type));
    const [mine, theirs] = [changed(before, typed), changed(before, after)];
    const both = Object.keys(mine).filter((name) => name in theirs && canonical(mine[name]) !== canonical(theirs[name]));
    const told = await Promise.all(both.map(async (name) => [name, await meanwhile(client, view, name, theirs[name])]));
    beside = { ...Object.fromEntries(Object.entries(beside).filter(([name]) => name in mine)), ...Object.fromEntries(told) };
    const apart = Object.keys(beside).map((name) => [name, view.apart?.[name] ?? view.settled]);
    views = { ...views, [place]: { ...now, apart: { ...now.apart, ...Object.fromEntries(apart) } } };
    for (const [at, sections] of Object.entries(is.values)) {
      values = { ...values, [at]: over(was.values[at] ?? {}, values[at] ?? {}, sections) };
    }
    const untouched = Object.entries(is.more)
      .filter(([name]) => canonical(more[name] ?? null) === canonical(was.more[name] ?? null));
    more = { ...more, ...Object.fromEntries(untouched) };
  }
  return { ...content, values, more, views, beside };
}

/** What was changed from `was` to `typed`, upon `now`; pure.
 * @param {Sections} was @param {Sections} typed @param {Sections} now */
function over(was, typed, now) {
  const mine = Object.keys(changed(was, typed));
  const kept = Object.entries(now).filter(([name]) => !mine.includes(name));
  return Object.fromEntries([...kept, ...Object.entries(typed).filter(([name]) => mine.includes(name))]);
}

/** Who wrote what stands in a section since a view of it; `here`: this phone alone.
 * @param {any} client @param {any} view @param {string} name @param {any} value */
async function meanwhile(client, view, name, value) {
  const { actor } = await client.status();
  const entries = (await client.history(view.id))
    .filter((/** @type {any} */ one) => name in one.sections && !covers(view.seen, one.dot));
  const other = entries.findLast((/** @type {any} */ one) => one.dot[0] !== actor);
  return { value, by: other?.author ?? null, here: !other };
}

/** Make one record or several, and how to take them back: they are marked as entered in error, never deleted.
 * @param {any} client @param {() => Promise<string|Record<string, string>>} make @returns {Promise<Undo>} */
export async function made(client, make) {
  const found = await make();
  const ids = typeof found === "string" ? [found] : Object.values(found);
  return async (draft) => { for (const id of ids) await client.undo(id, id === ids.at(-1) ? { draft } : {}); };
}

/** Change a record from the view that was opened, and how to take it back.
 * @param {any} client @param {any} view @param {Sections} sections @param {string} draft @returns {Promise<Undo>} */
export async function edited(client, view, sections, draft) {
  await client.edit(view, sections, { draft });
  return (again) => client.undo(view.id, { draft: again });
}
