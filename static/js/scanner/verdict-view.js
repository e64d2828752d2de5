/**
 * The verdict on the whole screen: colour, word in two languages, icon, what to do, the sound's visual twin, and the
 * decisions that the door may take. Draws and reports; decides nothing.
 * @module
 */

import { timeOfDay } from "./clock.js";
import { permit } from "./pin.js";
import { closeSheets } from "./sheets.js";
import { reasons, say, words } from "./texts.js";

const ICONS = { green: "check", red: "cross", amber: "warn", blue: "info" };
const BUTTONS = ["next", "hand", "alone", "match", "mismatch"];
const SOUNDS = { off: "mute", pass: "sound", rise: "sound", chime: "sound" };

const byId = (id) => document.getElementById(id);

/**
 * @typedef {object} Shown
 * @property {string} verdict the format's code
 * @property {string} word key of the word
 * @property {string} todo the sentence
 * @property {string} colour
 * @property {[string, number]|null} holder masked name and birth year of a paper pass
 * @property {("next"|"hand"|"alone"|"match"|"mismatch")[]} choices the first takes the focus
 * @property {"off"|"pass"|"rise"|"chime"|""} sound
 * @property {boolean} [alone]
 */

/** @type {Element|null} */
let before = null;

/** @param {(choice: string) => void} onChoice */
export function listenToChoices(onChoice) {
  for (const name of BUTTONS) byId(`verdict-${name}`).addEventListener("click", () => onChoice(name));
  byId("verdict").addEventListener("keydown", (event) => {
    if (event.key === "Escape") onChoice("next");
    if (event.key === "Tab") keepFocusWithin(event);
  });
}

function keepFocusWithin(event) {
  const open = BUTTONS.map((name) => byId(`verdict-${name}`)).filter((button) => !button.hidden);
  const inOrder = open.sort((a, b) => (a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1));
  const edge = event.shiftKey ? inOrder[0] : inOrder.at(-1);
  if (document.activeElement !== edge) return;
  event.preventDefault();
  (event.shiftKey ? inOrder.at(-1) : inOrder[0])?.focus();
}

/** @param {Shown} shown */
export function showVerdict(shown) {
  const { word, other, otherLanguage } = words(shown.word);
  const element = byId("verdict");
  closeSheets();
  if (element.hidden) before = document.activeElement;
  element.dataset.colour = shown.colour;
  element.dataset.alone = String(Boolean(shown.alone));
  element.dataset.sound = shown.sound;
  byId("verdict-icon").className = `verdict__icon icon icon--${ICONS[shown.colour]}`;
  byId("verdict-word").textContent = word;
  byId("verdict-other").textContent = other;
  byId("verdict-other").lang = otherLanguage;
  byId("verdict-todo").textContent = shown.todo;
  showHolder(shown.holder);
  showGuest(["red", "amber"].includes(shown.colour) ? shown.word : "");
  byId("verdict-sound").textContent = shown.sound ? say(`sound_${shown.sound}`) : "";
  byId("verdict-sound").className = shown.sound ? `verdict__sound verdict__sound--${SOUNDS[shown.sound]}` : "";
  byId("verdict-reference").textContent = "";
  for (const name of BUTTONS) byId(`verdict-${name}`).hidden = !shown.choices.includes(name);
  byId("verdict-next").textContent = say(shown.choices.includes("alone") ? "turn_away" : "next");
  for (const behind of ["bar", "screen-door"]) byId(behind).inert = true;
  element.hidden = false;
  element.dataset.verdict = shown.verdict;
  byId(`verdict-${shown.choices[0]}`).focus({ preventScroll: true });
}

function showHolder(holder) {
  byId("verdict-identity").hidden = holder === null;
  if (!holder) return;
  byId("verdict-holder").textContent = holder[0];
  byId("verdict-birth").textContent = say("birth_year", { year: holder[1] });
}

/** Why, for the guest to read on the same screen. @param {string} word */
function showGuest(word) {
  const said = reasons(word);
  byId("guest").hidden = said === null;
  byId("guest-reference").hidden = true;
  if (said === null) return;
  byId("guest-why").textContent = said.why;
  byId("guest-other").textContent = said.other;
  byId("guest-other").lang = said.otherLanguage;
}

/**
 * The scan's number and time; for somebody refused also what a clerk can look up, large enough to be copied.
 * @param {number} number the scan's
 * @param {number} at milliseconds
 * @param {string} [reference]
 */
export function showReference(number, at, reference = "") {
  byId("verdict-reference").textContent = say("reference", { number, time: timeOfDay(at) });
  byId("guest-reference").hidden = reference === "";
  byId("guest-number").textContent = reference;
}

/** The last verdict stays in `data-verdict`, so that the page can be asked what it said. */
export function hideVerdict() {
  byId("verdict").hidden = true;
  for (const behind of ["bar", "screen-door"]) byId(behind).inert = false;
  if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
}

/** @returns {Promise<string>} the reason chosen, "" where cancelled or the PIN is not known */
export async function askReason() {
  if (!(await permit("hand"))) return "";
  const dialog = /** @type {HTMLDialogElement} */ (byId("hand"));
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true });
  });
}

/** @param {string} id */
const sheet = (id) => /** @type {HTMLDialogElement} */ (byId(id));

export const isAsking = () => sheet("hand").open || sheet("pin").open;

export function stopAsking() {
  sheet("hand").close("");
  sheet("pin").close("");
}
