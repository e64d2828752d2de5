/**
 * The page's own upkeep: the service worker that keeps it on the device, its language, and storage that stays.
 * @module
 */

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
  navigator.storage?.persist?.().catch(() => {});
  if (!navigator.serviceWorker) return;
  navigator.serviceWorker.addEventListener("controllerchange", tellKept);
  tellKept();
  navigator.serviceWorker.register(WORKER).catch(() => {});
}

/** `data-shell="kept"` on the body: from now on this page starts without a server. */
function tellKept() {
  if (navigator.serviceWorker.controller) document.body.dataset.shell = "kept";
}

/** Keep the screen on while the door is open. */
export function keepAwake() {
  const hold = () => document.hidden || navigator.wakeLock?.request("screen").catch(() => {});
  document.addEventListener("visibilitychange", hold);
  hold();
}
