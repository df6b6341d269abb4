// The key of a device: made on it, never sent, never to be read out. With it the device signs who it is.

const CURVE = { name: "ECDSA", namedCurve: "P-256" };

/** @returns {Promise<CryptoKeyPair>} */
export const madeKey = () => crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]);

/** The public half as the server wants it at enrolment. @param {CryptoKeyPair} key */
export async function publicJwk({ publicKey }) {
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", publicKey);
  return { kty, crv, x, y };
}

/**
 * A JWT (ES256): this device, to this server, just now. No time in it: the nonce says when.
 * @param {CryptoKeyPair} key @param {string} actor @param {string} audience @param {string} nonce
 */
export async function assertion({ privateKey }, actor, audience, nonce) {
  const [head, said] = [
    { alg: "ES256", typ: "JWT" },
    { iss: actor, aud: audience, nonce },
  ].map((part) => urlText(new TextEncoder().encode(JSON.stringify(part))));
  const signature = await crypto.subtle.sign(
    { name: "ECDSA", hash: "SHA-256" },
    privateKey,
    new TextEncoder().encode(`${head}.${said}`),
  );
  return `${head}.${said}.${urlText(new Uint8Array(signature))}`;
}

/** @param {Uint8Array} bytes */
const urlText = (bytes) =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
