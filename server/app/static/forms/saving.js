/** Saving a form: once, durably, with ten seconds to take it back; what it could not keep it says, and nothing typed is lost. */
import { refusal } from "./words.js";

/** Do what keeps the form, then leave it. `keep` returns how to undo it. Returns whether it was kept.
 * @param {import("./form.js").Form} form @param {{keep: () => Promise<(() => Promise<any>)|null>, said: string, leave?: () => void}} how */
export async function save(form, { keep, said, leave }) {
  if (form.saving) return false;
  form.saving = true;
  form.active = null;
  form.redraw();
  const { app, key, content } = form;
  try {
    const undo = await keep();
    await form.forget();
    const reopen = location.hash;
    if (leave) leave();
    else app.back();
    app.say(said, undo && (async () => {
      await undo();
      await app.client.keepDraft(key, content);
      app.go(reopen);
    }));
    return true;
  } catch (error) {
    if (/** @type {Error} */ (error).name === "StaleViewError") return await opened(form);
    form.trouble = refusal(error);
    return false;
  } finally {
    form.saving = false;
    form.redraw();
  }
}

/** The form was opened before this very phone saved the same part: take the record as it is now, keep what was typed.
 * @param {import("./form.js").Form} form */
async function opened(form) {
  const views = Object.entries(form.content.views);
  const now = await Promise.all(views.map(async ([place, view]) => [place, view && await form.app.client.get(view.id)]));
  form.content = { ...form.content, views: Object.fromEntries(now) };
  form.keep();
  form.trouble = "打开之后，这部手机上又保存过这一份。已重新打开，您输入的都还在，请核对后再点保存";
  return false;
}

/** Make one record or several, and how to take them back: they are marked as entered in error, never deleted.
 * @param {any} client @param {() => Promise<string|Record<string, string>>} make */
export async function made(client, make) {
  const found = await make();
  const ids = typeof found === "string" ? [found] : Object.values(found);
  return async () => { for (const id of ids) await client.undo(id); };
}

/** Change a record from the view that was opened, and how to take it back. @param {any} client @param {any} view @param {Record<string, any>} sections */
export async function edited(client, view, sections) {
  await client.edit(view, sections);
  return () => client.undo(view.id);
}
