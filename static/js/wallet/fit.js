/**
 * The code was right, but the number is known under another name: check the spelling, or take the number over. What
 * differs is not said; the code stays good.
 * @module
 */
import { asProblem } from "./api.js";
import { now } from "./clock.js";
import { readDay, withHyphens } from "./fields.js";
import { confirm } from "./issue.js";
import { text } from "./texts.js";
import { element, holdAfter, isHeld, problemText, showError, showScreen, tellProblem, whileBusy } from "./view.js";

let begun = /** @type {import("./store.js").Begun|null} */ (null);
let code = "";
/** @type {(pass: import("./store.js").Pass) => void} */
let onVerified;
/** @type {(begun: import("./store.js").Begun, why: string) => void} */
let onSpent;

/**
 * @param {{verified: typeof onVerified, spent: typeof onSpent, back: () => void}} then `spent` where another code is
 *   needed after all
 * @returns {void}
 */
export function prepareFit(then) {
  onVerified = then.verified;
  onSpent = then.spent;
  element("fit-form").addEventListener("submit", (event) => {
    event.preventDefault();
    send(element("fit-again"), {});
  });
  element("fit-claim").addEventListener("click", () => send(element("fit-claim"), { claim: true }));
  element("fit-back").addEventListener("click", () => then.back());
}

/**
 * @param {import("./store.js").Begun} known
 * @param {string} right the code that was right
 * @returns {void}
 */
export function showFit(known, right) {
  begun = known;
  code = right;
  element("fit-phone").textContent = withHyphens(known.phone);
  element("fit-name").value = known.identity?.name ?? "";
  element("fit-birth").value = known.identity?.birthDate ?? "";
  for (const id of ["fit-name", "fit-birth"]) showError(`${id}-error`, "", element(id));
  showError("fit-error", "");
  showScreen("fit");
}

/**
 * @param {HTMLButtonElement} button
 * @param {{claim?: boolean}} options
 * @returns {Promise<void>}
 */
async function send(button, options) {
  if (isHeld(element("fit-again")) || isHeld(element("fit-claim"))) return;
  const name = element("fit-name").value.trim().normalize("NFC");
  const birthDate = readDay(element("fit-birth").value, now());
  showError("fit-birth-error", birthDate ? "" : text("birth_shape"), element("fit-birth"));
  showError("fit-name-error", name ? "" : text("name_missing"), element("fit-name"));
  showError("fit-error", "");
  if (!name || !birthDate) return;
  begun = { ...begun, identity: { name, birthDate } };
  try {
    onVerified(await whileBusy(button, text("checking"), () => confirm(begun, code, options)));
  } catch (reason) {
    refused(asProblem(reason), button, options);
  }
}

/**
 * @param {import("./api.js").Problem} problem
 * @param {HTMLButtonElement} button
 * @param {{claim?: boolean}} options
 * @returns {void}
 */
function refused(problem, button, options) {
  const words = problem.code === "does_not_fit" ? text("does_not_fit") : problemText(problem);
  if ([404, 410, 429].includes(problem.status) || problem.code === "wrong_code") {
    onSpent(begun, words);
    return;
  }
  if (problem.code === "does_not_fit") showError("fit-error", words);
  else tellProblem("fit-error", problem);
  holdAfter(button, problem, () => send(button, options));
}
