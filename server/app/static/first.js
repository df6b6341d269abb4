/** First use: the code, the PIN, the first download, and how to find the app again. */
import { Client } from "../../../client_sdk/js/client.js";
import { OfflineError } from "../../../client_sdk/js/errors.js";
import { PRACTICE_PIN } from "./app.js";
import { codeIn, scanned } from "./enrol_link.js";
import { Brand, PinPad } from "./lock.js";
import { InstallSteps } from "./me.js";
import { Button, Field, html, Kept, Notice, useEffect, useLayoutEffect, useRef, useState } from "./parts.js";
import { weak } from "./pin.js";
import { VERSION } from "./version.js";
import { SYNC_WHY } from "./words.js";

/** @type {Record<string, string>} what went wrong with a code, and what to do */
const FAILED = {
  "wrong-code": "这个编号不能用：可能已用过、已过期或输错了。请核对，或向管理员要新的编号。",
  "too-many-attempts": "输错的次数太多，请一小时后再试。",
  OtherPersonError: "这个编号是别人的。这部手机里还有原来使用人的资料。",
  WrongPinError: "这部手机上次没有登记完。请输入上次设的锁屏密码。",
  OfflineError: "连不上服务器。请到有信号的地方再试一次。",
  StorageError: "手机存储空间不足，请清理后再试。",
  SyncBusyError: "另一个窗口正在登记或同步，请稍候再试。",
  SealedError: "这部手机已被停用。请关掉这一页，再打开。",
};

/** The server that this page came from, whatever prefix it stands under. */
const server = () => new URL("..", location.href.split("#")[0]).href.replace(/\/$/, "");

/** The record types, before any sync has brought them. */
async function types() {
  const answer = await fetch("types.json").catch(() => null);
  if (!answer?.ok) throw new OfflineError("no types");
  return answer.json();
}

/** What the owner will call this phone. */
const model = () => /Android [^;]*; ([^;)]+?)(?: Build|\))/.exec(navigator.userAgent)?.[1]
  ?? (/iPhone|iPad/.exec(navigator.userAgent)?.[0] ?? "手机");

