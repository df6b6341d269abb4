/** 我的: size of the text, the PIN, the version, practice, leaving; and how to find the app on the phone. */
import { pauseWords, PinPad } from "./lock.js";
import { Button, Chips, Confirm, Facts, html, Link, Notice, Page, Shape, useEffect, useState } from "./parts.js";
import { weak } from "./pin.js";
import { installed, useNewVersion, VERSION } from "./version.js";

const SIZES = ["标准", "大", "特大"];

/** @param {{app: import("./app.js").App}} props */
export function Me({ app }) {
  const [leaving, leave] = useState(false);
  const [newer, found] = useState(/** @type {boolean|null} */ (null));
  const look = async () => found(await installed());
  useEffect(() => { look(); }, []);
  const { status } = app;
  const update = async () => { if (!(await useNewVersion())) app.warn("有表格还没有填完。请先保存，再更新。"); };
  return html`<${Page} app=${app} title="我的" back="#/sync" tab="sync">
    <${Facts} of=${[["姓名", status.person?.name], ["这部手机", `${app.rows.length}人的资料`], ["版本", VERSION.slice(0, 8)]]} />
    <${Chips} label="字体大小" options=${SIZES.map((label, i) => ({ value: String(i), label }))} value=${String(app.settings.font)}
      onChange=${(/** @type {string} */ size) => app.setFont(Number(size))} />
    ${newer ? html`<${Notice}><p>有新版本。</p><${Button} kind="main" wide onClick=${update}>更新<//><//>`
      : html`<${Button} wide onClick=${look}>${newer === false ? "已是最新版本，再查一次" : "检查更新"}<//>`}
    <ul class="list">${!app.practice && html`<${Link} to="#/pin">修改锁屏密码<//>`}
      <${Link} to="#/work">我的工作<//><${Link} to="#/guide">固定到桌面<//>
      <li><button class="row low" onClick=${() => app.turnTo(!app.practice)}>
        <span>${app.practice ? "离开练习模式" : "练习模式（虚构的人）"}</span><${Shape} name="on" /></button></li></ul>
    <h2>退出</h2>
    ${status.waiting > 0 && !app.practice
      && html`<${Notice} tone="amber">还有${status.waiting}条没有上传。它们会留在手机里，但请先到有信号处同步。<//>`}
    ${leaving ? html`<${Confirm} yes="退出" danger=${status.waiting > 0} onYes=${() => app.leave()} onNo=${() => leave(false)}
      ask=${status.waiting > 0 ? `还有${status.waiting}条没有上传，仍要退出吗？` : "退出后，再打开要输入锁屏密码。"} />`
      : html`<${Button} wide onClick=${() => leave(true)}>退出<//>`}<//>`;
}

/** A new PIN: the old one, the new one, the new one again. @param {{app: import("./app.js").App}} props */
export function NewPin({ app }) {
  const [[step, before, next], turn] = useState(/** @type {[number, string, string]} */ ([0, "", ""]));
  const typed = async (/** @type {string} */ pin) => {
    if (step === 0) turn([1, pin, ""]);
    else if (step === 1) {
      const why = weak(pin);
      if (why) return why;
      turn([2, before, pin]);
    } else if (pin !== next) {
      turn([1, before, ""]);
      return "两次不一样";
    } else {
      try {
        await app.client.changePin(before, pin);
      } catch (error) {
        turn([0, "", ""]);
        const { name, waitSeconds } = /** @type {any} */ (error);
        if (waitSeconds > 0) return pauseWords(waitSeconds);
        return name === "WrongPinError" ? "原来的密码不对" : "没有改成，密码还是原来的";
      }
      app.back("#/me");
      app.say("锁屏密码已修改");
    }
  };
  return html`<${PinPad} title=${["请输入原来的密码", "请输入新密码", "再输一次新密码"][step]} onPin=${typed} said="六位数字">
    <${Button} onClick=${() => app.back("#/me")}>不改了<//><//>`;
}

/** @param {{app: import("./app.js").App}} props */
export const Guide = ({ app }) => html`<${Page} app=${app} title="固定到桌面" back="#/me" tab="sync"><${InstallSteps} /><//>`;

/** @type {[RegExp, string, string[]][]} by what the browser says of itself; the last fits every phone */
const STEPS = [
  [/iPhone|iPad/, "苹果手机", ["点底部中间的“分享”", "选择“添加到主屏幕”"]],
  [/HUAWEI|HarmonyOS|HONOR/i, "华为、荣耀", ["点浏览器底部的“更多”", "选择“添加到”，再选“桌面”"]],
  [/Xiaomi|MIUI|Redmi/i, "小米、红米", ["点浏览器底部的“≡”", "选择“工具箱”或“更多”", "选择“添加到桌面”"]],
  [/OPPO|HeyTap|OnePlus|realme|vivo/i, "OPPO、vivo", ["点浏览器底部的菜单", "选择“添加到桌面”", "没有提示时，在设置里允许浏览器“创建桌面图标”"]],
  [/./, "其他手机", ["点浏览器右上角的“⋮”", "选择“添加到主屏幕”或“安装应用”"]],
];

/** @type {any} what Chrome offers, until it is used */
let offer = null;
addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  offer = event;
});

/** How this phone puts the app on its desktop. */
export function InstallSteps() {
  const [, brand, steps] = /** @type {[RegExp, string, string[]]} */ (STEPS.find(([fits]) => fits.test(navigator.userAgent)));
  if (matchMedia("(display-mode: standalone)").matches) return html`<${Notice}>已经固定到桌面。<//>`;
  return html`<div class="card"><h2>固定到桌面（${brand}）</h2>
    ${offer && html`<${Button} wide onClick=${() => offer.prompt()}>添加到桌面<//>`}
    <ol class="steps">${steps.map((step) => html`<li>${step}</li>`)}</ol><p class="muted">以后点桌面上的“村医”打开，没有信号也能用。</p></div>`;
}
