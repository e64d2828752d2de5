/**
 * The citizen's own page: what the agency holds about whose pass is on the screen. What was told last is kept on the
 * phone beside the pass, and shown with its time where there is no network.
 * @module
 */
import { asProblem, call } from "./api.js";
import { showRequests, prepareAsking } from "./me-ask.js";
import { deviceRow, prepareDevices } from "./me-devices.js";
import { closeVisits, prepareVisits } from "./me-visits.js";
import { askToLeave, prepareLeaving } from "./me-leave.js";
import { consentRow, lookRow, messageRow, peopleRows, phoneFacts, recordRow, ruleNotice, todayText } from "./me-words.js";
import { chosen, holder, putHolder } from "./store.js";
import { dayText, momentText, text } from "./texts.js";
import { seoulDay } from "../strip.js";
import { currentScreen, element, notice, problemText, showScreen } from "./view.js";

/** @typedef {import("./me-words.js").Page} Page */

let prepared = false;
let whose = "";
/** @type {() => Promise<void>} */
let onBack;

/**
 * @param {{back: () => Promise<void>}} then leads back to the pass
 * @returns {Promise<void>}
 */
export async function open(then) {
  onBack = then.back;
  if (!prepared) prepare();
  const current = await chosen();
  whose = current.id;
  element("me-whose").textContent = current.pass.maskedName;
  closeVisits();
  element("me-notice").replaceChildren();
  element("me-state").textContent = text("me_fetching");
  show(current.page);
  showScreen("me");
  await refresh();
}

/** @returns {void} */
function prepare() {
  prepared = true;
  for (const id of ["me-back", "me-back-below"]) element(id).addEventListener("click", () => onBack());
  element("me-leave").addEventListener("click", async () => askToLeave(await holder(whose)));
  prepareAsking({ whose: () => holder(whose), changed: refresh });
  prepareDevices({ whose: () => holder(whose), ended: refresh });
  prepareVisits({ whose: () => holder(whose) });
  prepareLeaving({ back: () => showScreen("me", { focus: "me-leave" }), left: () => onBack() });
  addEventListener("online", () => {
    if (currentScreen() === "me") refresh();
  });
}

/**
 * Ask the agency anew, and keep what it tells.
 * @returns {Promise<void>}
 */
async function refresh() {
  const asked = whose;
  const current = await holder(asked);
  try {
    if (!current.device.id) throw new Error("never issued");
    const page = await call("GET", "/pass/me", undefined, current.device);
    await putHolder({ ...(await holder(asked)), page });
    if (asked !== whose) return;
    element("me-notice").replaceChildren();
    element("me-state").textContent = text("me_fresh", { date: momentText(page.time) });
    show(page);
  } catch (reason) {
    if (asked === whose) showOld(asProblem(reason), current.page);
  }
}

/**
 * @param {import("./api.js").Problem} problem
 * @param {Page|undefined} kept
 * @returns {void}
 */
function showOld(problem, kept) {
  const date = kept && momentText(kept.time);
  const gone = ["unknown_device", "bad_signature"].includes(problem.code);
  const away = ["offline", "unavailable"].includes(problem.code);
  let words = problemText(problem);
  if (kept && gone) words = text("me_gone", { date });
  else if (kept && away) words = text("me_old", { date });
  else if (away) words = text("me_none");
  element("me-state").textContent = "";
  element("me-notice").replaceChildren(notice("warning", words));
}

/**
 * @param {Page|undefined} page nothing is shown without
 * @returns {void}
 */
function show(page) {
  element("me-held").hidden = !page;
  if (!page) return;
  if (page.outage && element("me-notice").childElementCount === 0) {
    const date = dayText(seoulDay(page.outage.since / 1000));
    element("me-notice").replaceChildren(notice("info", text("me_outage", { date })));
  }
  element("me-rules").replaceChildren(...(page.notices ?? []).map(ruleNotice));
  element("me-today").textContent = todayText(page);
  element("me-records").replaceChildren(...page.records.map(recordRow));
  element("me-phone").replaceChildren(...phoneFacts(page));
  const people = peopleRows(page);
  element("me-family").hidden = people.length === 0;
  element("me-people").replaceChildren(...people);
  element("me-devices").replaceChildren(...page.devices.map(deviceRow));
  for (const id of ["me-sent", "me-language"]) element(id).hidden = Boolean(page.guardian);
  const none = document.createElement("li");
  none.textContent = text("me_no_messages");
  element("me-messages").replaceChildren(...(page.messages.length ? page.messages.map(messageRow) : [none]));
  const looks = page.looks ?? [];
  const nobody = document.createElement("li");
  nobody.textContent = text("me_looks_none");
  element("me-looks").replaceChildren(...(looks.length ? looks.map(lookRow) : [nobody]));
  element("me-consented").hidden = page.consents.length === 0;
  element("me-consents").replaceChildren(...page.consents.map(consentRow));
  showRequests(page);
}
