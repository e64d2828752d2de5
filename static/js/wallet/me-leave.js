/**
 * Ending the pass at the agency: asked once more, with what goes and what stays; afterwards the phone forgets it too.
 * @module
 */
import { asProblem, call } from "./api.js";
import { forget, forgetAll, holder, OWN, put } from "./store.js";
import { countText, text } from "./texts.js";
import { element, isHeld, problemText, showError, showScreen, whileBusy } from "./view.js";

let leaving = "";
/** @type {() => void} */
let onBack;
/** @type {() => Promise<void>} */
let onLeft;

/**
 * @param {{back: () => void, left: () => Promise<void>}} then `left`: a ward's pass was ended, one's own is still here
 * @returns {void}
 */
export function prepareLeaving(then) {
  onBack = then.back;
  onLeft = then.left;
  element("leave-back").addEventListener("click", () => onBack());
  element("leave-form").addEventListener("submit", leave);
  element("left-done").addEventListener("click", async () => {
    if (leaving === OWN) location.assign("/pass/");
    else await onLeft();
  });
}

/**
 * @param {import("./store.js").Holder} who
 * @returns {void}
 */
export function askToLeave(who) {
  leaving = who.id;
  const own = who.id === OWN;
  const others = own ? (who.page?.wards ?? []) : [];
  const names = others.map((/** @type {any} */ ward) => ward.masked_name).join(", ");
  element("leave-whose").textContent = text(own ? "leave_own" : "leave_ward", { name: who.pass.maskedName });
  element("leave-number").hidden = !own;
  element("leave-wards").hidden = others.length === 0;
  element("leave-wards").textContent = others.length ? countText("leave_wards", others.length, { names }) : "";
  /** @type {HTMLFormElement} */ (element("leave-form")).reset();
  showError("leave-choice-error", "");
  showError("leave-error", "");
  showScreen("leave");
}

/**
 * @param {SubmitEvent} event
 * @returns {Promise<void>}
 */
async function leave(event) {
  event.preventDefault();
  const button = element("leave-submit");
  if (isHeld(button)) return;
  const form = /** @type {HTMLFormElement} */ (element("leave-form"));
  const erase = new FormData(form).get("erase");
  showError("leave-error", "");
  showError("leave-choice-error", erase ? "" : text("leave_missing"));
  if (!erase) {
    /** @type {HTMLElement} */ (form.querySelector("[name=erase]")).focus();
    return;
  }
  try {
    const payload = { erase: erase === "yes" };
    const { outcome } = await whileBusy(button, text("leaving"), async () => {
      const { device } = await holder(leaving);
      return call("POST", "/pass/withdrawal", payload, device);
    });
    await forgotten(outcome);
  } catch (reason) {
    showError("leave-error", problemText(asProblem(reason)));
  }
}

/**
 * The agency has ended it: nothing of it stays on the phone.
 * @param {string} outcome
 * @returns {Promise<void>}
 */
async function forgotten(outcome) {
  if (leaving === OWN) await forgetAll();
  else {
    await forget(leaving);
    await put("chosen", OWN);
  }
  element("left-text").textContent = text(leaving === OWN || outcome !== "withdrawn" ? `left_${outcome}` : "left_ward");
  showScreen("left");
}
