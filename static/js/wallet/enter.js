/**
 * The second step of a phone check: the code, typed or taken from the message, and what the agency says to it.
 * @module
 */
import { asProblem } from "./api.js";
import { begin } from "./begin.js";
import { now } from "./clock.js";
import { showDelivery, stopWatching, watchDelivery } from "./delivery.js";
import { withHyphens } from "./fields.js";
import { confirm } from "./issue.js";
import { carried, get, put, remove } from "./store.js";
import { text } from "./texts.js";
import { announce, element, holdAfter, isHeld, showError, showScreen, tellProblem, tellWithNumber, whileBusy } from "./view.js";

/** A check that began longer ago is not taken up again after a reload. */
const PENDING_MS = 15 * 60_000;
/** After this long a pass on the phone comes first again; the code is a tap away. */
const FIRST_MS = 5 * 60_000;
/** The agency does not take this phone's word for who its holder is. */
const UNKNOWN = ["unknown_device", "bad_signature", "identity_needed"];

let pending = /** @type {import("./store.js").Begun|null} */ (null);
/** What was entered and is wrong: to send it once more, be it by a tap too many, would use up a try. */
let wrong = /** @type {{begun: import("./store.js").Begun, code: string, problem: import("./api.js").Problem}|null} */ (null);
let oneTimeCode = /** @type {AbortController|null} */ (null);
/**
 * @typedef {object} Then
 * @property {(pass: import("./store.js").Pass) => void} verified
 * @property {(begun: import("./store.js").Begun, code: string, options: {focus: string, why: string, back: boolean}) => void} identity
 *   the code was right, but somebody has to say who they are
 * @property {(begun: import("./store.js").Begun, code: string) => void} unfit the number is known under another name
 * @property {(asked: import("./store.js").Asked, place: import("./store.js").Place) => void} line
 * @property {(begun: import("./store.js").Begun) => void} change another number
 * @property {() => void} back
 */
/** @type {Then} */
let then;

/**
 * @param {Then} after
 * @returns {void}
 */
export function prepareEntry(after) {
  then = after;
  element("code-form").addEventListener("submit", submitCode);
  element("code").addEventListener("input", codeTyped);
  element("resend").addEventListener("click", resend);
  element("change-phone").addEventListener("click", changePhone);
  element("code-back").addEventListener("click", () => leave(then.back));
}

/** @returns {Promise<import("./store.js").Begun|null>} the check that has begun and still waits for its code */
export async function hasBegun() {
  const kept = await get("pending");
  if (kept && now() <= kept.startedAt + PENDING_MS) return kept;
  if (kept) await remove("pending");
  return null;
}

/**
 * @param {{aside?: boolean}} [options] aside: there is a pass to show, which an older check does not push aside
 * @returns {Promise<boolean>} whether a check that began before goes on
 */
export async function resumeEntry({ aside = false } = {}) {
  const kept = await hasBegun();
  if (!kept || (aside && now() > kept.startedAt + FIRST_MS)) return false;
  awaitCode(kept, { resumed: true });
  return true;
}

/**
 * @param {import("./store.js").Begun} begun
 * @param {{resumed?: boolean}} [options] begun before: what became of the message is asked before it is told
 * @returns {void}
 */
export function awaitCode(begun, { resumed = false } = {}) {
  pending = begun;
  offerWayBack();
  tellWithNumber(element("code-for"), text("code_for"), withHyphens(pending.phone));
  element("code").value = "";
  showError("code-error", "", element("code"));
  showDelivery("queued", resumed ? "" : text("delivery_queued"));
  showScreen("code", { focus: "code" });
  watchDelivery(pending, { atOnce: resumed });
  listenForCode();
}

/**
 * Confirm with a code that is known already: it was right, and stays good.
 * @param {import("./store.js").Begun} begun
 * @param {string} code
 * @returns {Promise<void>}
 */
export async function confirmAgain(begun, code) {
  await put("pending", begun);
  awaitCode(begun);
  showDelivery("sent", "");
  stopWatching();
  element("code").value = code;
  element("code-form").requestSubmit();
}

/**
 * A message that does not come must not stand between a citizen and the pass that is on the phone.
 * @returns {Promise<void>}
 */
async function offerWayBack() {
  element("code-back").hidden = !(await carried()).length;
}

/**
 * @param {() => void} next
 * @returns {void}
 */
function leave(next) {
  stopWatching();
  oneTimeCode?.abort();
  next();
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
  if (wrong?.begun === pending && wrong.code === input.value) {
    tellProblem("code-error", wrong.problem, input);
    input.select();
    return;
  }
  showError("code-error", "", input);
  announce(text("checking"));
  try {
    const pass = await whileBusy(button, text("checking"), () => confirm(pending, input.value));
    pending = null;
    leave(() => then.verified(pass));
  } catch (reason) {
    refusedCode(reason, button);
  }
}

/**
 * @param {any} reason
 * @param {HTMLButtonElement} button
 * @returns {void}
 */
function refusedCode(reason, button) {
  const problem = asProblem(reason);
  const input = element("code");
  const begun = pending;
  const code = input.value;
  if (UNKNOWN.includes(problem.code) && !begun.identity) {
    leave(() => then.identity(begun, code, { focus: "name", why: text("identity_needed"), back: true }));
    return;
  }
  if (problem.code === "guardian_needed") {
    leave(() => then.identity(begun, code, { focus: "birth-date", why: text("guardian_needed"), back: false }));
    return;
  }
  if (problem.code === "does_not_fit") {
    leave(() => then.unfit(begun, code));
    return;
  }
  tellProblem("code-error", problem, input);
  const spent = problem.code === "wrong_code" && problem.body.tries_left === 0;
  if (problem.code === "wrong_code") {
    wrong = { begun, code, problem };
    input.select();
  }
  if (problem.status === 503) {
    problem.retryAfter ??= 20;
    holdAfter(button, problem, () => element("code-form").requestSubmit());
  }
  if (!spent && ![404, 410, 429].includes(problem.status)) return;
  input.value = "";
  element("resend").focus();
}

/**
 * Add a code to the check; where the check is over, the server begins another for the same number.
 * @returns {Promise<void>}
 */
async function resend() {
  const button = element("resend");
  if (isHeld(button) || !pending) return;
  const { phone, identity, verification } = pending;
  const asked = { phone, identity, verification };
  showError("code-error", "", element("code"));
  try {
    const { begun, place } = await whileBusy(button, text("sending"), () => begin(asked));
    if (place) {
      leave(() => then.line(asked, place));
      return;
    }
    pending = begun;
    showDelivery("queued", text(pending.more ? "resent" : "resent_anew"));
    element("code").focus();
    watchDelivery(pending);
    listenForCode();
  } catch (reason) {
    const problem = asProblem(reason);
    tellProblem("code-error", problem);
    holdAfter(button, problem, resend);
  }
}

/** @returns {Promise<void>} */
async function changePhone() {
  const begun = pending;
  pending = null;
  await remove("pending");
  leave(() => then.change(begun));
}
