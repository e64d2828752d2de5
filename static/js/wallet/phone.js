/**
 * The first step of a phone check: number, name, birth date and consent. Or one tap, where the phone knows all that.
 * @module
 */
import { asProblem } from "./api.js";
import { begin } from "./begin.js";
import { now } from "./clock.js";
import { readDay, withHyphens } from "./fields.js";
import { get, holder, OWN, put } from "./store.js";
import { text } from "./texts.js";
import { element, holdAfter, isHeld, showError, showScreen, tellProblem, whileBusy } from "./view.js";

/** A right code that waits for its giver's name: the code need not be sent again. */
let proven = /** @type {(import("./store.js").Begun & {code: string})|null} */ (null);
let consented = false;
/** @type {(begun: import("./store.js").Begun, code?: string) => void} */
let onBegun;
/** @type {(asked: import("./store.js").Asked, place: import("./store.js").Place) => void} */
let onLine;

/**
 * @param {{begun: typeof onBegun, line: typeof onLine, back: () => void}} then `begun` once a code is on its way, with
 *   the code where it is known already; `line` where one has to wait
 * @returns {Promise<void>}
 */
export async function preparePhone(then) {
  onBegun = then.begun;
  onLine = then.line;
  element("phone-form").addEventListener("submit", submitPhone);
  element("phone-back").addEventListener("click", () => then.back());
  consented = (await get("consent"))?.version === consentVersion();
}

/** @returns {string} of the text that the page shows */
export function consentVersion() {
  return element("consent").dataset.version;
}

/**
 * A device that has a pass is not asked who its holder is again.
 * @param {{known: boolean, phone?: string, back?: boolean, focus?: string|null, why?: string}} options
 * @returns {void}
 */
export function askPhone({ known, phone = "", back = false, focus, why = "" }) {
  element("identity").hidden = known;
  element("privacy").hidden = known || consented;
  element("phone-back").hidden = !back;
  const input = element("phone");
  if (phone && !input.value) input.value = withHyphens(phone);
  for (const id of ["phone", "name", "birth", "consent"]) showError(`${id}-error`, "");
  showError("phone-form-error", "");
  element("phone-why").hidden = !why;
  element("phone-why-text").textContent = why;
  proven = null;
  element("phone-submit").textContent = text("send_code");
  showScreen("phone", { focus });
}

/**
 * The code was right, but its giver is unknown or must be given otherwise: ask, and keep the code.
 * @param {import("./store.js").Begun} begun
 * @param {string} code
 * @param {{focus: string, why: string, back: boolean}} options
 * @returns {void}
 */
export function askIdentity(begun, code, { focus, why, back }) {
  if (!element("name").value) element("name").value = begun.identity?.name ?? "";
  if (!element("birth-date").value) element("birth-date").value = begun.identity?.birthDate ?? "";
  askPhone({ known: false, phone: begun.phone, focus, why, back });
  proven = { ...begun, code };
  element("phone-submit").textContent = text("confirm");
}

/**
 * Empty the form once the pass is there: the phone may pass through other hands.
 * @returns {void}
 */
export function clearPhone() {
  proven = null;
  for (const id of ["phone", "name", "birth-date"]) element(id).value = "";
}

/**
 * One tap on the phone that has the pass: a code to the number on it, without a form.
 * @param {HTMLButtonElement} button
 * @param {string} error id of the place for what went wrong
 * @returns {Promise<void>}
 */
export async function renewNow(button, error) {
  if (isHeld(button)) return;
  showError(error, "");
  try {
    await whileBusy(button, text("sending"), renew);
  } catch (reason) {
    const problem = asProblem(reason);
    tellProblem(error, problem);
    holdAfter(button, problem, () => renewNow(button, error));
  }
}

/**
 * @param {import("./store.js").Asked} asked
 * @returns {Promise<void>}
 */
async function ask(asked) {
  const { begun, place } = await begin(asked);
  if (begun) onBegun(begun);
  else onLine(asked, place);
}

/** @returns {Promise<void>} a code for the number of the pass is asked for; where it has none, the number is */
async function renew() {
  const own = await holder(OWN);
  if (own?.pass?.phone && !own.pass.gone) await ask({ phone: own.pass.phone });
  else askPhone({ known: Boolean(own?.pass && !own.pass.gone), phone: own?.pass?.phone, back: true });
}

/**
 * @param {SubmitEvent} event
 * @returns {Promise<void>}
 */
async function submitPhone(event) {
  event.preventDefault();
  const button = element("phone-submit");
  if (isHeld(button)) return;
  showError("phone-form-error", "");
  const phone = readPhone();
  const identity = element("identity").hidden ? undefined : readIdentity();
  const agreed = readConsent();
  if (!phone || identity === null || !agreed) {
    element("phone-form").querySelector('[aria-invalid="true"]')?.focus();
    return;
  }
  if (identity && proven?.phone === phone) {
    const { code, ...begun } = proven;
    proven = null;
    await keepConsent();
    onBegun({ ...begun, identity }, code);
    return;
  }
  try {
    await whileBusy(button, text("sending"), async () => {
      await keepConsent();
      await ask({ phone, identity });
    });
  } catch (reason) {
    tellRefusal(reason);
  }
}

/**
 * @param {any} reason why no code can be sent; told on this screen
 * @returns {void}
 */
export function tellRefusal(reason) {
  const problem = asProblem(reason);
  const wrongNumber = problem.code === "unknown_prefix";
  const place = wrongNumber ? "phone-error" : "phone-form-error";
  tellProblem(place, problem, wrongNumber ? element("phone") : undefined);
  holdAfter(element("phone-submit"), problem, () => element("phone-form").requestSubmit());
}

/** @returns {string|null} digits of a Korean mobile number; null after telling what is wrong */
function readPhone() {
  const input = element("phone");
  const digits = input.value.replace(/[^\d+]/g, "").replace(/^\+?82-?0?/, "0");
  const fits = /^01\d{8,9}$/.test(digits);
  const words = /^0[2-9]/.test(digits) || digits.startsWith("+") ? "phone_other" : "phone_shape";
  showError("phone-error", fits ? "" : text(words), input);
  return fits ? digits : null;
}

/** @returns {import("./store.js").Identity|null} null after telling what is wrong */
function readIdentity() {
  const name = element("name").value.trim().normalize("NFC");
  showError("name-error", name ? "" : text("name_missing"), element("name"));
  const birthDate = readDay(element("birth-date").value, now());
  showError("birth-error", birthDate ? "" : text("birth_shape"), element("birth-date"));
  return name && birthDate ? { name, birthDate } : null;
}

/** @returns {boolean} false after telling that nothing goes without consent */
function readConsent() {
  const box = element("consent");
  const agreed = element("privacy").hidden || box.checked;
  showError("consent-error", agreed ? "" : text("consent_missing"), box);
  return agreed;
}

/**
 * Asked once on a phone for each text.
 * @returns {Promise<void>}
 */
async function keepConsent() {
  if (element("privacy").hidden) return;
  await put("consent", { at: now(), version: consentVersion() });
  consented = true;
}
