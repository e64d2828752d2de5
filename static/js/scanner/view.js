/**
 * The page around the verdict: which screen stands, counts, the link to the server, notices, what this scanner is.
 * @module
 */

import { clockOffset, timeOfDay } from "./clock.js";
import { knows, LANGUAGE, say, sayCount, words } from "./texts.js";

const byId = (id) => document.getElementById(id);
const ICONS = { green: "check", red: "cross", amber: "warn", blue: "info" };
const CAMERA_ICONS = {
  starting: "scan", refused: "warn", absent: "info", busy: "warn", paused: "warn", insecure: "warn",
};

/** @param {string} id @param {string} text changed only where it differs, so that a reader is not told twice */
function write(id, text) {
  if (byId(id).textContent !== text) byId(id).textContent = text;
}

/** @param {"starting"|"unpaired"|"ready"|"verdict"|"revoked"} state */
export function showState(state) {
  document.body.dataset.state = state;
  const pairing = state === "unpaired" || state === "revoked";
  byId("screen-pair").hidden = !pairing;
  byId("screen-door").hidden = pairing || state === "starting";
  byId("revoked").hidden = state !== "revoked";
}

/** @param {Awaited<ReturnType<import("./queue.js").tally>>} tally */
export function showTally(tally) {
  for (const name of /** @type {const} */ (["admitted", "refused", "waiting"])) {
    document.body.dataset[name] = String(tally[name]);
    write(`count-${name}`, tally[name].toLocaleString(LANGUAGE));
  }
  byId("inside").hidden = (tally.inside ?? null) === null;
  write("count-inside", (tally.inside ?? 0).toLocaleString(LANGUAGE));
  byId("dead").hidden = tally.dead.length === 0;
  byId("dead-list").replaceChildren(...tally.dead.map(deadLetter));
}

function deadLetter({ seq, at, reason }) {
  const item = document.createElement("li");
  item.dataset.seq = String(seq);
  item.dataset.reason = reason;
  const why = knows(`reason_${reason}`) ? say(`reason_${reason}`) : say("reason_other", { code: reason });
  item.textContent = say("dead_letter", { number: seq, time: timeOfDay(at), reason: why });
  return item;
}

/** @param {number|null} since out of reach since, milliseconds @param {number} waiting */
export function showLink(since, waiting) {
  document.body.dataset.link = since === null ? "online" : "offline";
  const time = since === null ? "" : timeOfDay(since);
  const offline = waiting ? sayCount("offline_waiting", waiting, { time }) : say("offline", { time });
  write("link-words", since === null ? say("online") : offline);
}

/** @param {{kind: "info"|"warning"|"danger", text: string}[]} notices */
export function showNotices(notices) {
  const area = byId("notices");
  const shown = notices.map(({ kind, text }) => `${kind} ${text}`).join("\n");
  if (area.dataset.shown === shown) return;
  area.dataset.shown = shown;
  area.replaceChildren(...notices.map(notice));
}

function notice({ kind, text }) {
  const element = document.createElement("div");
  element.className = `notice notice--${kind}`;
  element.role = "status";
  const icon = document.createElement("span");
  icon.className = `icon icon--${{ info: "info", warning: "warn", danger: "cross" }[kind]}`;
  icon.ariaHidden = "true";
  const words = document.createElement("p");
  words.textContent = text;
  element.append(icon, words);
  return element;
}

/**
 * @param {import("./pairing.js").Pairing} pairing
 * @param {any} manifest null before the first
 * @param {{sentAt: number|null, fetchedAt: number|null}} times
 */
export function showAbout(pairing, manifest, { sentAt, fetchedAt }) {
  const venue = manifest?.venue ?? pairing.venue;
  write("bar-name", venue.name);
  write("about-venue", venue.name);
  write("about-category", venue.category_name?.[LANGUAGE] ?? "");
  write("about-scanner", manifest?.scanner.name ?? pairing.name);
  write("about-sent", sentAt === null ? say("never") : timeOfDay(sentAt));
  write("about-fetched", fetchedAt === null ? say("never") : timeOfDay(fetchedAt));
  write("about-clock", clockWords(clockOffset()));
}

function clockWords(offset) {
  const minutes = Math.round(Math.abs(offset) / 60_000);
  if (minutes === 0) return say("clock_good");
  return say(offset > 0 ? "clock_behind" : "clock_ahead", { time: sayCount("minutes", minutes) });
}

/** @param {string} word @param {string} colour @param {number} at milliseconds */
export function showLast(word, colour, at) {
  byId("last").hidden = false;
  byId("last").dataset.colour = colour;
  byId("last-icon").className = `icon icon--${ICONS[colour]}`;
  byId("last-words").textContent = say("last", { word: words(word).word, time: timeOfDay(at) });
}

