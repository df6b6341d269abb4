/** One record: its state and what to do about it, what stands in it, who wrote it and when; marking it as entered in error. */
import { conflictWords, setAsideWords } from "./forms/attention.js";
import { called, issueText, refusal, sectionLines, sectionName } from "./forms/words.js";
import { Button, Chips, Confirm, Facts, Field, html, Notice, Page, StateMark, useRead, useState } from "./parts.js";
import { asideOf, editing, stateOf, viewOf } from "./states.js";
import { dayWords, formName, here } from "./words.js";

/** @typedef {import("./states.js").Aside} Aside */

/** The state of a record in words, with its one action.
 * @param {{app: import("./app.js").App, view: any, state: any, aside?: Aside[]}} props */
export function StateWords({ app, view, state, aside = [] }) {
  const { action = "leader" } = aside.at(-1) ?? {}, known = aside.every((one) => one.known);
  const acknowledge = () => app.client.acknowledge(view.id).catch((/** @type {any} */ error) => app.warn(refusal(error)));
  const [tone, words, actions] = /** @type {Record<string, [string, string|null|false, any]>} */ ({
    waiting: ["amber", app.practice ? "练习内容，不上传。" : "已保存在手机里，有信号时上传。",
      !app.practice && html`<${Button} onClick=${() => app.sync()}>重新上传<//>`],
    aside: [known ? "grey" : "red", setAsideWords(app, aside), html`
      ${action === "edit" && html`<a class="button" href=${editing({ ...view, record: view.id })}>
        ${view.unheld ? "重新填写" : "去修改"}</a>`}
      ${!known && html`<${Button} onClick=${acknowledge}>知道了，不再提醒<//>`}`],
    conflict: ["red", state === "conflict" && conflictWords(app, view),
      html`<a class="button" href=${`#/conflict/${view.id}`}>看看有什么不同</a>`],
    void: ["grey", "已作废，不再计算。", null],
    sent: ["green", null, null],
  })[state];
  return html`<${Notice} tone=${tone}><p><${StateMark} state=${state} /></p>${words && html`<p>${words}</p>`}
    ${actions && html`<div class="buttons">${actions}</div>`}<//>`;
}

/** @param {{app: import("./app.js").App, params: string[]}} props */
export function RecordPage({ app, params: [id] }) {
  const { client } = app;
  const today = app.today();
  const [voiding, ask] = useState(false);
  const read = useRead(app, async () => {
    const aside = await asideOf(client), view = await viewOf(client, id, aside);
    const history = view.unheld ? [] : await client.history(id);
    return { view, refused: aside.get(id) ?? [], state: stateOf(view, aside), history };
  }, [id]);
  if (!read) return html`<${Page} app=${app} title="记录" back tab="residents"><p>正在打开</p><//>`;
  const { view, refused, state, history } = read;
  const declared = client.catalogue.types.get(view.type);
  const title = formName(client.catalogue, view.type);
  const written = [
    ...history.map((/** @type {any} */ entry) => ({ ...entry, state: entry.state === "pending" ? "waiting" : "sent" })),
    ...refused.map(({ edit }) => ({ ...edit, state: "aside" })),
  ];
  const issues = new Set(view.issues.map((/** @type {any} */ { section, code }) =>
    `${sectionName(app, declared, section, view.sections[section])}：${issueText(code)}`));
  const failed = (/** @type {any} */ error) =>
    app.warn(error.name === "StaleViewError" ? "这份记录刚刚变了，请看过再点一次" : refusal(error));
  const undo = () => client.undo(id).catch(() => app.warn("没有撤销成功，请打开这份记录再看"));
  const restore = () => client.edit(view, { void: null }).then(() => app.say(`${title}已恢复`, undo), failed);
  const makeVoid = (/** @type {string} */ reason, /** @type {string} */ note) =>
    client.void(view, reason, { note }).then(() => { ask(false); app.say(`${title}已作废`, undo); }, failed);
  return html`<${Page} app=${app} title=${title} note=${app.byId.get(view.subject)?.name}
    back=${`#/resident/${view.subject}`} tab="residents">
    <${StateWords} app=${app} view=${view} state=${state} aside=${refused} />
    ${view.void && state !== "void" && html`<${Notice} tone="grey">已作废，不再计算。<//>`}
    ${[...issues].map((words) => html`<${Notice} tone="amber">${words}<//>`)}
    ${cards(app, declared, view.sections, view.conflicts)}
    ${!view.unheld && refused.length > 0
      && html`<h2>没有收下的内容</h2>${refused.map(({ edit }) => cards(app, declared, edit.sections))}`}
    ${view.unheld ? null : voiding ? html`<${Voiding} app=${app} view=${view} onYes=${makeVoid} onNo=${() => ask(false)} />`
      : view.void ? !("void" in view.conflicts) && html`<div class="buttons"><${Button} onClick=${restore}>恢复这份记录<//></div>`
      : html`<div class="buttons"><a class="button" href=${editing({ ...view, record: id })}>修改</a>
        <${Button} onClick=${() => ask(true)}>作废<//></div>`}
    <h2>谁写的</h2><ul class="list">${written.reverse().map((entry) => html`<li class="card">
      ${called(app, "person", entry.author)} · ${dayWords(entry.written_at, today)}
      ${` ${here(entry.written_at).slice(11, 16)} `}<${StateMark} state=${entry.state} /></li>`)}</ul><//>`;
}

/** What is filled in; of a section in conflict only that it is.
 * @param {any} app @param {any} declared @param {Record<string, any>} sections @param {Record<string, any>} [conflicts] */
const cards = (app, declared, sections, conflicts = {}) => Object.entries(sections).map(([name, value]) => {
  const apart = name in conflicts, lines = value && sectionLines(app, declared, name, value);
  return (apart || lines?.length > 0) && html`<section class="card" key=${name}>
    <h2>${sectionName(app, declared, name, value)}</h2>
    ${apart ? html`<p>各人写的不一样，等组长核对。</p>` : html`<${Facts} of=${lines} />`}</section>`;
});

/** Why a record was entered in error, what follows, and the question.
 * @param {{app: any, view: any, onYes: (reason: string, note: string) => void, onNo: () => void}} props */
function Voiding({ app, view, onYes, onNo }) {
  const [reason, choose] = useState("");
  const [note, write] = useState("");
  const reasons = app.client.catalogue.codes.void_reason.codes.map((/** @type {any} */ one) =>
    ({ value: one.code, label: one.zh }));
  const who = app.byId.get(view.subject)?.name, person = view.type === "resident";
  return html`<section class="card"><h2>作废${who ? `${who}的` : ""}${formName(app.client.catalogue, view.type)}</h2>
    <p>${person ? "作废以后：这个人从名单里消失，不再提醒随访。" : "作废以后：随访、履约和报表都当作没有这一份。"}内容不会删除，谁写的、谁作废的都留着。作废错了可以恢复。</p>
    <${Chips} label="为什么作废（必选）" options=${reasons} value=${reason} onChange=${choose} />
    ${reason === "other" && html`<${Field} label="说明" maxlength="200" value=${note} onInput=${write} />`}
    ${reason ? html`<${Confirm} ask="确定作废这一份吗？" yes="作废" danger onYes=${() => onYes(reason, note.trim())} onNo=${onNo} />`
      : html`<div class="buttons"><${Button} onClick=${onNo}>取消<//></div>`}</section>`;
}