/** @param {{app: import("./app.js").App}} props */
export function First({ app }) {
  const given = codeIn(location.hash);
  const [code, write] = useState(given);
  const [step, turn] = useState(given && !app.evicted ? "pin" : "code"); // what was lost is told first
  const [pin, choose] = useState("");
  const [error, tell] = useState(/** @type {string|null} */ (null));
  const [client, keep] = useState(/** @type {any} */ (null));
  const [begun, stop] = useState(false);
  const [progress, show] = useState(/** @type {any} */ (null));
  const heading = useRef(/** @type {HTMLElement|null} */ (null));
  const inWeChat = /MicroMessenger/.test(navigator.userAgent);
  useLayoutEffect(() => heading.current?.focus(), [step]);
  // where nobody can enrol the code stays in the address, for the browser that is opened next
  useLayoutEffect(() => { if (given && isSecureContext && !inWeChat) history.replaceState(null, "", "#/today"); }, []);

  if (!isSecureContext) return html`<${Unsafe} />`;
  if (inWeChat) return html`<${InWeChat} />`;

  const enrol = async (/** @type {string} */ chosen) => {
    turn("enrol");
    tell(null);
    let opened = client;
    try {
      opened ??= await (app.practice
        ? Client.practise({ name: app.name, pin: chosen, catalogue: app.types ?? await types(), edition: VERSION })
        : Client.enrol(server(), code.trim(), { pin: chosen, device: model(), name: app.name, edition: VERSION }));
      keep(opened);
      const why = app.practice ? [] : (await opened.sync(show)).why;
      if (why.includes("offline") || why.includes("refused")) {
        tell(SYNC_WHY[why[0]]);
        return turn("again");
      }
      turn("ready");
    } catch (trouble) {
      const { slug, name, message } = /** @type {any} */ (trouble);
      tell(FAILED[slug] ?? FAILED[name] ?? `没有成功：${message}`);
      stop(name === "WrongPinError");
      turn(opened || name === "OfflineError" ? "again" : "code"); // enrolled already: the code is used up, and the PIN is set
    }
  };

  const anew = async () => {
    if ((await Client.state(app.name)) !== "new") return location.reload(); // another window has finished what was begun
    await Client.discard(app.name); // nothing was ever written there
    stop(false);
    tell(null);
  };

  const first = (/** @type {string} */ typed) => {
    const why = weak(typed);
    if (why) return why;
    choose(typed);
    turn("pin-again");
  };
  const again = (/** @type {string} */ typed) => {
    if (typed !== pin) {
      turn("pin");
      return "两次不一样";
    }
    enrol(typed);
  };

  if (step === "pin") {
    return html`<${PinPad} key="one" title="设一个锁屏密码" said="六位数字，每次打开时输入" onPin=${first} />`;
  }
  if (step === "pin-again") {
    return html`<${PinPad} key="two" title="再输一次密码" said="请记住，忘了就打不开手机里的资料" onPin=${again} />`;
  }

  return html`<main class="alone"><${Brand} />
    ${step === "code" && html`<${Code} app=${app} code=${code} write=${write} error=${error} heading=${heading}
      onCode=${() => { tell(null); if (app.practice) enrol(PRACTICE_PIN); else turn("pin"); }}
      onAnew=${begun && anew} />`}
    ${step === "enrol" && html`<h1 tabindex="-1" ref=${heading}>${app.practice ? "正在准备" : progress ? "正在下载居民资料" : "正在登记"}</h1>
      <p role="status">${progress ? `已下载${progress.pulled}条` : "正在连接服务器"}</p><progress aria-label="下载进度"></progress>
      <p class="muted">第一次约需几分钟。请不要关闭这一页；断了也没关系，会接着下载。</p>`}
    ${step === "again" && html`<h1 tabindex="-1" ref=${heading}>还没有完成</h1><${Notice} tone="amber">${error}<//>
      <${Button} kind="main" wide onClick=${() => enrol(app.practice ? PRACTICE_PIN : pin)}>再试一次<//>
      ${!client && !app.practice && html`<${Button} kind="plain" wide onClick=${() => turn("code")}>换一个编号<//>`}`}
    ${step === "ready" && html`<${Ready} app=${app} client=${client} heading=${heading} />`}
  </main>`;
}

/** @param {any} props */
function Code({ app, code, write, error, heading, onCode, onAnew }) {
  const [scanning, scan] = useState(false);
  const [empty, say] = useState(false);
  const [refused, refuse] = useState("");
  const next = () => (code.trim() ? onCode() : say(true));
  if (app.practice) return html`<h1 tabindex="-1" ref=${heading}>练习模式</h1><p>里面都是虚构的人，怎么填都可以，什么也不会上传。</p>
    <${Button} kind="main" wide onClick=${onCode}>开始练习<//><${Button} kind="plain" wide onClick=${() => app.turnTo(false)}>返回<//>
    ${error && html`<${Notice} tone="red">${error}<//>`}`;
  return html`<h1 tabindex="-1" ref=${heading}>第一次使用</h1>
    ${app.evicted && html`<${Notice} tone="red"><p>浏览器清除了这部手机里的资料。已上传的都在服务器上，登记后会重新下载；
      <strong>没有上传的记录和没写完的表已经没有了，请补写。</strong></p>
      <p>请打电话给管理员，说明这件事，要一个新的编号。</p><//>`}
    <p>请用管理员给您的编号登记这部手机。编号只能用一次。</p>
    ${"BarcodeDetector" in window && (scanning
      ? html`<${Scanner} onCode=${(/** @type {string} */ found) => { write(found); scan(false); onCode(); }}
        onEnd=${() => scan(false)} said=${refused} onOther=${refuse} />`
      : html`<${Button} kind="main" wide onClick=${() => { refuse(""); scan(true); }}>扫描二维码<//>`)}
    <${Field} label="编号" value=${code} onInput=${(/** @type {string} */ text) => { write(text); say(false); }}
      error=${error ?? (empty ? "请先填写编号" : null)}
      autocapitalize="characters" spellcheck="false"
      onKeyDown=${(/** @type {KeyboardEvent} */ e) => e.key === "Enter" && next()} />
    <${Button} kind="main" wide onClick=${next}>下一步<//>
    ${onAnew && html`<${Button} wide onClick=${onAnew}>忘了上次的密码，重新开始<//>`}
    <${Button} kind="plain" wide onClick=${() => app.turnTo(true)}>先试一试（练习模式）<//>`;
}

