/** The service worker: keeps one version of the app on the phone and answers from it. The server writes VERSION above. */
/* global VERSION */
const NAME = `cunyi-app-${VERSION}`;
const scope = () => new URL(self.registration.scope);

/** All files from one answer; a version that is not the one of this worker is not taken. */
async function install() {
  const answer = await fetch(`pack.json?${VERSION}`);
  const pack = await answer.json();
  if (pack.version !== VERSION) throw new Error("the server has changed meanwhile");
  const cache = await caches.open(NAME);
  await Promise.all(Object.entries(pack.files).map(([path, { type, body }]) =>
    cache.put(new URL(path, scope()), new Response(body, { headers: { ...pack.headers, "Content-Type": type } }))));
}

async function takeOver() {
  for (const name of await caches.keys()) if (name.startsWith("cunyi-app-") && name !== NAME) await caches.delete(name);
  await self.clients.claim();
}

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(takeOver()));
self.addEventListener("message", (event) => { if (event.data === "use") self.skipWaiting(); });

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const [url, root] = [new URL(request.url), scope()];
  if (request.method !== "GET" || url.origin !== root.origin || !url.pathname.startsWith(root.pathname)) return;
  const path = request.mode === "navigate" ? root : new URL(url.pathname, root);
  event.respondWith(caches.open(NAME).then((cache) => cache.match(path)).then((kept) => kept ?? fetch(request)));
});