/** @param {import("./camera.js").Told} told */
export function showCamera({ state, all, current, torch }) {
  byId("viewfinder").dataset.camera = state;
  byId("camera-turn").hidden = all.length < 2 || state !== "on";
  byId("torch").hidden = !torch || state !== "on";
  byId("camera-again").hidden = !["refused", "busy", "absent", "paused"].includes(state);
  showChoices(all, current);
  showLight(false);
  if (!CAMERA_ICONS[state]) return;
  byId("viewfinder").querySelector(".viewfinder__words .icon").className = `icon icon--${CAMERA_ICONS[state]}`;
  write("camera-title", say(`camera_${state}`));
  write("camera-todo", say(`camera_${state}_todo`));
}

/** The cameras to choose from. Before one was allowed once, the browser names none. */
function showChoices(all, current) {
  const choice = /** @type {HTMLSelectElement} */ (byId("camera-choice"));
  const known = all.filter(({ id }) => id !== "");
  choice.replaceChildren(...known.map(({ id, name }) => new Option(name, id, false, id === current)));
  choice.disabled = known.length < 2;
  write("camera-choice-hint", known.length === 0 ? say("camera_none_known") : "");
}

/** @param {boolean} lit */
export function showLight(lit) {
  byId("torch").ariaPressed = String(lit);
}

/** @param {import("./refused.js").Refusal[]} refusals */
export function showRefused(refusals) {
  byId("refused-none").hidden = refusals.length > 0;
  byId("refused-list").replaceChildren(...refusals.map(refusal));
}

function refusal({ at, word, reference }) {
  const item = document.createElement("li");
  const parts = { time: timeOfDay(at), word: words(word).word, reference };
  for (const [name, text] of Object.entries(parts)) {
    const part = document.createElement("span");
    part.className = `refused__${name}`;
    part.textContent = text;
    item.append(part);
  }
  return item;
}

/** @param {boolean} muted */
export function showMuted(muted) {
  byId("mute").ariaPressed = String(muted);
  byId("mute").querySelector(".icon").className = `icon icon--${muted ? "mute" : "sound"}`;
  write("mute-word", say(muted ? "unmute" : "mute"));
}

/** @param {boolean} full */
export function showFull(full) {
  write("full-word", say(full ? "full_leave" : "full_screen"));
}

/** @param {import("./storage.js").Room} room */
export function showRoom({ left, persisted }) {
  const amount = (left / 1e6).toLocaleString(LANGUAGE, { maximumFractionDigits: 0 });
  if (!Number.isFinite(left)) return write("about-storage", say("storage_unknown"));
  write("about-storage", say(persisted ? "storage_kept" : "storage_may_go", { amount }));
}

/** @param {number} kept scans from before the scanner was revoked @param {boolean} over the server takes no more of them */
export function showKept(kept, over) {
  if (kept === 0) return write("revoked-kept", say("revoked_done"));
  write("revoked-kept", sayCount(over ? "revoked_over" : "revoked_kept", kept));
}

/** @param {string} wrong "" where nothing is */
function showWrong(wrong) {
  const icon = document.createElement("span");
  icon.className = "icon icon--warn";
  icon.ariaHidden = "true";
  const said = document.createElement("span");
  said.textContent = wrong;
  byId("pair-error").replaceChildren(...(wrong ? [icon, said] : []));
}

/**
 * The pairing form.
 * @param {{onCode: (text: string) => Promise<string>, onBack: () => void}} page `onCode` gives what went wrong, or ""
 * @returns {{offer: (code: string, at_once: boolean) => void, instead: (venue: string|null) => void}}
 */
export function pairingForm({ onCode, onBack }) {
  const form = /** @type {HTMLFormElement} */ (byId("pair-form"));
  const field = /** @type {HTMLInputElement} */ (byId("pair-code"));
  const submit = /** @type {HTMLButtonElement} */ (byId("pair-submit"));
  const ready = submit.textContent;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (submit.disabled) return;
    submit.disabled = true;
    submit.textContent = say("pair_working");
    const wrong = await onCode(field.value);
    submit.disabled = false;
    submit.textContent = ready;
    showWrong(wrong);
    field.ariaInvalid = String(wrong !== "");
    if (wrong) field.focus();
    else form.reset();
  });
  byId("pair-back").addEventListener("click", onBack);
  return {
    offer(code, atOnce) {
      field.value = code;
      if (atOnce) form.requestSubmit();
    },
    instead(venue) {
      byId("pair-instead").hidden = byId("pair-back").hidden = venue === null;
      write("pair-instead", venue === null ? "" : say("pair_again", { venue }));
      showWrong("");
      byId("pair-title").focus();
    },
  };
}