/** The camera, until it has seen a code of ours; of another it tells why it is none.
 * @param {{onCode: (code: string) => void, onOther: (why: string) => void, onEnd: () => void, said: string}} props */
function Scanner({ onCode, onOther, onEnd, said }) {
  const view = useRef(/** @type {HTMLVideoElement|null} */ (null));
  const [refused, refuse] = useState(false);
  useEffect(() => {
    /** @type {MediaStream|undefined} */
    let stream;
    let over = false;
    const look = async () => {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      if (over || !view.current) return stream.getTracks().forEach((track) => track.stop());
      view.current.srcObject = stream;
      await view.current.play();
      const detector = new /** @type {any} */ (window).BarcodeDetector({ formats: ["qr_code"] });
      while (!over) {
        for (const seen of await detector.detect(view.current)) {
          const { code, why } = scanned(seen.rawValue, location.href);
          if (over) break;
          over = Boolean(code);
          code ? onCode(code) : onOther(/** @type {string} */ (why));
        }
        await new Promise((go) => { setTimeout(go, 250); });
      }
    };
    look().catch(() => refuse(true));
    return () => {
      over = true;
      stream?.getTracks().forEach((track) => track.stop());
    };
  }, []);
  if (refused) return html`<${Notice} tone="amber">打不开相机。请在下面输入编号。<//>`;
  return html`<video ref=${view} playsinline muted aria-label="相机画面"></video><p role="status">${said || "把二维码放在画面中间。"}</p>
    <${Button} wide onClick=${onEnd}>不扫了<//>`;
}

/** @param {any} props */
function Ready({ app, client, heading }) {
  const [kept, hold] = useState(/** @type {boolean|null} */ (null));
  const [people, count] = useState(/** @type {number|null} */ (null));
  useEffect(() => {
    client.storage().then((/** @type {any} */ said) => hold(said.persisted));
    client.rows().then((/** @type {any[]} */ rows) => count(rows.length));
  }, []);
  return html`<h1 tabindex="-1" ref=${heading}>可以用了</h1>
    ${people !== null && html`<p>手机里有<strong>${people}人</strong>的资料，没有信号也能查看和填写。</p>`}
    ${kept !== null && !app.practice && html`<${Kept} kept=${kept} />`}
    ${!app.practice && html`<${InstallSteps} />`}
    <${Button} kind="main" wide onClick=${() => app.opened(client)}>开始使用<//>`;
}

const Unsafe = () => html`<main class="alone"><${Brand} /><h1>这个地址不安全</h1>
  <p>现在的地址以 <strong>http://</strong> 开头。手机只允许安全的地址保存资料，所以在这里不能登记。</p>
  <p>请用 <strong>https://</strong> 开头的地址打开，或请管理员为服务器装上证书后，再给您新的二维码。</p></main>`;

const InWeChat = () => html`<main class="alone"><${Brand} /><h1>请换浏览器打开</h1>
  <p>微信里打开的网页不能在没有信号时使用。</p>
  <ol class="steps"><li>点右上角的“…”</li><li>选择“在浏览器打开”</li><li>用手机自带的浏览器或 Chrome</li></ol></main>`;
