/** Keeps the list of messages fresh while somebody looks at it. */
const EVERY_MS = 2000;
const list = document.getElementById("messages");
let shown = "";

/** @returns {Promise<void>} */
async function refresh() {
  if (document.hidden) return;
  try {
    const answer = await fetch(`/messages.html${location.search}`, { cache: "no-store", signal: AbortSignal.timeout(5000) });
    const text = answer.ok ? await answer.text() : shown;
    if (text !== shown && (shown || text !== list.innerHTML.trim())) list.innerHTML = text;
    shown = text;
  } catch {
    // The simulator rests; what was shown stays.
  }
}

setInterval(refresh, EVERY_MS);
document.addEventListener("visibilitychange", refresh);
