/**
 * The sheet that asks for the PIN, or for a new one. Draws and asks; `lock.js` judges.
 * @module
 */

import { asksFor, handAsks, isPin, lockNow, setPin, tryPin, waitMs } from "./lock.js";
import { say, sayCount } from "./texts.js";

const NEW = { title: "pin_new", why: "pin_new_why", button: "pin_next" };

const byId = (id) => document.getElementById(id);
const field = () => /** @type {HTMLInputElement} */ (byId("pin-field"));
const sheet = () => /** @type {HTMLDialogElement} */ (byId("pin"));

/** @typedef {{done: boolean, wrong: string}} Judged what is wrong, "" where nothing is and there is more to ask */

/** Judges what was typed, while the sheet is open. @type {((pin: string) => Promise<Judged>)|null} */
let judge = null;
let ticking = 0;

/** @param {() => void} onForgotten the user has a new pairing code */
export function wirePin(onForgotten) {
  byId("pin-form").addEventListener("submit", submit);
  field().addEventListener("beforeinput", (event) => {
    if (event.data && /\D/.test(event.data)) event.preventDefault();
  });
  byId("pin-pair").addEventListener("click", () => {
    sheet().close("");
    onForgotten();
  });
}

/**
 * May this be done? Asks for the PIN where it is asked for. To admit by hand it is good once, for the settings until
 * they are closed.
 * @param {"settings"|"hand"} what
 * @returns {Promise<boolean>}
 */
export async function permit(what) {
  if (!asksFor(what)) return true;
  const right = await ask(tryOnce, { title: "pin_title", why: `pin_why_${what}`, button: "pin_open" }, true);
  if (what === "hand") lockNow();
  return right;
}

/** @param {string} pin @returns {Promise<Judged>} */
async function tryOnce(pin) {
  if (!isPin(pin)) return { done: false, wrong: say("pin_shape") };
  const { right } = await tryPin(pin);
  return { done: right, wrong: right ? "" : say("pin_wrong") };
}

/** Choose a PIN, twice the same. @returns {Promise<boolean>} whether one was set */
export function choosePin() {
  let first = "";
  return ask(async (pin) => {
    if (!isPin(pin)) return { done: false, wrong: say("pin_shape") };
    if (first === pin) {
      await setPin(pin, handAsks());
      return { done: true, wrong: "" };
    }
    const differs = first !== "";
    first = differs ? "" : pin;
    retitle(differs ? NEW : { title: "pin_again", why: "pin_again_why", button: "pin_save" });
    return { done: false, wrong: differs ? say("pin_differs") : "" };
  }, NEW, false);
}

/** @param {{title: string, why: string, button: string}} keys of what the sheet says */
function retitle({ title, why, button }) {
  byId("pin-title").textContent = say(title);
  byId("pin-why").textContent = say(why);
  byId("pin-submit").textContent = say(button);
}

/**
 * @param {(pin: string) => Promise<Judged>} judging
 * @param {{title: string, why: string, button: string}} words
 * @param {boolean} forgotten whether the way out for a forgotten one is shown
 * @returns {Promise<boolean>} whether `judging` was content
 */
function ask(judging, words, forgotten) {
  judge = judging;
  retitle(words);
  wrong("");
  const way = /** @type {HTMLDetailsElement} */ (byId("pin-forgotten"));
  way.hidden = !forgotten;
  way.open = false;
  sheet().returnValue = "";
  sheet().showModal();
  if (forgotten) showWait();
  field().focus();
  return new Promise((resolve) => {
    sheet().addEventListener("close", () => {
      clearInterval(ticking);
      judge = null;
      field().value = "";
      resolve(sheet().returnValue === "right");
    }, { once: true });
  });
}

async function submit(event) {
  event.preventDefault();
  const button = /** @type {HTMLButtonElement} */ (byId("pin-submit"));
  if (!judge || button.disabled) return;
  button.disabled = true;
  const { done, wrong: said } = await judge(field().value);
  button.disabled = false;
  if (done) return sheet().close("right");
  field().value = "";
  wrong(said);
  if (judge === tryOnce) showWait();
  field().focus();
}

/** @param {string} text "" where nothing is wrong */
function wrong(text) {
  const icon = document.createElement("span");
  icon.className = "icon icon--warn";
  icon.ariaHidden = "true";
  byId("pin-error").replaceChildren(...(text ? [icon, document.createTextNode(text)] : []));
  field().ariaInvalid = String(text !== "");
}

/** Too many wrong tries: say how long, until it is over. Told to a screen reader once, not every second. */
function showWait() {
  clearInterval(ticking);
  const button = /** @type {HTMLButtonElement} */ (byId("pin-submit"));
  const tick = () => {
    const left = waitMs();
    button.disabled = left > 0;
    button.textContent = left > 0 ? say("pin_wait", { time: clock(left) }) : say("pin_open");
    if (left === 0) clearInterval(ticking);
  };
  tick();
  if (waitMs() === 0) return;
  wrong(sayCount("pin_slow", Math.ceil(waitMs() / 1000)));
  ticking = setInterval(tick, 500);
}

/** @param {number} ms @returns {string} "1:05" */
function clock(ms) {
  const seconds = Math.ceil(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
