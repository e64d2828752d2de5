/**
 * The language switch at the top of the page: whoever holds a pass is written to in the same language. What could not be
 * told is kept, and told when the wallet is opened next.
 * @module
 */
import { call } from "./api.js";
import { get, holder, OWN, put, remove } from "./store.js";

const PATIENCE_MS = 3000;

/**
 * Tell the agency before the page goes; the page does not wait long.
 * @param {string} language
 * @returns {Promise<void>}
 */
export async function speak(language) {
  if (!(await known())) return;
  await put("speaks", language);
  await Promise.race([tellLanguage(), new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
}

/** @returns {Promise<void>} tell what was not told yet; nothing where there is nothing, or nobody to tell */
export async function tellLanguage() {
  const language = await get("speaks");
  const own = language && (await known());
  if (!own) return;
  try {
    await call("POST", "/pass/language", { language }, own.device);
    if ((await get("speaks")) === language) await remove("speaks");
  } catch (problem) {
    if (problem.status >= 400 && problem.status < 500) await remove("speaks");
  }
}

/** @returns {Promise<import("./store.js").Holder|undefined>} the phone's owner, as long as the agency knows this phone */
async function known() {
  const own = await holder(OWN);
  return own?.device.id && own.pass && !own.pass.gone ? own : undefined;
}
