/** The first script of the page: lets the service worker fetch all files in one request, then starts the app from there. */

const worker = navigator.serviceWorker;

/** A worker serves this page, or cannot; then the files come one by one. */
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

const words = document.getElementById("opening");
served()
  .then(() => import("./main.js"))
  .catch(() => {
    if (words) words.textContent = "没有下载完。请到有信号的地方，关掉这一页再打开一次。";
  });
