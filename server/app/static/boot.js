/** The first script of a page that no worker keeps yet: lets the service worker fetch the app in one request, then starts it. */

const worker = navigator.serviceWorker;

/** A worker serves this page, or cannot; then the app comes file by file. */
async function served() {
  if (!worker) return;
  const registered = worker.register("sw.js").catch(() => undefined);
  if (worker.controller) return;
  const found = await registered;
  const fetching = found?.installing;
  if (!fetching && !found?.active) return;
  await new Promise((go) => {
    worker.addEventListener("controllerchange", go, { once: true });
    fetching?.addEventListener("statechange", () => fetching.state === "redundant" && go(null));
    if (worker.controller || (!fetching && found?.active)) go(null);
  });
}

addEventListener("error", () => {
  const words = document.getElementById("opening");
  if (words) words.textContent = "没有下载完。请到有信号的地方，关掉这一页再打开一次。";
}, true);
served().then(() => document.head.append(Object.assign(document.createElement("script"), { src: "app.js" })));
