/** One record: its state and what to do about it, what stands in it, who wrote it and when. */
import { called, issueText, sectionLines } from "./forms/words.js";
import { Button, Facts, html, Notice, Page, StateMark, useRead } from "./parts.js";
import { asideOf, stateOf } from "./resident.js";
import { dayWords, formName, here, SET_ASIDE } from "./words.js";

/** Where a record is changed. @param {any} view @returns {string} */
export const editAddress = (view) => ({
  care_plan: `#/plan/${view.subject}`, contract: `#/contract/${view.subject}/${view.id}`, home_visit: `#/household/${view.subject}/visit/${view.id}`,
}[/** @type {string} */ (view.type)] ?? `#/form/${view.type}/${view.subject}/${view.id}`);

/** The state of a record in words, with its one action. @param {{app: import("./app.js").App, view: any, state: any, why?: string}} props */
export function StateWords({ app, view, state, why }) {
  const [tone, words, action] = /** @type {Record<string, [string, string|null, any]>} */ ({
    waiting: ["amber", app.practice ? "练习内容，不上传。" : "已保存在手机里，有信号时上传。", !app.practice && html`<${Button} onClick=${() => app.sync()}>重新上传<//>`],
    aside: ["red", `被退回：${SET_ASIDE[why ?? ""] ?? "已交给组长处理"}。`, html`<a class="button" href=${editAddress(view)}>去修改</a>`],
    conflict: ["red", "另一位同事也改了这条。您的内容已保留，等组长核对。", html`<a class="button" href=${`#/conflict/${view.id}`}>看看有什么不同</a>`],
    void: ["grey", "已作废，不再计算。", null],
    sent: ["green", null, null],
  })[state];
  return html`<${Notice} tone=${tone}><p><${StateMark} state=${state} /></p>${words && html`<p>${words}</p>`}${action}<//>`;
}

/** @param {{app: import("./app.js").App, params: string[]}} props */
export function RecordPage({ app, params: [id] }) {
  const { client } = app;
  const today = app.today();
  const read = useRead(app, async () => ({
    view: await client.get(id), history: await client.history(id), aside: await asideOf(client),
    why: (await client.setAside()).find((/** @type {any} */ one) => one.edit.record === id)?.reason,
  }), [id]);
  if (!read) return html`<${Page} app=${app} title="记录" back tab="residents"><p>正在打开</p><//>`;
  const { view, history, aside, why } = read;
  const declared = client.catalogue.types.get(view.type);
  const state = stateOf(view, aside);
  return html`<${Page} app=${app} title=${formName(client.catalogue, view.type)} note=${app.byId.get(view.subject)?.name} back=${`#/resident/${view.subject}`} tab="residents">
    <${StateWords} app=${app} view=${view} state=${state} why=${why} />
    ${view.issues.map((/** @type {any} */ issue) => html`<${Notice} tone="amber">${declared?.section(issue.section)?.zh ?? ""}：${issueText(issue.code)}<//>`)}
    ${Object.entries(view.sections).map(([name, value]) => {
      const lines = value && sectionLines(app, declared, name, value);
      return lines?.length > 0 && html`<section class="card" key=${name}><h2>${declared?.section(name)?.zh ?? name}</h2><${Facts} of=${lines} /></section>`;
    })}
    ${state !== "void" && html`<div class="buttons"><a class="button" href=${editAddress(view)}>修改</a></div>`}
    <h2>谁写的</h2><ul class="list">${[...history].reverse().map((/** @type {any} */ entry) => html`<li class="card">${called(app, "person", entry.author)} · ${dayWords(entry.written_at, today)} ${here(entry.written_at).slice(11, 16)} <${StateMark} state=${entry.state === "pending" ? "waiting" : "sent"} /></li>`)}</ul><//>`;
}
