/**
 * The page's own upkeep: the service worker that keeps it on the device, its language, and storage that stays.
 * @module
 */

import { askToPersist } from "./storage.js";
import { LANGUAGE } from "./texts.js";

const WORKER = "/scanner/sw.js";
const CHOICE = "munjigi-scanner-language";

/** Look for a newer shell in the background, keep the language's choice and ask that our storage be left alone. */
export async function keepShell() {
  if (location.search) history.replaceState(null, "", location.pathname + location.hash);
  if (globalThis.caches) {
    const cache = await caches.open(CHOICE);
    await cache.put(location.pathname, new Response(LANGUAGE));
  }
  askToPersist();
  if (!navigator.serviceWorker) return;
  navigator.serviceWorker.addEventListener("controllerchange", tellKept);
  tellKept();
  navigator.serviceWorker.register(WORKER).catch(() => {});
}

/** `data-shell="kept"` on the body: from now on this page starts without a server. */
function tellKept() {
  if (navigator.serviceWorker.controller) document.body.dataset.shell = "kept";
}

/**
 * Keep the screen on while the page is before somebody: the system lets go of it whenever the page is hidden, and when
 * the battery runs low; it is taken again when the page comes back, and with the next touch.
 */
export function keepAwake() {
  /** @type {WakeLockSentinel|null} */
  let held = null;
  const hold = async () => {
    if (document.hidden || (held && !held.released) || !navigator.wakeLock) return;
    held = await navigator.wakeLock.request("screen").catch(() => null);
    document.body.dataset.awake = String(held !== null);
    held?.addEventListener("release", () => (document.body.dataset.awake = "false"));
  };
  document.addEventListener("visibilitychange", hold);
  addEventListener("pointerdown", hold, { passive: true });
  hold();
}

/**
 * The button for the whole screen, where the browser has that and the page is not installed already.
 * @param {HTMLElement} button
 * @param {(full: boolean) => void} onChange
 */
export function offerFullScreen(button, onChange) {
  const installed = matchMedia("(display-mode: standalone), (display-mode: fullscreen)").matches;
  button.hidden = !document.fullscreenEnabled || installed;
  button.addEventListener("click", () => {
    const done = document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen();
    done.catch(() => {});
  });
  document.addEventListener("fullscreenchange", () => onChange(document.fullscreenElement !== null));
}
