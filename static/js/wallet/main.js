/**
 * The wallet opens: from what the phone holds, before anything is asked of the network.
 * @module
 */
import { guardLanguageSwitch } from "../language.js";
import { askServer, inDoubt, loadClock } from "./clock.js";
import { restore } from "./issue.js";
import { hidePass, preparePass, refreshQuietly, showPass } from "./show.js";
import { get } from "./store.js";
import { text } from "./texts.js";
import { announce, currentScreen, element, isHeld, notice, problemText, showError, whileBusy } from "./view.js";
import { askPhone, prepareVerification, resumeVerification } from "./verify.js";

/** @returns {Promise<void>} */
async function open() {
  if (location.search) history.replaceState(null, "", location.pathname);
  guardLanguageSwitch(() => element("notices").replaceChildren(notice("warning", text("language_offline"))));
  preparePass({ check: checkPhone, lost: startOver });
  await prepareVerification({ verified, back: () => showPass() });
  element("restore-button").addEventListener("click", restorePass);
  addEventListener("online", restoreWhenBack);
  element("me-open").addEventListener("click", openMe);
  offerInstall();
  await loadClock();
  const pass = await get("pass");
  if (inDoubt() && !pass) await offerRestore();
  if (await resumeVerification()) return;
  if (!pass) {
    askPhone({ known: false, focus: null });
    return;
  }
  await showPass({ focus: null });
  await refreshQuietly();
}

/** @returns {Promise<void>} */
async function checkPhone() {
  hidePass();
  const pass = await get("pass");
  askPhone({ known: true, phone: pass?.phone, back: true });
}

/**
 * @param {string} code why the agency takes no word of this phone
 * @returns {Promise<void>}
 */
async function startOver(code) {
  hidePass();
  const moved = code === "unknown_device";
  askPhone({ known: false, back: true, why: text(moved ? "device_gone" : "not_recognised") });
  if (!moved) await offerRestore();
}

/**
 * The citizen's own page, whose modules are read on first use.
 * @returns {Promise<void>}
 */
async function openMe() {
  hidePass();
  const me = await import("./me.js");
  await me.open({ back: () => showPass() });
}

/** @returns {Promise<void>} */
async function verified() {
  element("restore").hidden = true;
  await navigator.storage?.persist?.().catch(() => false);
  await showPass();
}

/**
 * An empty storage may be one that the browser cleared: the cookie tells, and one tap brings the pass back.
 * @returns {Promise<void>}
 */
async function offerRestore() {
  const answer = await askServer();
  element("restore").hidden = !answer?.restorable;
}

/** @returns {Promise<void>} */
async function restoreWhenBack() {
  if (currentScreen() === "phone" && !(await get("pass"))) await offerRestore();
}

/** @returns {Promise<void>} */
async function restorePass() {
  const button = element("restore-button");
  if (isHeld(button)) return;
  showError("restore-error", "");
  try {
    await whileBusy(button, text("refreshing"), restore);
    await verified();
    announce(text("restored"));
  } catch (problem) {
    const gone = [401, 403, 404, 410].includes(problem.status);
    showError("restore-error", gone ? text("restore_gone") : problemText(problem));
    button.hidden = gone;
    if (gone) element("phone").focus();
  }
}

/** @returns {void} */
function offerInstall() {
  const button = element("install");
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    button.hidden = false;
    button.onclick = async () => {
      button.hidden = true;
      await /** @type {any} */ (event).prompt();
    };
  });
}

navigator.serviceWorker?.register("/pass/sw.js", { scope: "/pass/", updateViaCache: "all" }).catch(() => undefined);
open().catch(() => {
  element("notices").replaceChildren(notice("danger", text(window.indexedDB ? "unexpected" : "storage_closed")));
});
