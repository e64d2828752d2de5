/**
 * A page of counts that stays open: it asks for its figures anew at the pace that the server sets (`data-poll`, seconds),
 * not while nobody looks, and more seldom when the server is out of reach. Without this module a link does the same.
 * @module
 */

const TIMEOUT_MS = 10_000;
const LONGEST_S = 600;
const frame = document.querySelector("[data-live]");

let failures = 0;

/** @returns {Element|null} the part that is renewed, with its address and its pace */
const part = () => frame?.querySelector("[data-poll]") ?? null;

/** @returns {number} milliseconds until the next look, some chance in it, so that pages do not ask at once */
function pauseMs() {
  const seconds = Number(part()?.getAttribute("data-poll")) || LONGEST_S;
  return Math.min(LONGEST_S, seconds * 2 ** failures) * 1000 * (0.9 + Math.random() * 0.2);
}

/** @returns {Promise<void>} */
async function look() {
  const address = part()?.getAttribute("data-address");
  if (!address || document.hidden) return;
  try {
    const answer = await fetch(address, { cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (answer.redirected || answer.status === 404) return location.reload(); // signed out, or no staff here any more
    if (!answer.ok) throw new Error(String(answer.status));
    renew(await answer.text());
    failures = 0;
  } catch {
    failures += 1;
  }
}

/** Put the new part in place of the old; what was folded open stays so. @param {string} html */
function renew(html) {
  const old = part();
  const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("[data-poll]");
  if (!old || !fresh || old.contains(document.activeElement)) return;
  old.querySelectorAll("details").forEach((details, n) => {
    const same = fresh.querySelectorAll("details")[n];
    if (same) same.open = details.open;
  });
  old.replaceWith(document.adoptNode(fresh));
}

async function turn() {
  await look();
  setTimeout(turn, pauseMs());
}

if (part()) {
  setTimeout(turn, pauseMs());
  document.addEventListener("visibilitychange", () => document.hidden || look());
}
