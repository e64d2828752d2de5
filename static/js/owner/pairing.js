/**
 * The page with a pairing code: it asks now and then whether the scanner is paired, and shows itself anew once it is.
 * Without this module a link does the same.
 * @module
 */

const EVERY_MS = 3000;
const address = document.querySelector("[data-state-address]")?.getAttribute("data-state-address");

/** @returns {Promise<void>} */
async function look() {
  try {
    if (document.hidden) return;
    const answer = await fetch(address, { cache: "no-store", signal: AbortSignal.timeout(EVERY_MS) });
    if (answer.redirected || (answer.ok && (await answer.json()).state !== "waiting")) location.reload();
  } catch {
    // Out of reach for a moment: the next look tells.
  }
}

if (address) setInterval(look, EVERY_MS);
