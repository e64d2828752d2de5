/**
 * Moving between the screens, telling things aloud, errors in place.
 * @module
 */
import { keepWayBack } from "./back.js";
import { now } from "./clock.js";
import { countText, hasText, text, waitText } from "./texts.js";

/** Each is a section `screen-NAME` with one h1 that can take the focus. */
const SCREENS = /** @type {const} */ ([
  "phone", "waiting", "code", "fit", "pass", "stuck", "family", "me", "leave", "left", "visit", "visited",
]);
/** Not the citizen's fault, and nothing to mend but by waiting. */
const CALM = ["busy", "unavailable", "offline"];
const ICONS = { info: "info", success: "check", warning: "warn", danger: "cross" };

/**
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id
 * @returns {T}
 */
export function element(id) {
  return /** @type {T} */ (document.getElementById(id));
}

/**
 * Show one screen; its heading (or `focus`) takes the focus, so that the keyboard and a reader follow.
 * @param {typeof SCREENS[number]} name
 * @param {{focus?: string|null}} [options] null leaves the focus where it is
 * @returns {void}
 */
export function showScreen(name, { focus } = {}) {
  element("late").hidden = true;
  if (name !== currentScreen()) announce("");
  for (const screen of SCREENS) element(`screen-${screen}`).hidden = screen !== name;
  document.body.dataset.screen = name;
  keepWayBack();
  const section = element(`screen-${name}`);
  if (focus === null) return;
  window.scrollTo(0, 0);
  (focus ? element(focus) : section.querySelector("h1")).focus();
}

/** @returns {string} the screen on show */
export function currentScreen() {
  return SCREENS.find((name) => !element(`screen-${name}`).hidden) ?? "";
}

/**
 * Say something to readers without moving the focus.
 * @param {string} words
 * @returns {void}
 */
export function announce(words) {
  element("live").textContent = words;
}

/**
 * @param {"info"|"success"|"warning"|"danger"} kind
 * @param {string} words
 * @returns {HTMLElement}
 */
export function notice(kind, words) {
  const frame = document.createElement("div");
  frame.className = `notice notice--${kind}`;
  const icon = document.createElement("span");
  icon.className = `icon icon--${ICONS[kind]}`;
  icon.setAttribute("aria-hidden", "true");
  const paragraph = document.createElement("p");
  paragraph.textContent = words;
  frame.append(icon, paragraph);
  return frame;
}

/**
 * Where it belongs to no field it is brought into view: on a small screen it may lie below what was tapped.
 * @param {string} id of the element for the error
 * @param {string} words empty to clear it
 * @param {HTMLInputElement} [input] marked as wrong, and focused
 * @param {{calm?: boolean}} [options] calm: nothing is wrong with what was entered
 * @returns {void}
 */
export function showError(id, words, input, { calm = false } = {}) {
  const place = element(id);
  place.replaceChildren();
  place.toggleAttribute("data-calm", calm);
  if (words) {
    const icon = document.createElement("span");
    icon.className = `icon icon--${calm ? "info" : "warn"}`;
    icon.setAttribute("aria-hidden", "true");
    const said = document.createElement("span");
    said.textContent = words;
    place.append(icon, said);
  }
  if (!input) {
    if (words && !calm) place.scrollIntoView({ block: "nearest" });
    return;
  }
  if (words) {
    input.setAttribute("aria-invalid", "true");
    input.focus();
  } else input.removeAttribute("aria-invalid");
}

/**
 * Words in which a phone number stands and is not broken.
 * @param {HTMLElement} place
 * @param {string} words with {phone}
 * @param {string} phone as it is to be read
 * @returns {void}
 */
export function tellWithNumber(place, words, phone) {
  const number = document.createElement("strong");
  number.className = "nowrap";
  number.textContent = phone;
  const [before, after] = words.split("{phone}");
  place.replaceChildren(before, number, after);
}

/**
 * Tell a problem in its place; calmly where it is only a matter of waiting.
 * @param {string} id of the element for the error
 * @param {import("./api.js").Problem} problem
 * @param {HTMLInputElement} [input] marked as wrong, and focused, where it is the input
 * @returns {void}
 */
export function tellProblem(id, problem, input) {
  const calm = CALM.includes(problem.code);
  showError(id, problemText(problem), calm ? undefined : input, { calm });
  if (calm) element(id).scrollIntoView({ block: "nearest" });
}

/**
 * A problem in plain words. What we know by its code is said in our words, else in the server's.
 * @param {import("./api.js").Problem|Error} problem
 * @returns {string}
 */
export function problemText(problem) {
  const { code = "unexpected", retryAfter = null, body = {} } = /** @type {any} */ (problem);
  const values = { when: waitText(retryAfter ?? 20, now()), left: "" };
  if (code === "wrong_code" && body.tries_left === 0) return text("no_tries_left");
  if (Number.isInteger(body.tries_left)) values.left = countText("tries", body.tries_left);
  if (hasText(code)) return text(code, values);
  return typeof body.detail === "string" ? body.detail : text("unexpected");
}

/**
 * Keep a button from being pressed while something runs, and say what.
 * @template T
 * @param {HTMLButtonElement} button
 * @param {string} words
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function whileBusy(button, words, work) {
  const before = [...button.childNodes];
  button.setAttribute("aria-disabled", "true");
  button.replaceChildren(words);
  try {
    return await work();
  } finally {
    button.replaceChildren(...before);
    button.removeAttribute("aria-disabled");
  }
}

/**
 * Hold a button for some seconds and count them down on it, where the server asked for patience.
 * @param {HTMLButtonElement} button
 * @param {number|null} seconds nothing is held without, or past two minutes (the words say the time then)
 * @param {() => void} [then] what is done again by itself, if the citizen is still on the same screen
 * @returns {void}
 */
export function hold(button, seconds, then) {
  if (!seconds || seconds > 120) return;
  const screen = currentScreen();
  const before = [...button.childNodes];
  const until = performance.now() + seconds * 1000;
  button.setAttribute("aria-disabled", "true");
  const tick = () => {
    const left = Math.ceil((until - performance.now()) / 1000);
    if (left > 0) {
      button.replaceChildren(text("retry_in", { n: left }));
      return;
    }
    clearInterval(timer);
    button.replaceChildren(...before);
    button.removeAttribute("aria-disabled");
    if (then && currentScreen() === screen) then();
  };
  const timer = setInterval(tick, 500);
  tick();
}

/**
 * After a refusal: hold the button as long as the server asked; where it is only crowded, try again without a tap, a
 * little later than asked so that not all come at once.
 * @param {HTMLButtonElement} button
 * @param {import("./api.js").Problem} problem
 * @param {() => void} again
 * @returns {void}
 */
export function holdAfter(button, problem, again) {
  if (problem.code !== "busy") hold(button, problem.retryAfter);
  else hold(button, Math.ceil(Math.min(90, problem.retryAfter ?? 10) * (1 + 0.3 * Math.random())), again);
}

/**
 * @param {HTMLButtonElement} button
 * @returns {boolean}
 */
export function isHeld(button) {
  return button.getAttribute("aria-disabled") === "true";
}
