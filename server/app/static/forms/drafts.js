/** Forms that were begun and not saved yet: one line on 今日, and a list where there are several. */
import { html, Empty, Link, Page, Shape, useRead } from "../parts.js";
import { formName } from "../words.js";

/** @typedef {{at: string, title: string, name: string}} Open */

/** Each with its address, the one begun last first. @param {any} app @returns {Promise<Open[]>} */
async function unfinished(app) {
  const kept = (await app.client.drafts()).filter((/** @type {any} */ one) => one.value.at).reverse();
  return Promise.all(kept.map(async (/** @type {any} */ { key, value }) =>
    ({ at: value.at, ...(await about(app, key, value)) })));
}

/** What a draft is, and whom it is about.
 * @param {any} app @param {string} key @param {any} value @returns {Promise<{title: string, name: string}>} */
async function about(app, key, value) {
  const [kind, type, subject] = key.split(":");
  if (kind === "appeal") {
    const contract = await app.client.get(type).catch(() => null);
    return { title: "未履约申诉", name: app.byId.get(contract?.subject)?.name ?? "" };
  }
  const home = app.rows.find((/** @type {any} */ row) => row.household === subject);
  const name = app.byId.get(subject)?.name ?? (home ? `${home.name}一户` : value.values[type]?.identity?.name ?? "");
  return { title: formName(app.client.catalogue, type), name };
}

/** `2份没写完的表，接着写`: to the one there is, or to their list. @param {{app: any}} props */
export function Unfinished({ app }) {
  const open = useRead(app, () => unfinished(app)) ?? [];
  const whose = [...new Set(open.map((one) => one.name || one.title))];
  return open.length > 0 && html`<p><a class="row low now" href=${open.length > 1 ? "#/drafts" : open[0].at}>
    <span>${open.length}份没写完的表，接着写<br />
    <small>${whose.slice(0, 3).join("、")}${whose.length > 3 ? "等" : ""}</small></span><${Shape} name="on" /></a></p>`;
}

/** @param {{app: any}} props */
export function DraftsScreen({ app }) {
  const open = useRead(app, () => unfinished(app));
  return html`<${Page} app=${app} title="没写完的表" back="#/today" tab="today">
    ${open?.length === 0 && html`<${Empty}>没有。写过的都已保存。<//>`}
    <ul class="list">${open?.map(({ at, name, title }) =>
      html`<${Link} key=${at} to=${at}>${name || title}<br /><small>${title}</small><//>`)}</ul><//>`;
}
