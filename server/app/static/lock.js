/** The question for the PIN, and the page of a phone that was shut out. */
import { Button, Confirm, html, Notice, NumberPad, useEffect, useLayoutEffect, useRef, useState } from "./parts.js";

const DIGITS = 6;

/** Six dots and the pad; the keys of a keyboard serve too. `onPin` gets the six digits and tells what is wrong, if so.
 * @param {{onPin: (pin: string) => Promise<string|undefined>|string|undefined, said?: string, title: any, children?: any,
 *   foot?: any, waits?: boolean}} props */
export function PinPad({ onPin, said, title, children, foot, waits }) {
  const [typed, type] = useState("");
  const [wrong, tell] = useState(/** @type {string|undefined} */ (undefined));
  const [busy, work] = useState(false);
  const heading = useRef(/** @type {HTMLElement|null} */ (null));
  useLayoutEffect(() => heading.current?.focus(), []);
  const key = async (/** @type {string} */ pressed) => {
    if (busy || waits) return;
    const now = pressed === "del" ? typed.slice(0, -1) : (typed + pressed).slice(0, DIGITS);
    type(now);
    if (now.length < DIGITS) return;
    work(true);
    tell(undefined);
    const answer = await onPin(now);
    work(false);
    type("");
    if (answer) tell(answer);
  };
  useEffect(() => {
    const press = (/** @type {KeyboardEvent} */ event) => {
      if (/^[0-9]$/.test(event.key)) key(event.key);
      else if (event.key === "Backspace") key("del");
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  });
  return html`<main class="alone"><${Brand} /><h1 tabindex="-1" ref=${heading}>${title}</h1>${children}
    <div class="dots" role="img" aria-label=${`已输入${typed.length}位，共${DIGITS}位`}>
      ${[...Array(DIGITS)].map((_, i) => html`<i class=${i < typed.length ? "on" : ""}></i>`)}</div>
    <p role="alert" class=${wrong && !busy ? "error" : "muted"}>${busy ? "请稍候" : wrong ?? said ?? ""}</p>
    <${NumberPad} onKey=${key} label="密码键盘" />${foot}</main>`;
}

export const Brand = () => html`<p class="brand"><img src="icon.svg" alt="" />村医</p>`;

/** @param {{app: import("./app.js").App}} props */
export function Lock({ app }) {
  const [left, leave] = useState(/** @type {{edits: number, drafts: number}|null} */ (null));
  const [until, wait] = useState(0);
  const [now, tick] = useState(Date.now());
  const seconds = Math.ceil((until - now) / 1000);
  useEffect(() => {
    app.renew();
    const before = document.title;
    document.title = "村医";
    return () => { document.title = before; };
  }, []);
  useEffect(() => {
    const clock = seconds > 0 ? setTimeout(() => tick(Date.now()), 1000) : undefined;
    return () => clearTimeout(clock);
  }, [until, now]);
  const open = async (/** @type {string} */ pin) => {
    try {
      await app.unlock(pin);
    } catch (error) {
      const { name, message, waitSeconds } = /** @type {any} */ (error);
      if (name !== "WrongPinError") return `打不开：${message}`;
      tick(Date.now());
      wait(Date.now() + waitSeconds * 1000);
      return "密码不对，请再输一次";
    }
  };
  const count = async () => leave(await app.unsent());
  if (left) {
    return html`<${Leave} app=${app} key=${`${left.edits} ${left.drafts}`} left=${left} count=${count}
      onBack=${() => leave(null)} />`;
  }
  return html`<${PinPad} title="请输入锁屏密码" onPin=${open} waits=${seconds > 0} said="六位数字"
    foot=${html`<${Button} kind="plain" wide onClick=${count}>忘了密码，或换人使用<//>`}>
    ${seconds > 0 && html`<${Notice} tone="red">${pauseWords(seconds)}<//>`}
    ${app.covered && html`<p>刚才填写的内容还在。</p>`}<//>`;
}

/** How long a PIN has to wait. @param {number} seconds */
export const pauseWords = (seconds) => `密码错了多次，请等${seconds > 60 ? `${Math.ceil(seconds / 60)}分钟` : `${seconds}秒`}再试`;

/** The way out without the PIN: what would be lost is counted first, and nothing goes before it was said yes to twice.
 * @param {{app: import("./app.js").App, left: {edits: number, drafts: number}, count: () => Promise<void>,
 *   onBack: () => void}} props */
function Leave({ app, left: { edits, drafts }, count, onBack }) {
  const [sure, ask] = useState(false);
  const heading = useRef(/** @type {HTMLElement|null} */ (null));
  useLayoutEffect(() => heading.current?.focus(), []);
  const lost = [edits && `${edits}条没有上传的内容`, drafts && `${drafts}份没写完的表`].filter(Boolean).join("和");
  const discard = async () => {
    const now = await app.unsent(); // another window may have gone on writing
    if (now.edits > edits || now.drafts > drafts) return count();
    await app.discard();
  };
  return html`<main class="alone"><${Brand} /><h1 tabindex="-1" ref=${heading}>忘了密码，或换人使用</h1>
    <p>没有密码，谁也打不开手机里的资料。只能全部清除，再用管理员给的新编号登记。已上传的都在服务器上，登记后会重新下载。</p>
    ${lost ? html`<${Notice} tone="red"><p>手机里还有<strong>${lost}</strong>。清除以后就永远没有了，服务器上也没有。</p>
      <p>没有密码，也不能导出或交给组长。请先再试密码，或请原来的使用人打开，同步以后再清除。</p><//>`
      : html`<${Notice}>手机里没有未上传的内容。<//>`}
    <p>请告诉管理员，把这部手机原来的登记作废。</p>
    <${Button} kind="main" wide onClick=${onBack}>返回，再试密码<//>
    ${sure ? html`<${Confirm} danger ask=${lost ? `真的不要这${lost}了吗？清除后不能恢复。` : "清除后不能恢复，要用新编号登记。"}
      yes=${lost ? "不要了，清除" : "清除"} onYes=${discard} onNo=${() => ask(false)} />`
      : html`<${Button} kind="danger" wide onClick=${() => ask(true)}>清除手机里的资料<//>`}</main>`;
}

/** @param {{app: import("./app.js").App}} props */
export const Retired = ({ app }) => html`<main class="alone"><${Brand} /><h1>这部手机已停用</h1>
  <p>手机里的居民资料已经清除。已保存、没有上传的内容，如果当时有信号，已交给组长。</p>
  <p>没写完、没保存的表没有交出，已一起清除，请凭记忆补写。</p>
  <p>要继续使用，请向管理员要一个新的编号。</p>
  <${Button} kind="main" wide onClick=${() => { app.mode = "first"; app.changed(); }}>输入新的编号<//></main>`;

/** Shut out with something unsent: it can still be handed over, to be looked at by a person.
 * @param {{app: import("./app.js").App}} props */
export const Sealed = ({ app }) => html`<main class="alone"><${Brand} /><h1>这部手机已作废</h1>
  <p>居民资料不能再看。还有<strong>${app.status.waiting}条</strong>没有上传，可以交给组长；交完后，手机里的资料会清除。没写完、没保存的表不能交出，也会清除。</p>
  ${app.trouble && !app.syncing && html`<${Notice} tone="amber">${app.trouble}<//>`}
  <${Button} kind="main" wide disabled=${app.syncing} onClick=${() => app.sync()}>${app.syncing ? "正在交出" : "交给组长"}<//></main>`;
