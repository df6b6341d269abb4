// The list of what waits: J and K go down and up through it, Enter opens. Nothing here that a mouse could not do.
(() => {
  const rows = () => [...document.querySelectorAll("#t-queue tbody tr")];
  const typing = (element) => element.closest("input, select, textarea, button, [contenteditable]");
  document.addEventListener("keydown", (event) => {
    const step = { j: 1, k: -1 }[event.key.toLowerCase()];
    if (!step || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const every = rows(), here = every.indexOf(document.activeElement.closest("tr"));
    const next = every[Math.min(Math.max(here < 0 ? (step > 0 ? 0 : every.length - 1) : here + step, 0), every.length - 1)];
    if (!next) return;
    event.preventDefault();
    next.querySelector("a")?.focus();
    next.scrollIntoView({ block: "nearest" });
  });
})();
