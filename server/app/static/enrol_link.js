/** The link that enrols a phone: in an address, and in a QR code. Pure. */

/** The code that an address brings along, "" where it brings none. @param {string} hash */
export const codeIn = (hash) => /^#enrol=([0-9A-Za-z-]+)$/.exec(hash)?.[1] ?? "";

/** What a QR code says to the app at the address `here`: the code of a link to this very server, or why it is none.
 * @param {string} text @param {string} here @returns {{code: string, why?: undefined}|{code?: undefined, why: string}} */
export function scanned(text, here) {
  const [link, own] = [read(text), read(here)];
  const code = codeIn(link?.hash ?? "");
  if (!link || !code) return { why: "这不是登记用的二维码，请扫管理员给您的那一个。" };
  if (page(link) === page(/** @type {URL} */ (own))) return { code };
  return { why: `这是另一个服务器（${link.host}）的二维码，在这里不能用。请向管理员要新的。` };
}

/** @param {string} text */
function read(text) {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/** @param {URL} url */
const page = ({ origin, pathname }) => origin + pathname.replace(/\/$/, "");
