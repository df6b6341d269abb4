/** A copy of what is not uploaded, as one enciphered file: for a phone that is about to fail. */
import { html, Field, Notice, Page, Button, useState } from "../parts.js";

const LEAST = 6;

/** @param {{app: any}} props */
export function ExportScreen({ app }) {
  const [password, type] = useState("");
  const [again, repeat] = useState("");
  const [fault, tell] = useState(/** @type {Record<string, string>} */ ({}));
  const [file, made] = useState(/** @type {string|null} */ (null));
  const waiting = app.status.waiting;
  const make = async () => {
    /** @type {Record<string, string>|null} */
    const wrong = password.length < LEAST ? { password: `密码至少${LEAST}位，请再输入` }
      : password !== again ? { again: "两次输入的密码不一样，请再输入" } : null;
    tell(wrong ?? {});
    if (wrong) return;
    try {
      const blob = await app.client.exportUnsent(password);
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = `cunyi-${app.today()}.json`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
      made(link.download);
    } catch {
      tell({ password: "没有导出成功，请检查手机空间，再试一次" });
    }
  };
  return html`<${Page} app=${app} title="导出未上传数据" back="#/sync" tab="sync">
    ${waiting === 0 ? html`<${Notice}>全部已上传，不需要导出。<//>`
      : html`<p>有 <b>${waiting}</b> 条还没有上传。导出的文件加了密，没有密码谁也打不开。请把文件交给组长，并当面告诉密码。</p>
      <${Field} label="给文件设一个密码" type="password" value=${password} error=${fault.password} onInput=${type}
        autocomplete="new-password" />
      <${Field} label="再输入一次" type="password" value=${again} error=${fault.again} onInput=${repeat} autocomplete="new-password" />
      <${Button} kind="main" wide onClick=${make}>导出<//>
      ${file && html`<${Notice}>已导出到手机的“下载”里：${file}。手机里的内容没有减少，有信号时照样上传。<//>`}`}<//>`;
}
