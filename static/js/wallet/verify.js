/**
 * Phone verification, step by step: the number, the code, what became of the message.
 * @module
 */
import { call, Problem } from "./api.js";
import { now } from "./clock.js";
import { confirm } from "./issue.js";
import { get, put, remove } from "./store.js";
import { text, timeText } from "./texts.js";
import { announce, currentScreen, element, hold, isHeld, problemText, showError, showScreen, whileBusy } from "./view.js";

/** A check that began longer ago is not taken up again after a reload. */
const PENDING_MS = 15 * 60_000;
const POLL_MS = [1500, 2500, 4000, 6000, 9000, 13_000, 20_000, 30_000];

/** @type {import("./store.js").Pending|null} */
let pending = null;
/** A right code that waits for its giver's name: the code need not be sent again. */
let proven = /** @type {(import("./store.js").Pending & {code: string})|null} */ (null);
/** @type {(pass: import("./store.js").Pass) => void} */
let onVerified;
/** @type {() => void} */
let onBack;
let consented = false;
let pollTimer = 0;
let oneTimeCode = /** @type {AbortController|null} */ (null);

/**
 * @param {{verified: (pass: import("./store.js").Pass) => void, back: () => void}} then
 * @returns {Promise<void>}
 */
export async function prepareVerification(then) {
  onVerified = then.verified;
  onBack = then.back;
  element("phone-form").addEventListener("submit", submitPhone);
  element("code-form").addEventListener("submit", submitCode);
  element("code").addEventListener("input", codeTyped);
  element("resend").addEventListener("click", resend);
  element("change-phone").addEventListener("click", changePhone);
  for (const id of ["phone-back", "code-back"]) element(id).addEventListener("click", () => onBack());
  consented = Boolean(await get("consent"));
}

/** @returns {Promise<boolean>} whether a check that began before a reload goes on */
export async function resumeVerification() {
  const kept = await get("pending");
  if (!kept || now() > kept.startedAt + PENDING_MS) {
    if (kept) await remove("pending");
    return false;
  }
  pending = kept;
  awaitCode({ begun: true });
  return true;
}

/**
 * The first step. A device that has a pass is not asked who its holder is again.
 * @param {{known: boolean, phone?: string, back?: boolean, focus?: string|null, why?: string}} options
 * @returns {void}
 */
export function askPhone({ known, phone = "", back = false, focus, why = "" }) {
  stopWaiting();
  element("identity").hidden = known;
  element("privacy").hidden = known || consented;
  element("phone-back").hidden = !back;
  const input = element("phone");
  if (phone && !input.value) input.value = withHyphens(phone);
  for (const id of ["phone", "name", "birth", "consent"]) showError(`${id}-error`, "");
  showError("phone-form-error", why);
  showScreen("phone", { focus });
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
    await confirmProven(identity);
    return;
  }
  try {
    await whileBusy(button, text("sending"), async () => {
      await keepConsent();
      const answer = await call("POST", "/verifications", { phone });
      pending = { verification: answer.verification, phone, startedAt: now(), identity };
      await put("pending", pending);
    });
    awaitCode();
  } catch (problem) {
    const wrongNumber = problem.code === "unknown_prefix";
    showError(wrongNumber ? "phone-error" : "phone-form-error", problemText(problem), wrongNumber ? element("phone") : undefined);
    hold(button, problem.retryAfter);
  }
}

/**
 * The code was right, only its giver unknown: confirm it again with name and birth date.
 * @param {{name: string, birthDate: string}} identity
 * @returns {Promise<void>}
 */
async function confirmProven(identity) {
  const { code, ...check } = proven;
  proven = null;
  await keepConsent();
  pending = { ...check, identity };
  await put("pending", pending);
  awaitCode();
  element("code").value = code;
  element("code-form").requestSubmit();
}

/** @returns {string|null} digits of a Korean mobile number; null after telling what is wrong */
function readPhone() {
  const input = element("phone");
  const digits = input.value.replace(/[^\d+]/g, "").replace(/^\+?82-?0?/, "0");
  const fits = /^01\d{8,9}$/.test(digits);
  showError("phone-error", fits ? "" : text("phone_shape"), input);
  return fits ? digits : null;
}

