/**
 * Passes of a child or a parent beside one's own: chosen by name, added with consent, ended by who carries them.
 * @module
 */
import { asProblem } from "./api.js";
import { now } from "./clock.js";
import { readDay } from "./fields.js";
import { addWard, endWard } from "./issue.js";
import { carried, forget, OWN, put } from "./store.js";
import { text } from "./texts.js";
import { announce, element, holdAfter, isHeld, showError, showScreen, tellProblem, whileBusy } from "./view.js";

/** @type {() => Promise<void>} */
let onChosen;

/**
 * @param {{chosen: () => Promise<void>}} then shows the pass of whoever is chosen
 * @returns {void}
 */
export function prepareFamily(then) {
  onChosen = then.chosen;
  element("family-open").addEventListener("click", openForm);
  element("family-form").addEventListener("submit", submit);
  element("family-back").addEventListener("click", () => onChosen());
  element("ward-end").addEventListener("click", () => askEnd(true));
  element("ward-keep").addEventListener("click", () => askEnd(false));
  element("ward-end-sure").addEventListener("click", end);
}

/**
 * Buttons for everybody whose pass is here; none where there is one.
 * @param {import("./store.js").Holder} current
 * @returns {Promise<void>}
 */
export async function showHolders(current) {
  const everybody = await carried();
  const buttons = everybody.map((one) => holderButton(one, one.id === current.id));
  const focused = /** @type {HTMLElement|null} */ (document.activeElement)?.dataset.holder;
  element("holders").hidden = everybody.length < 2;
  element("holders").replaceChildren(...buttons);
  if (focused) buttons.find((button) => button.dataset.holder === focused)?.focus();
  element("ward").hidden = current.id === OWN;
  if (element("ward").dataset.id !== current.id) askEnd(false, false);
  element("ward").dataset.id = current.id;
}

/**
 * @param {import("./store.js").Holder} one
 * @param {boolean} pressed
 * @returns {HTMLButtonElement}
 */
function holderButton(one, pressed) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "holder";
  button.dataset.holder = one.id;
  button.setAttribute("aria-pressed", String(pressed));
  const name = document.createElement("strong");
  name.textContent = one.pass.maskedName;
  const relation = document.createElement("span");
  relation.textContent = text(`holder_${one.relation ?? OWN}`);
  button.append(name, relation);
  button.addEventListener("click", () => choose(one));
  return button;
}

/**
 * @param {import("./store.js").Holder} one
 * @returns {Promise<void>}
 */
async function choose(one) {
  await put("chosen", one.id);
  await onChosen();
  element("holders").querySelector('[aria-pressed="true"]')?.focus();
  announce(text("holder_shown", { name: one.pass.maskedName }));
}

/** @returns {void} */
function openForm() {
  element("family-form").reset();
  for (const id of ["relation", "family-name", "family-birth", "family-consent"]) showError(`${id}-error`, "");
  showError("family-error", "");
  showScreen("family");
}

/**
 * @param {SubmitEvent} event
 * @returns {Promise<void>}
 */
async function submit(event) {
  event.preventDefault();
  const button = element("family-submit");
  if (isHeld(button)) return;
  const who = read();
  if (!who) return;
  showError("family-error", "");
  try {
    const id = await whileBusy(button, text("adding"), () => addWard(who));
    element("family-form").reset();
    await put("chosen", id);
    await onChosen();
    announce(text("added"));
  } catch (reason) {
    const problem = asProblem(reason);
    tellProblem("family-error", problem);
    holdAfter(button, problem, () => element("family-form").requestSubmit());
  }
}

/** @returns {Parameters<typeof addWard>[0]|null} null after telling what is missing; the first such has the focus */
function read() {
  const form = element("family-form");
  const chosen = /** @type {HTMLInputElement|null} */ (form.querySelector("[name=relation]:checked"));
  const name = element("family-name").value.trim().normalize("NFC");
  const birthDate = readDay(element("family-birth").value, now());
  const consent = element("family-consent");
  showError("family-consent-error", consent.checked ? "" : text("family_consent_missing"), consent);
  showError("family-birth-error", birthDate ? "" : text("birth_shape"), element("family-birth"));
  showError("family-name-error", name ? "" : text("name_missing"), element("family-name"));
  showError("relation-error", chosen ? "" : text("relation_missing"));
  if (!chosen) form.querySelector("[name=relation]").focus();
  if (!chosen || !name || !birthDate || !consent.checked) return null;
  const relation = /** @type {"child"|"parent"} */ (chosen.value);
  return { name, birthDate, relation, consent: consent.dataset.version };
}

/**
 * @param {boolean} asked
 * @param {boolean} [move] whether the focus follows
 * @returns {void}
 */
function askEnd(asked, move = true) {
  element("ward-sure").hidden = !asked;
  element("ward-end").hidden = asked;
  showError("ward-error", "");
  if (move) element(asked ? "ward-end-sure" : "ward-end").focus();
}

/** @returns {Promise<void>} */
async function end() {
  const button = element("ward-end-sure");
  if (isHeld(button)) return;
  const { id } = element("ward").dataset;
  showError("ward-error", "");
  try {
    await whileBusy(button, text("ending"), () => endWard(id));
    await put("chosen", OWN);
    await onChosen();
    announce(text("ward_ended"));
  } catch (reason) {
    const problem = asProblem(reason);
    tellProblem("ward-error", problem);
    holdAfter(button, problem, end);
  }
}

/**
 * A pass that the agency does not hold for this phone any more is taken off it.
 * @param {string} id
 * @returns {Promise<void>}
 */
export async function takeOff(id) {
  await forget(id);
  await put("chosen", OWN);
  await onChosen();
}
