/**
 * The safe number: what is written on a paper list instead of the phone number. Fetched once, kept on the phone.
 * @module
 */
import { call } from "./api.js";
import { get, holder, OWN, put } from "./store.js";
import { text } from "./texts.js";
import { announce, element } from "./view.js";

/** @returns {void} */
export function prepareSafe() {
  element("safe-copy").hidden = !navigator.clipboard;
  element("safe-copy").addEventListener("click", async () => {
    await navigator.clipboard.writeText(element("safe-number").textContent).catch(() => undefined);
    announce(text("copied"));
    element("safe-copied").textContent = text("copied");
  });
}

/**
 * Show the number that the phone holds; none where the pass is gone, as the phone number may be another's now.
 * @returns {Promise<void>}
 */
export async function showSafe() {
  const kept = (await holder(OWN))?.pass?.gone ? undefined : await get("safe");
  element("safe").hidden = !kept;
  element("safe-number").textContent = kept?.text ?? "";
  element("safe-copied").textContent = "";
}

/**
 * Fetch it where it is missing or the phone's number became another. Without a network it is fetched another time.
 * @returns {Promise<void>}
 */
export async function fetchSafe() {
  const own = await holder(OWN);
  const kept = await get("safe");
  const phone = own?.pass?.phone ?? kept?.phone;
  if (!own?.device.id || !own.pass || own.pass.gone || (kept && kept.phone === phone)) return;
  try {
    const answer = await call("POST", "/pass/safe-number", {}, own.device);
    await put("safe", { text: answer.safe_number, phone });
    await showSafe();
  } catch {
    // Nothing depends on it: the next opening tries again.
  }
}