/** @returns {{name: string, birthDate: string}|null} null after telling what is wrong */
function readIdentity() {
  const name = element("name").value.trim().normalize("NFC");
  showError("name-error", name ? "" : text("name_missing"), element("name"));
  const birthDate = readDay(element("birth-date").value);
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
 * Asked once on a phone.
 * @returns {Promise<void>}
 */
async function keepConsent() {
  if (element("privacy").hidden) return;
  await put("consent", { at: now() });
  consented = true;
}

/**
 * @param {string} typed "19900131", "1990-01-31", "1990. 1. 31."
 * @returns {string|null} YYYY-MM-DD, null where there is no such day in the past
 */
function readDay(typed) {
  const parts = typed.trim().match(/^(\d{4})(\d{2})(\d{2})$/) ?? typed.match(/^\s*(\d{4})\D+(\d{1,2})\D+(\d{1,2})\D*$/);
  if (!parts) return null;
  const day = `${parts[1]}-${parts[2].padStart(2, "0")}-${parts[3].padStart(2, "0")}`;
  const moment = new Date(`${day}T00:00Z`);
  const real = !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(day);
  return real && day > "1900" && moment.getTime() < now() ? day : null;
}

/**
 * A message that does not come must not stand between a citizen and the pass that is on the phone.
 * @returns {Promise<void>}
 */
async function offerWayBack() {
  element("code-back").hidden = !(await get("pass"));
}

/**
 * @param {{begun?: boolean}} [options] begun before a reload: what became of the message is asked before it is told
 * @returns {void}
 */
function awaitCode({ begun = false } = {}) {
  offerWayBack();
  showRecipient();
  element("code").value = "";
  showError("code-error", "", element("code"));
  showDelivery("queued", begun ? "" : text("delivery_queued"));
  showScreen("code", { focus: "code" });
  watchDelivery(begun ? -1 : 0);
  listenForCode();
}

/** @returns {void} */
function showRecipient() {
  const number = document.createElement("strong");
  number.className = "nowrap";
  number.textContent = withHyphens(pending.phone);
  const [before, after] = text("code_for").split("{phone}");
  element("code-for").replaceChildren(before, number, after);
}

/**
 * @param {string} phone "01000001234"
 * @returns {string} "010-0000-1234"
 */
function withHyphens(phone) {
  return phone.replace(/^(\d{3})(\d{3,4})(\d{4})$/, "$1-$2-$3");
}

/** @returns {void} */
function stopWaiting() {
  clearTimeout(pollTimer);
  oneTimeCode?.abort();
}

/**
 * Ask what became of the message, less and less often, until it left or the screen changed.
 * @param {number} [round] -1 asks at once
 * @returns {void}
 */
function watchDelivery(round = 0) {
  clearTimeout(pollTimer);
  const pace = POLL_MS[Math.min(round, POLL_MS.length - 1)] ?? 0;
  pollTimer = setTimeout(async () => {
    const asked = pending;
    let settled = false;
    try {
      settled = tellDelivery(await call("GET", `/verifications/${asked.verification}`));
    } catch (problem) {
      if (problem.code === "offline") showDelivery("delayed", text("offline"));
      settled = problem.status === 404;
      if (settled) showDelivery("delayed", text("unknown_verification"));
    }
    if (!settled && pending === asked && currentScreen() === "code") watchDelivery(round + 1);
  }, pace * (0.9 + 0.2 * Math.random()));
}

/**
 * @param {{delivery: string, expires_at: number|null, tries_left: number}} answer
 * @returns {boolean} whether there is nothing more to come
 */
function tellDelivery({ delivery, expires_at: expiresAt, tries_left: triesLeft }) {
  const over = triesLeft === 0 ? "no_tries_left" : expiresAt && expiresAt < now() ? "code_expired" : "";
  if (over) {
    showDelivery("delayed", text(over));
    return true;
  }
  let words = delivery === "sent" && !expiresAt ? "delivery_queued" : `delivery_${delivery}`;
  if (delivery === "delayed" && pending.more) words = "delivery_delayed_more";
  showDelivery(delivery, text(words, { time: expiresAt ? timeText(expiresAt) : "" }));
  return delivery === "sent" || delivery === "dropped";
}

/**
 * @param {string} delivery
 * @param {string} words empty while nothing is known
 * @returns {void}
 */
function showDelivery(delivery, words) {
  element("delivery").hidden = !words;
  const kind = { sent: "success", delayed: "warning", dropped: "danger" }[delivery] ?? "info";
  const icon = { sent: "check", delayed: "warn", dropped: "cross" }[delivery] ?? "info";
  element("delivery").className = `notice notice--${kind}`;
  element("delivery").dataset.delivery = delivery;
  element("delivery-icon").className = `icon icon--${icon}`;
  if (element("delivery-text").textContent !== words) element("delivery-text").textContent = words;
}

/**
 * Take the code from the message where the browser can read it.
 * @returns {Promise<void>}
 */
async function listenForCode() {
  oneTimeCode?.abort();
  if (!("OTPCredential" in window)) return;
  oneTimeCode = new AbortController();
  const request = /** @type {any} */ ({ otp: { transport: ["sms"] }, signal: oneTimeCode.signal });
  try {
    const credential = /** @type {any} */ (await navigator.credentials.get(request));
    if (!credential?.code) return;
    element("code").value = credential.code;
    codeTyped();
  } catch {
    // Declined or taken back: the citizen types the code.
  }
}

/** @returns {void} */
function codeTyped() {
  const input = element("code");
  const digits = input.value.replace(/\D/g, "").slice(0, 6);
  if (input.value !== digits) input.value = digits;
  if (digits.length === 6) element("code-form").requestSubmit();
}

/**
 * @param {SubmitEvent} event
 * @returns {Promise<void>}
 */
async function submitCode(event) {
  event.preventDefault();
  const button = element("code-submit");
  const input = element("code");
  if (isHeld(button) || !pending) return;
  if (!/^\d{6}$/.test(input.value)) {
    showError("code-error", text("code_shape"), input);
    return;
  }
  showError("code-error", "", input);
  announce(text("checking"));
  try {
    const pass = await whileBusy(button, text("checking"), () => confirm(pending, input.value));
    stopWaiting();
    pending = null;
    for (const id of ["phone", "name", "birth-date"]) element(id).value = "";
    onVerified(pass);
  } catch (problem) {
    await refusedCode(problem, button);
  }
}

/**
 * @param {Problem|Error} reason
 * @param {HTMLButtonElement} button
 * @returns {Promise<void>}
 */
async function refusedCode(reason, button) {
  const problem = reason instanceof Problem ? reason : new Problem(reason instanceof DOMException ? "storage_closed" : "unexpected");
  if (["unknown_device", "bad_signature"].includes(problem.code) && !pending.identity) {
    proven = { ...pending, code: element("code").value };
    askPhone({ known: false, phone: pending.phone, back: true, focus: "name", why: text("identity_needed") });
    return;
  }
  const input = element("code");
  showError("code-error", problemText(problem), input);
  const spent = problem.code === "wrong_code" && problem.body.tries_left === 0;
  if (problem.code === "wrong_code") input.select();
  if (problem.status === 503) hold(button, problem.retryAfter ?? 20);
  if (!spent && ![404, 410, 429].includes(problem.status)) return;
  input.value = "";
  element("resend").focus();
}

/** @returns {Promise<void>} */
async function resend() {
  const button = element("resend");
  if (isHeld(button) || !pending) return;
  showError("code-error", "", element("code"));
  try {
    await whileBusy(button, text("sending"), sendAnother);
    showDelivery("queued", text(pending.more ? "resent" : "resent_anew"));
    element("code").focus();
    watchDelivery();
    listenForCode();
  } catch (problem) {
    showError("code-error", problemText(problem));
    hold(button, problem.retryAfter);
  }
}

/**
 * Add a code to the check; where the check is over, the server begins another for the same number.
 * @returns {Promise<void>}
 */
async function sendAnother() {
  const { phone, verification } = pending;
  const answer = await call("POST", "/verifications", { phone, verification });
  const more = answer.verification === verification;
  pending = { ...pending, verification: answer.verification, startedAt: now(), more };
  await put("pending", pending);
}

/** @returns {Promise<void>} */
async function changePhone() {
  const { identity, phone } = pending;
  pending = null;
  await remove("pending");
  askPhone({ known: !identity, phone, back: !identity, focus: "phone" });
}
