/** The version that runs, and the change to a new one: only when the person asks or nothing is open, never under a form. */

/** @returns {Promise<ServiceWorkerRegistration|undefined>} */
const registration = async () => navigator.serviceWorker?.getRegistration();

/** The hash of the files that this page runs, as the shell says. */
export const VERSION = document.documentElement.dataset.version ?? "";

/** Ask whether there is a new version, and wait until it is here; true where one waits. @returns {Promise<boolean>} */
export async function installed() {
  const found = await registration();
  if (navigator.onLine) await found?.update().catch(() => undefined);
  const coming = found?.installing;
  if (coming) await new Promise((go) => { coming.onstatechange = () => coming.state !== "installing" && go(null); });
  return Boolean(found?.waiting);
}

/** Change to the version that waits, unless a form is open in any tab; false where nothing changes. The page loads anew. */
export async function useNewVersion() {
  const waiting = (await registration())?.waiting;
  if (!waiting) return false;
  return navigator.locks.request("cunyi-form", { ifAvailable: true }, async (lock) => {
    if (!lock) return false;
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
    waiting.postMessage("use");
    return true;
  });
}
