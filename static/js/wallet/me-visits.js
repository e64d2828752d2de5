/**
 * The holder's own visits: shown after a code to the number on the pass, and kept nowhere on the phone.
 * @module
 */
import { asProblem, call } from "./api.js";
import { make, visitRow } from "./me-words.js";
import { holder, OWN } from "./store.js";
import { text } from "./texts.js";
import { announce, element, holdAfter, isHeld, showError, tellProblem, whileBusy } from "./view.js";

/** @type {() => Promise<import("./store.js").Holder>} */
let holderNow;
let verification = "";

/**
 * @param {{whose: () => Promise<import("./store.js").Holder>}} with_ whose page it is
 * @returns {void}
 */
export function prepareVisits({ whose }) {
  holderNow = whose;
  for (const id of ["me-visits-ask", "me-visits-again"]) element(id).addEventListener("click", () => sendCode(element(id)));
  element("me-visits-form").addEventListener("submit", submit);
}

/**
 * Nothing of one person stays on the page of the next.
 * @returns {void}
 */
export function closeVisits() {
  verification = "";
  element("me-visits-list").replaceChildren();
  element("me-visits-form").hidden = true;
  element("me-visits-ask").hidden = false;
  element("me-visits-code").value = "";
  showError("me-visits-error", "");
}

/** @returns {Promise<any>} what the agency says to a code for our number; null where we have none */
async function begin() {
  const phone = (await holder(OWN))?.pass?.phone;
  return phone ? call("POST", "/verifications", { phone, ...(verification && { verification }) }) : null;
}

/**
 * @param {HTMLButtonElement} button
 * @returns {Promise<void>}
 */
async function sendCode(button) {
  if (isHeld(button)) return;
  showError("me-visits-error", "");
  try {
    const begun = await whileBusy(button, text("sending"), begin);
    if (!begun) {
      showError("me-visits-error", text("me_visits_no_number"));
      return;
    }
    verification = begun.verification;
    element("me-visits-ask").hidden = true;
    element("me-visits-form").hidden = false;
    element("me-visits-code").focus();
    announce(text("me_visits_sent"));
  } catch (reason) {
    const problem = asProblem(reason);
    tellProblem("me-visits-error", problem);
    holdAfter(button, problem, () => sendCode(button));
  }
}

/**
 * @param {SubmitEvent} event
 * @returns {Promise<void>}
 */
async function submit(event) {
  event.preventDefault();
  const button = element("me-visits-submit");
  if (isHeld(button)) return;
  const input = element("me-visits-code");
  const code = input.value.replace(/\D/g, "");
  showError("me-visits-error", code.length === 6 ? "" : text("me_visits_code"), input);
  if (code.length !== 6) {
    input.focus();
    return;
  }
  const asked = verification;
  try {
    const payload = { verification, code };
    const answer = await whileBusy(button, text("me_fetching"), async () => {
      const { device } = await holderNow();
      return call("POST", "/pass/visits", payload, device);
    });
    if (asked === verification) show(answer.visits);
  } catch (reason) {
    const problem = asProblem(reason);
    tellProblem("me-visits-error", problem, input);
    holdAfter(button, problem, () => element("me-visits-form").requestSubmit());
  }
}

/**
 * @param {any[]} visits newest first
 * @returns {void}
 */
function show(visits) {
  element("me-visits-form").hidden = true;
  element("me-visits-code").value = "";
  const none = make("li", text("me_visits_none"));
  element("me-visits-list").replaceChildren(...(visits.length ? visits.map(visitRow) : [none]));
  element("me-visits-title").focus();
  announce(text("me_visits_shown"));
}
