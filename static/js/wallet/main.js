/**
 * The wallet opens: from what the phone holds, before anything is asked of the network.
 * @module
 */
import { guardLanguageSwitch } from "../language.js";
import { fetchKeys } from "./agency.js";
import { askServer, inDoubt, loadClock } from "./clock.js";
import { awaitCode, confirmAgain, hasBegun, prepareEntry, resumeEntry } from "./enter.js";
import { prepareFamily } from "./family.js";
import { prepareFit, showFit } from "./fit.js";
import { fetchOthers, restore } from "./issue.js";
import { joinLine, leaveLine, prepareLine, resumeLine } from "./line.js";
import { learn, look } from "./outage.js";
import { askIdentity, askPhone, clearPhone, preparePhone, renewNow, tellRefusal } from "./phone.js";
import { fetchSafe, prepareSafe } from "./safe.js";
import { speak, tellLanguage } from "./speech.js";
import { hidePass, preparePass, refreshQuietly, showAgain, showPass } from "./show.js";
import { chosen, holder, OWN, put } from "./store.js";
import { text } from "./texts.js";
import { announce, currentScreen, element, isHeld, notice, problemText, showError, tellProblem, whileBusy } from "./view.js";
import { openVisit, prepareVisit, takeCode, takeKept } from "./visit.js";
import { prepareCard, resumeVisits, showCard, showLine } from "./visit-card.js";

/** @returns {Promise<void>} */
async function open() {
  const poster = takeCode();
  if (location.search) history.replaceState(null, "", location.pathname);
  guardLanguageSwitch(() => element("notices").replaceChildren(notice("warning", text("language_offline"))), speak);
  tellLanguage();
  await prepare();
  await loadClock();
  if (poster) {
    await visit(poster);
    return;
  }
  const carries = await chosen();
  if (inDoubt() && !carries) await offerRestore();
  if (await resumeEntry({ aside: Boolean(carries) })) return;
  if (carries) {
    await home({ focus: null });
    resumeLine({ show: false });
    resumeVisits();
    await fetchKeys();
    await refreshQuietly();
  } else if (!(await resumeLine({ show: true }))) {
    askPhone({ known: false, focus: null });
    await look();
  }
}

/**
 * A poster brought us here.
 * @param {string} code
 * @returns {Promise<void>}
 */
async function visit(code) {
  hidePass();
  await openVisit(code);
  await fetchKeys();
  await resumeVisits();
}

/** @returns {Promise<void>} every screen knows where it leads */
async function prepare() {
  const back = () => home();
  const line = joinLine;
  preparePass({ renew: renewNow, check: checkPhone, lost: startOver });
  await preparePhone({ begun: (begun, code) => (code ? confirmAgain(begun, code) : awaitCode(begun)), line, back });
  prepareLine({ sent, refused, back, leave });
  prepareEntry({ verified, identity: askIdentity, unfit: showFit, line, change, back });
  prepareFit({ verified, spent: askAnew, back: leave });
  prepareFamily({ chosen: back });
  prepareSafe();
  prepareVisit({ back: leave, getPass: () => askPhone({ known: false }), done: () => showCard() });
  prepareCard({ back: leave });
  element("restore-button").addEventListener("click", restorePass);
  element("pass-code-enter").addEventListener("click", () => resumeEntry());
  element("me-open").addEventListener("click", openMe);
  addEventListener("online", restoreWhenBack);
  addEventListener("hashchange", () => visitIfAsked());
  offerInstall();
}

/** @returns {Promise<void>} a poster was opened where the wallet stood open */
async function visitIfAsked() {
  const code = takeCode();
  if (code) await visit(code);
}

/**
 * The pass, with what is going on beside it.
 * @param {{focus?: string|null}} [options]
 * @returns {Promise<void>}
 */
async function home(options) {
  await showPass(options);
  element("pass-code").hidden = !(await hasBegun());
  await showLine();
}

