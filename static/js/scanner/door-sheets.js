/**
 * What the door does without a code: a safe number is typed, a group is counted, coming and going are told apart, the last
 * scan is taken back. Reads the sheets and asks the door; judges nothing.
 * @module
 */

import { nowMs, timeOfDay } from "./clock.js";
import { direction, turnTo } from "./direction.js";
import { isOpen, passWithoutCode } from "./door.js";
import { beginGroup, endGroup, group, listenToGroup, MOST } from "./group.js";
import { listenToUndo, undoLast } from "./last.js";
import { manifest } from "./manifest.js";
import { permit } from "./pin.js";
import { safeNumber, wrongSoFar } from "./safe-number.js";
import { change, settings } from "./settings.js";
import { closeSheets } from "./sheets.js";
import { say, sayCount, words } from "./texts.js";
import { ruleFor, seoulDay } from "../passcode.js";

const byId = (id) => document.getElementById(id);
const box = (id) => /** @type {HTMLInputElement} */ (byId(id));
const sheet = (id) => /** @type {HTMLDialogElement} */ (byId(id));
const radios = (name) => /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll(`[name=${name}]`));

/** @param {() => void} onChange what stands on the screen is no longer so */
export function wireDoorSheets(onChange) {
  wireSafeNumber();
  wireGroup();
  wireDirection(onChange);
  wireUndo(onChange);
}

function wireSafeNumber() {
  const field = box("safe-field");
  byId("safe-open").addEventListener("click", async () => {
    if (await permit("hand")) openSafeNumber("");
  });
  field.addEventListener("input", () => wrong("safe", wrongSoFar(field.value) && say(`safe_${wrongSoFar(field.value)}`)));
  byId("safe-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const number = safeNumber(field.value);
    if (!number) return wrong("safe", say(`safe_${wrongSoFar(field.value) || "length"}`));
    field.value = "";
    closeSheets();
    passWithoutCode({ method: "hand", safe_number: number }, "todo_SAFE").catch(console.error);
  });
  sheet("safe").addEventListener("close", () => {
    field.value = "";
    wrong("safe", "");
  });
}

/** @param {string} text typed already */
export function openSafeNumber(text) {
  if (!isOpen()) return;
  const today = ruleFor(manifest()?.days ?? {}, seoulDay(nowMs() / 1000));
  byId("safe-asks").hidden = !today.asks || direction() === "out";
  sheet("safe").showModal();
  box("safe-field").value = text;
  box("safe-field").focus();
}

function wireGroup() {
  const field = box("group-field");
  const heads = () => (/^\s*\d{1,3}\s*$/.test(field.value) ? Number(field.value) : 0);
  const good = () => {
    const right = heads() >= 1 && heads() <= MOST;
    wrong("group", right ? "" : say("group_wrong", { most: MOST }));
    return right;
  };
  const without = async (people) => {
    if (!people || !(await permit("hand"))) return;
    endGroup();
    closeSheets();
    await passWithoutCode({ method: "group", people }, direction() === "out" ? "todo_GROUP_LEFT" : "todo_GROUP");
  };
  byId("group-open").addEventListener("click", () => isOpen() && sheet("group").showModal());
  byId("group-form").addEventListener("submit", (event) => {
    event.preventDefault();
    if (!good()) return;
    beginGroup(heads());
    closeSheets();
  });
  byId("group-without").addEventListener("click", () => good() && without(heads()).catch(console.error));
  byId("armed-without").addEventListener("click", () => without(group()).catch(console.error));
  byId("armed-cancel").addEventListener("click", endGroup);
  sheet("group").addEventListener("close", () => {
    field.value = "";
    wrong("group", "");
  });
  listenToGroup((people) => {
    byId("armed").hidden = people === null;
    byId("armed-words").textContent = people === null ? "" : sayCount("group_armed", people);
  });
}

/** @param {() => void} onChange */
function wireDirection(onChange) {
  byId("settings-door").hidden = false;
  for (const radio of radios("direction")) {
    radio.addEventListener("change", async () => {
      await change({ direction: /** @type {"in"|"out"|"both"} */ (radio.value) });
      showDirection();
      onChange();
    });
  }
  for (const radio of radios("going")) {
    radio.addEventListener("change", () => {
      turnTo(/** @type {"in"|"out"} */ (radio.value));
      showDirection();
    });
  }
  showDirection();
}

/** What this door is for, and whom it expects next. */
export function showDirection() {
  const { direction: mode } = settings();
  const going = direction();
  document.body.dataset.direction = going;
  for (const radio of radios("direction")) radio.checked = radio.value === mode;
  for (const radio of radios("going")) radio.checked = radio.value === going;
  byId("going").hidden = mode !== "both";
  byId("bar-mode").hidden = going === "in";
  byId("bar-mode").textContent = going === "in" ? "" : say("going_out");
}

/** @param {() => void} onChange */
function wireUndo(onChange) {
  listenToUndo((there) => (byId("undo").hidden = !there));
  byId("undo").addEventListener("click", async () => {
    const taken = await undoLast();
    if (!taken) return;
    const said = say("undone", { word: words(taken.word).word, time: timeOfDay(taken.scan.at) });
    byId("last").dataset.colour = "amber";
    byId("last-icon").className = "icon icon--undo";
    byId("last-words").textContent = said;
    byId("live").textContent = said;
    byId("door-title").focus({ preventScroll: true });
    onChange();
  });
}

/** @param {"safe"|"group"} what @param {string} said "" where nothing is wrong */
function wrong(what, said) {
  const icon = document.createElement("span");
  icon.className = "icon icon--warn";
  icon.ariaHidden = "true";
  byId(`${what}-error`).replaceChildren(...(said ? [icon, document.createTextNode(said)] : []));
  box(`${what}-field`).ariaInvalid = String(said !== "");
}
