/** The root: which screen the address names, the questions before it, and what is shown when a screen fails. */
import { render, useErrorBoundary } from "./vendor/standalone.module.js";
import { App } from "./app.js";
import { screens as forms } from "./forms/index.js";
import { First } from "./first.js";
import { Lock, Retired, Sealed } from "./lock.js";
import { Guide, Me, NewPin } from "./me.js";
import { Button, html, Page, useLayoutEffect, useState } from "./parts.js";
import { RecordPage } from "./record.js";
import { FormsOf, Household, Resident } from "./resident.js";
import { Residents } from "./residents.js";
import { SyncPage } from "./sync_page.js";
import { Today } from "./today.js";

/** @type {Record<string, (props: {app: App, params: string[]}) => any>} by the first part of the address */
const screens = {
  ...forms, today: Today, residents: Residents, resident: Resident, forms: FormsOf, record: RecordPage, sync: SyncPage, me: Me,
  pin: NewPin, guide: Guide,
  household: (props) => html`<${props.params[1] === "visit" ? forms.household : Household} ...${props} />`,
};

/** Lists are found again where they were left. */
const LISTS = /^#\/(today|residents|$)/;

/** @param {{app: App}} props */
function Root({ app }) {
  const [, turn] = useState(0);
  useLayoutEffect(() => app.onChange(() => turn(app.version)), []);
  if (app.mode === "starting") return null;
  if (app.mode === "retired") return html`<${Retired} app=${app} />`;
  if (app.mode === "sealed") return html`<${Sealed} app=${app} />`;
  if (app.mode === "first") return html`<${First} app=${app} />`;
  const open = app.mode === "open" || app.covered;
  return html`${app.mode === "locked" && html`<${Lock} app=${app} key="lock" />`}
    ${open && html`<div class="frame" hidden=${app.covered} key="open"><${Screen} app=${app} key=${location.hash} /></div>`}`;
}

/** @param {{app: App}} props */
function Screen({ app }) {
  const [failed] = useErrorBoundary((error) => app.failed(error));
  useLayoutEffect(() => scrollTo(0, LISTS.test(location.hash) ? app.places.get(location.hash) ?? 0 : 0), []);
  const [name = "today", ...params] = parted(location.hash);
  if (failed) return html`<${Broken} app=${app} error=${failed} />`;
  const Named = Object.hasOwn(screens, name) ? screens[name] : Today;
  return html`<${Named} app=${app} params=${params} />`;
}

/** The parts of an address; none of one that nobody can read. @param {string} hash */
function parted(hash) {
  try {
    return hash.slice(2).split("/").map(decodeURIComponent);
  } catch {
    return [];
  }
}

/** @param {{app: App, error: any}} props */
const Broken = ({ app, error }) => html`<${Page} app=${app} title="这一页打不开" back tab="today">
  <p>${error?.name === "NoSuchRecordError" ? "手机里没有这份记录，可能已转到别的村。" : "已保存的内容都还在。请返回，再打开一次。"}</p>
  <p class="muted">${error?.name}</p><${Button} kind="main" wide onClick=${() => app.go("#/today", true)}>回到今日<//><//>`;

const app = new App();
const root = /** @type {HTMLElement} */ (document.getElementById("app"));
root.textContent = "";
render(html`<${Root} app=${app} />`, root);
app.start();