/** @returns {Promise<void>} the form for a number that is typed */
async function checkPhone() {
  hidePass();
  const own = await holder(OWN);
  askPhone({ known: Boolean(own?.pass && !own.pass.gone), phone: own?.pass?.phone, back: true });
}

/**
 * The pass where there is one, else the first step.
 * @returns {Promise<void>}
 */
async function leave() {
  if (await chosen()) await home();
  else askPhone({ known: false });
}

/**
 * It was our turn while the citizen waited: on to the code; a pass that is being shown is not pushed aside.
 * @param {import("./store.js").Begun} begun
 * @returns {void}
 */
function sent(begun) {
  if (currentScreen() === "waiting") {
    awaitCode(begun);
    return;
  }
  element("pass-code").hidden = false;
  announce(text("code_came"));
}

/**
 * @param {import("./api.js").Problem} problem why no code can be sent after the waiting
 * @param {import("./store.js").Asked} asked
 * @returns {void}
 */
function refused(problem, asked) {
  if (currentScreen() !== "waiting") {
    tellProblem("check-error", problem);
    return;
  }
  if (asked.identity) {
    element("name").value = asked.identity.name;
    element("birth-date").value = asked.identity.birthDate;
  }
  askPhone({ known: !asked.identity, phone: asked.phone, back: !asked.identity });
  tellRefusal(problem);
}

/**
 * @param {import("./store.js").Begun} begun the check whose number was wrong
 * @returns {void}
 */
function change({ identity, phone }) {
  askPhone({ known: !identity, phone, back: !identity, focus: "phone" });
}

/**
 * @param {import("./store.js").Begun} begun a check whose code is no longer good
 * @param {string} why
 * @returns {void}
 */
function askAnew(begun, why) {
  askPhone({ known: false, phone: begun.phone, focus: "phone-submit" });
  showError("phone-form-error", why);
}

/**
 * @param {string} code why the agency takes no word of this phone
 * @returns {Promise<void>}
 */
async function startOver(code) {
  hidePass();
  const moved = code === "unknown_device";
  const phone = (await holder(OWN))?.pass?.phone;
  askPhone({ known: false, phone, back: true, why: text(moved ? "device_gone" : "not_recognised") });
  if (!moved) await offerRestore();
}

/**
 * The citizen's own page, whose modules are read on first use.
 * @returns {Promise<void>}
 */
async function openMe() {
  hidePass();
  const me = await import("./me.js");
  await me.open({ back: () => home() });
}

/**
 * @param {import("./store.js").Pass} pass
 * @returns {Promise<void>}
 */
async function verified(pass) {
  element("restore").hidden = true;
  clearPhone();
  learn(pass.outage);
  await leaveLine();
  await put("chosen", OWN);
  await navigator.storage?.persist?.().catch(() => false);
  const poster = await takeKept();
  if (poster) await openVisit(poster);
  else await home();
  if (await fetchOthers()) await showAgain(); // one of theirs may be on the screen by now
  await fetchSafe();
  await fetchKeys();
}

/**
 * An empty storage may be one that the browser cleared: the cookie tells, and one tap brings the pass back.
 * @returns {Promise<void>}
 */
async function offerRestore() {
  const answer = await askServer();
  if (answer) learn(answer.outage);
  element("restore").hidden = !answer?.restorable;
}

/** @returns {Promise<void>} */
async function restoreWhenBack() {
  if (currentScreen() === "phone" && !(await chosen())) await offerRestore();
}

/** @returns {Promise<void>} */
async function restorePass() {
  const button = element("restore-button");
  if (isHeld(button)) return;
  showError("restore-error", "");
  try {
    await verified(await whileBusy(button, text("refreshing"), restore));
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
navigator.serviceWorker?.register("/v/sw.js", { scope: "/v/", updateViaCache: "all" }).catch(() => undefined);
open().catch(() => {
  element("notices").replaceChildren(notice("danger", text(window.indexedDB ? "unexpected" : "storage_closed")));
});
