/**
 * What a citizen tells the agency on the own page: the language, and requests to a clerk.
 * @module
 */
import { asProblem, call } from "./api.js";
import { head, make } from "./me-words.js";
import { momentText, text } from "./texts.js";
import { announce, element, isHeld, problemText, showError, whileBusy } from "./view.js";

/** @type {() => Promise<import("./store.js").Holder>} */
let holderNow;
/** @type {() => Promise<void>} */
let onChanged;

/**
 * @param {{whose: () => Promise<import("./store.js").Holder>, changed: () => Promise<void>}} with_ whose page it is, and
 *   what is done when something changed there
 * @returns {void}
 */
export function prepareAsking({ whose, changed }) {
  holderNow = whose;
  onChanged = changed;
  element("me-ask").addEventListener("submit", ask);
  element("me-ask").addEventListener("change", askReference);
  for (const button of languages()) button.addEventListener("click", () => speak(button));
}

/** @returns {HTMLButtonElement[]} */
function languages() {
  return [...document.querySelectorAll("[data-speak]")].map((one) => /** @type {HTMLButtonElement} */ (one));
}

/**
 * The requests with their answers, and the form for those kinds of which none is open; a number is its holder's matter.
 * @param {import("./me-words.js").Page} page
 * @returns {void}
 */
export function showRequests(page) {
  for (const button of languages()) {
    button.setAttribute("aria-pressed", String(button.dataset.speak === page.language));
  }
  element("me-requests").replaceChildren(...page.requests.map(requestRow));
  const waiting = page.requests.filter((/** @type {any} */ one) => !one.closed_at);
  const taken = waiting.map((/** @type {any} */ one) => one.kind).concat(page.guardian ? ["number"] : []);
  let left = 0;
  for (const choice of element("me-ask").querySelectorAll("[name=kind]")) {
    choice.closest("label").hidden = taken.includes(choice.value);
    if (taken.includes(choice.value)) choice.checked = false;
    else left += 1;
  }
  element("me-ask").hidden = left === 0;
}

/**
 * @param {Record<string, any>} request
 * @returns {HTMLElement}
 */
function requestRow(request) {
  const row = make("li", "", "card me__card");
  const closed = Boolean(request.closed_at);
  row.append(head(text(`me_asked_${request.kind}`), text(closed ? "me_answered" : "me_open"), closed ? "success" : "info"));
  row.append(make("p", text("me_asked_on", { date: momentText(request.opened_at) }), "small subtle"));
  if (request.text) row.append(make("p", request.text, "me__words"));
  if (request.reference) row.append(make("p", text("me_reference", { reference: request.reference }), "small subtle"));
  if (closed) {
    row.append(make("p", text("me_answered_on", { date: momentText(request.closed_at) }), "small subtle"));
    row.append(make("p", request.answer, "me__words me__answer"));
  } else row.append(make("p", text("me_waits"), "small"));
  return row;
}

/**
 * The field for the reference stands where it is about a refusal.
 * @returns {void}
 */
function askReference() {
  const kind = new FormData(/** @type {HTMLFormElement} */ (element("me-ask"))).get("kind");
  element("me-reference-field").hidden = kind !== "refusal";
}

/**
 * @param {SubmitEvent} event
 * @returns {Promise<void>}
 */
async function ask(event) {
  event.preventDefault();
  const button = element("me-ask-submit");
  if (isHeld(button)) return;
  const form = /** @type {HTMLFormElement} */ (element("me-ask"));
  const kind = new FormData(form).get("kind");
  const words = element("me-text");
  showError("me-ask-error", "");
  showError("me-text-error", words.value.trim() ? "" : text("me_text_missing"), words);
  showError("me-kind-error", kind ? "" : text("me_kind_missing"));
  if (!kind) /** @type {HTMLElement} */ (form.querySelector("label:not([hidden]) [name=kind]")).focus();
  if (!kind || !words.value.trim()) return;
  try {
    const reference = kind === "refusal" ? { reference: element("me-reference").value.trim() } : {};
    const payload = { kind, text: words.value.trim(), ...reference };
    await whileBusy(button, text("me_sending"), async () => call("POST", "/pass/requests", payload, await device()));
    form.reset();
    askReference();
    announce(text("me_sent"));
    await onChanged();
    element("me-requests-title").focus();
  } catch (reason) {
    showError("me-ask-error", problemText(asProblem(reason)));
  }
}

/** @returns {Promise<import("./store.js").Device>} that signs for whose page it is */
async function device() {
  return (await holderNow()).device;
}

/**
 * Text messages come in this language; the page follows by the switch at its top.
 * @param {HTMLButtonElement} button
 * @returns {Promise<void>}
 */
async function speak(button) {
  if (isHeld(button)) return;
  const language = button.dataset.speak;
  showError("me-language-error", "");
  try {
    const words = button.textContent;
    await whileBusy(button, words, async () => call("POST", "/pass/language", { language }, await device()));
  } catch (reason) {
    showError("me-language-error", problemText(asProblem(reason)));
    return;
  }
  announce(text("me_language_done"));
  await onChanged();
  const page = /** @type {HTMLButtonElement} */ (document.querySelector(`form[data-language] [value=${language}]`));
  if (document.documentElement.lang !== language) page.click();
}
