/** 同步: how it stands, what waits and why, and what can be done about it. */
import { Button, Empty, html, Kept, Link, Notice, Page, StateMark, useRead, useState, WrongClock } from "./parts.js";
import { StateWords } from "./record.js";
import { asideOf, stateOf, viewOf } from "./states.js";
import { agoWords, formName } from "./words.js";

/** @param {{app: import("./app.js").App}} props */
export function SyncPage({ app }) {
  const { client, status, progress } = app;
  const [open, look] = useState("");
  const read = useRead(app, async () => {
    const aside = await asideOf(client);
    const told = [...aside.keys()].filter((id) => aside.get(id)?.some((one) => !one.known));
    const waiting = (await client.outbox()).map((/** @type {any} */ edit) => edit.record);
    const ids = new Set([...(await client.conflicts()).map((/** @type {any} */ view) => view.id), ...told, ...waiting]);
    const views = await Promise.all([...ids].map((id) => viewOf(client, id, aside).catch(() => null)));
    return { aside, views: views.filter(Boolean), storage: await client.storage() };
  });
  const total = progress ? progress.pushed + progress.waiting : 0;
  return html`<${Page} app=${app} title="同步" tab="sync">
    <${WrongClock} app=${app} />
    <p>上次成功同步：<strong>${app.practice ? "练习模式不同步" : agoWords(status.lastSync, app.now())}</strong></p>
    <div class="figures"><p>待上传<b>${status.waiting}</b></p><a href="#/attention">需要处理<b>${app.attention}</b></a></div>
    ${app.syncing && html`<progress aria-label="同步进度" ...${total ? { value: progress?.pushed, max: total } : {}}></progress>
      <p role="status">${total ? `已上传${progress?.pushed}条，共${total}条` : `已下载${progress?.pulled ?? 0}条`}</p>`}
    ${app.trouble && !app.syncing && html`<${Notice} tone="amber">${app.trouble}<//>`}
    ${!app.online && html`<${Notice} tone="grey">现在没有信号，可以照常工作。到有信号处打开“村医”就会同步。<//>`}
    ${!app.practice && html`<p><${Button} kind="main" wide disabled=${app.syncing || !app.online} onClick=${() => app.sync()}>
      ${app.syncing ? "正在同步" : "立即同步"}<//></p>`}
    ${read && html`<h2>没有办完的记录 <small>${read.views.length}份</small></h2>
      ${read.views.length === 0 ? html`<${Empty}>没有。手机里的内容都已上传。<//>`
        : html`<ul class="list">${read.views.map((/** @type {any} */ view) => {
          const state = stateOf(view, read.aside), wanted = open === view.id;
          return html`<li key=${view.id}>
            <button class="row low" aria-expanded=${String(wanted)} onClick=${() => look(wanted ? "" : view.id)}>
              <span>${app.byId.get(view.subject)?.name ?? ""} ${formName(client.catalogue, view.type)}</span>
              <${StateMark} state=${state} /></button>
            ${wanted && html`<${StateWords} app=${app} view=${view} state=${state} aside=${read.aside.get(view.id)} />
              <a class="button plain wide" href=${`#/record/${view.id}`}>打开这份记录</a>`}</li>`;
        })}</ul>`}`}
    <h2>检查和备份</h2>
    <${LineTest} /><p><a class="button wide" href="#/export">导出未上传数据</a></p>
    ${read && !app.practice && html`<${Kept} kept=${read.storage.persisted} />`}
    <ul class="list"><${Link} to="#/work">我的工作<//><${Link} to="#/me">我的（字体、密码、版本、退出）<//></ul><//>`;
}

const ASKED = 3, GOOD_MS = 800, SLOW_MS = 4000;

/** Asks the server three small questions and says how it went. */
function LineTest() {
  const [told, tell] = useState("");
  const [asking, ask] = useState(false);
  const run = async () => {
    ask(true);
    tell("");
    const took = [];
    for (let i = 0; i < ASKED; i += 1) {
      const began = performance.now();
      try {
        const answer = await fetch(`../healthz?${began}`, { cache: "no-store", redirect: "error" });
        // the login page of somebody's Wi-Fi is no answer
        if ((await answer.json()).status === "ok") took.push(performance.now() - began);
      } catch { /* no answer is what is counted below */ }
    }
    const mean = Math.round(took.reduce((sum, one) => sum + one, 0) / (took.length || 1));
    const word = took.length === 0 ? "连不上服务器。请换个有信号的地方。"
      : took.length < ASKED ? "时断时续，同步可能要多试几次。"
      : mean < GOOD_MS ? "很好，可以同步。" : mean < SLOW_MS ? "有些慢，可以同步，请多等一会儿。" : "很慢，最好换个地方。";
    tell(`${ASKED}次中${took.length}次有回答${took.length ? `，平均${mean}毫秒` : ""}。${word}`);
    ask(false);
  };
  return html`<${Button} wide disabled=${asking} onClick=${run}>${asking ? "正在测试" : "网络测试"}<//><p role="status">${told}</p>`;
}
