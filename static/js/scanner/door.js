/**
 * What happens at the door: a text is read, the verdict is found without a network, shown, and kept for the server.
 * Only then may the door decide what the format leaves to it: admit by hand, admit alone, compare a card.
 * @module
 */

import { nowMs } from "./clock.js";
import { direction } from "./direction.js";
import { kindOf } from "./foreign.js";
import { endGroup, group } from "./group.js";
import { nothingToUndo, offerUndo } from "./last.js";
import { agencyKeys, isFresh, manifest, refreshSoon } from "./manifest.js";
import { pairing } from "./pairing.js";
import { codeParts, decide, keep, release } from "./queue.js";
import { reference } from "./reference.js";
import { noteRefused, takeBackRefused } from "./refused.js";
import { revokedSince } from "./revoked.js";
import { lastShown, recentlyShown, remember } from "./shown.js";
import { sound } from "./sounds.js";
import { say, sayCount } from "./texts.js";
import { askReason, isAsking, stopAsking } from "./verdict-view.js";
import { hideVerdict, listenToChoices, showReference, showVerdict } from "./verdict-view.js";
import { VERDICTS, verdict } from "../passcode.js";

const GLANCE_MS = 2000;
/** A red or amber verdict stands at least this long before the camera may bring the next guest. */
const AT_LEAST_MS = 1200;
/** A code counts as still before the camera until it was out of sight for this long. */
const OUT_OF_SIGHT_MS = 3000;

/** How long a kept scan waits for the door's decision before it is sent as it is. */
const DECIDE_MS = 10_000;
const COMPARE_MS = 60_000;

/**
 * @typedef {object} Judgement what stands on the screen
 * @property {any} judged the format's verdict
 * @property {any} scan as it is kept
 * @property {import("./queue.js").Change} change that it made to the counts
 * @property {Promise<number|null>} seq
 * @property {number} since
 * @property {boolean} glance closes by itself
 * @property {boolean} open to a decision
 */
/** @type {Judgement|null} */
let current = null;
/** @type {{text: string, cti: string|null, verdict: string, admitted: boolean, at: number}|null} */
let inSight = null;
let turn = Promise.resolve();
let judging = 0;
let closing = 0;
/**
 * @typedef {object} Door what the page is told
 * @property {(state: "ready"|"verdict") => void} state
 * @property {(word: string, colour: string, at: number) => void} last
 * @property {(reason: any) => void} failed something that should not fail
 */
/** @type {Door} */
let tellPage;

/** @param {Door} page */
export function openDoor(page) {
  tellPage = page;
  listenToChoices((choice) => choose(choice).catch(failed));
}

/**
 * A code from a USB scanner, the field or the clipboard: each is judged, in order.
 * @param {string} text
 * @returns {Promise<void>}
 */
export function typed(text) {
  if (isAsking()) stopAsking();
  judging += 1;
  turn = turn.then(() => judge(text)).catch(failed).finally(() => (judging -= 1));
  return turn;
}

/**
 * A code that the camera sees, many times a second: judged once.
 * @param {string} text
 */
export function seen(text) {
  const at = performance.now();
  if (inSight && at - inSight.at > OUT_OF_SIGHT_MS) inSight = null;
  if (inSight?.text === text) {
    inSight.at = at;
    return;
  }
  const busy = current && (current.glance || at - current.since < AT_LEAST_MS);
  if (judging || busy || isAsking() || !isOpen()) return;
  judging += 1;
  turn = turn.then(() => judge(text, inSight)).catch(failed).finally(() => (judging -= 1));
}

/** Nothing more is decided here: what stands on the screen goes, an open question is answered with no. */
export function closeDoor() {
  if (isAsking()) stopAsking();
  if (current) leave();
}

export const isOpen = () => pairing() !== null && pairing().trouble !== "revoked_scanner";

function failed(reason) {
  tellPage.failed(reason);
}

/**
 * @param {string} text
 * @param {typeof inSight} [lingering] the code that has been before the camera all the while
 */
async function judge(text, lingering = null) {
  if (!isOpen()) return;
  const at = nowMs();
  const going = direction();
  const judged = await verdict(text, {
    now: at / 1000,
    keys: agencyKeys(),
    days: manifest()?.days ?? {},
    revoked: revokedSince,
    lastShown: (cti) => lastShown(cti, going),
    fresh: isFresh(),
    outage: Boolean(manifest()?.outage),
  });
  if (!isOpen()) return;
  const cti = judged.strip?.ctiHex ?? null;
  const same = lingering !== null && cti !== null && lingering.cti === cti;
  if (same && (lingering.admitted || lingering.verdict === judged.verdict)) {
    inSight = { ...lingering, text, at: performance.now() };
    return;
  }
  if (current) leave();
  const leaves = going === "out" && judged.strip !== null;
  const admitted = leaves || judged.verdict === "PASS" || judged.verdict === "ENTRY";
  inSight = { text, cti, verdict: judged.verdict, admitted, at: performance.now() };
  if (leaves) goOut(judged, at);
  else present(judged, at, text);
  if (judged.verdict === "UNKNOWN_KEY" || judged.verdict === "OUTDATED") refreshSoon();
}

/** Nobody is kept in: whoever shows a code that can be read goes out, whatever it says. */
function goOut(judged, at) {
  const again = judged.verdict === "REPEAT";
  const party = again ? null : group();
  const scan = { at, verdict: judged.verdict, direction: "out", admitted: true, ...means(judged, party), ...codeParts(judged) };
  const change = again ? {} : { left: scan.people ?? 1 };
  appear(judged, scan, change, { word: "LEFT", todo: again ? say("todo_LEFT_again") : sayCount("todo_LEFT", scan.people ?? 1), colour: "blue" });
  if (again) return;
  endGroup();
  current.seq = record(judged, scan, change, 0);
}

/** By which method somebody comes through, and with how many. */
function means(judged, people) {
  return people ? { method: "group", people } : { method: judged.strip?.paper ? "paper" : "qr" };
}

function present(judged, at, text) {
  const { verdict: code, identity, strip } = judged;
  const admitted = code === "PASS" || code === "ENTRY";
  const party = group();
  const alone = judged.alone && !party; // who may only sit alone is no part of a group
  const word = alone ? "ALONE" : code;
  const scan = { at, verdict: code, direction: "in", admitted, ...means(judged, admitted ? party : null) };
  if (admitted) Object.assign(scan, codeParts(judged));
  const change = admitted ? { admitted: scan.people ?? 1 } : { refused: Number(VERDICTS[code].colour === "red") };
  const held = heldMs({ ...judged, alone }, admitted);
  const sentence = [todo({ ...judged, alone }, text), ...(scan.people ? [sayCount("todo_GROUP", scan.people)] : [])].join(" ");
  appear(judged, scan, change, {
    word, alone, open: held > 0, glance: admitted && !identity, holder: identity ? strip.holder : null,
    todo: sentence, colour: VERDICTS[code].colour, choices: choices({ ...judged, alone }),
  });
  if (admitted) endGroup();
  current.seq = record(judged, scan, change, held, word);
}

/** Put it on the screen, before anything is written. */
function appear(judged, scan, change, { word, todo: sentence, colour, alone, holder, choices: offered, glance = true, open }) {
  const noise = judged.strip || judged.verdict ? sound(scan.direction === "out" ? "ENTRY" : judged.verdict) : "";
  nothingToUndo();
  showVerdict({
    verdict: judged.verdict, word, todo: sentence, colour, holder: holder ?? null, choices: offered ?? ["next"], sound: noise,
    alone,
  });
  tellPage.state("verdict");
  tellPage.last(word, colour, scan.at);
  current = {
    judged, scan, change, seq: Promise.resolve(null), since: performance.now(), glance, open: Boolean(open),
  };
  clearTimeout(closing);
  if (glance) closing = setTimeout(leave, GLANCE_MS);
}

/** Keep the scan, unless the same guest was turned away for the same reason a moment ago and is counted already. */
async function record(judged, scan, change, held, word = "LEFT") {
  const cti = judged.strip?.ctiHex;
  const before = cti ? recentlyShown(cti) : null;
  if (change.refused && before && !before.admitted && before.verdict === scan.verdict) {
    if (before.seq) tellReference(scan, before.seq, word);
    return null;
  }
  // Before anything is written: the next look may come at once.
  const showing = recall(judged, scan, null);
  const seq = await keep(pairing(), scan, change, held);
  await showing;
  if (!scan.admitted) await recall(judged, scan, seq);
  offerUndo({ pairing: pairing(), scan, change, seq, cti: cti ?? null, word });
  tellReference(scan, seq, word);
  return seq;
}

/** Whom this door saw last, where the code says who. What cannot be written is known to this page. */
async function recall({ strip, verdict: code }, { at, verdict: said, admitted, direction: going }, seq) {
  if (!strip || code === "REPEAT" || VERDICTS[code].step <= 6) return;
  await remember({ cti: strip.ctiHex, at: at / 1000, verdict: said, admitted, direction: going, seq }).catch(console.error);
}

/** The scan's number; for somebody who was not let in also what leads a clerk to why. */
function tellReference(scan, seq, word) {
  if (seq === null) return;
  const leadsToWhy = scan.admitted ? "" : reference(pairing().scanner, seq);
  if (current?.scan === scan) showReference(seq, scan.at, leadsToWhy);
  if (leadsToWhy) noteRefused({ at: scan.at, word, reference: leadsToWhy }).catch(failed);
}

/** How long the scan waits on the device for the door's decision, 0 where there is none to take. */
function heldMs({ verdict: code, alone, identity }, admitted) {
  if (identity && admitted) return COMPARE_MS;
  return alone || VERDICTS[code].colour === "amber" ? DECIDE_MS : 0;
}

function todo({ verdict: code, alone, ago }, text) {
  if (alone) return say("todo_ALONE");
  if (code === "MALFORMED") return say(`todo_MALFORMED_${kindOf(text)}`);
  return code === "REPEAT" ? sayCount("todo_REPEAT", Math.max(1, Math.round(ago))) : say(`todo_${code}`);
}

function choices({ verdict: code, alone, identity }) {
  if (alone) return ["alone", "next"];
  if (identity && (code === "PASS" || code === "ENTRY")) return ["match", "mismatch"];
  return VERDICTS[code].colour === "amber" ? ["next", "hand"] : ["next"];
}

/** Take the verdict off the screen as it stands: what was kept may go. */
function leave() {
  clearTimeout(closing);
  const left = current;
  current = null;
  if (isAsking()) stopAsking();
  hideVerdict();
  tellPage.state("ready");
  if (left?.open) letGo(left).catch(failed);
}

async function letGo({ seq }) {
  const number = await seq;
  if (number !== null) await release(pairing(), number);
}

async function choose(choice) {
  if (!current) return;
  if (choice === "next" || choice === "match") leave();
  else if (choice === "alone") await change({ admitted: true, alone: true, ...codeParts(current.judged) }, "ALONE");
  else if (choice === "mismatch") await change({ admitted: false, reason: "card", ...NO_CODE }, "TURNED_AWAY");
  else if (choice === "hand") await byHand();
}

const NO_CODE = { strip: undefined, t: undefined, proof: undefined };

async function byHand() {
  const asked = current;
  const reason = await askReason();
  if (!reason || current !== asked) return;
  // Steps 1 to 6 held: the visit can be logged. Otherwise there is no code that the server would take; it is counted.
  const parts = asked.judged.verdict === "OUTDATED" ? codeParts(asked.judged) : {};
  const people = group();
  endGroup();
  await change({ method: "hand", admitted: true, reason, ...parts, ...(people ? { method: "group", people } : {}) }, "HAND");
}

/** The door decided otherwise than the verdict alone: keep that, and show it for a moment. */
async function change(values, word) {
  const decided = current;
  if (!decided?.open) return;
  decided.open = false;
  decided.glance = true;
  const scan = { ...decided.scan, ...values };
  if (!scan.admitted && scan.method === "group") Object.assign(scan, { method: "paper", people: undefined });
  const made = scan.admitted ? { admitted: scan.people ?? 1 } : { refused: 1 };
  const counts = {
    admitted: (made.admitted ?? 0) - (decided.change.admitted ?? 0),
    refused: (made.refused ?? 0) - (decided.change.refused ?? 0),
  };
  confirm(decided.judged.verdict, word, scan.people);
  const { pairing: paired, cti } = { pairing: pairing(), cti: decided.judged.strip?.ctiHex ?? null };
  const first = await decided.seq;
  const seq = await decide(paired, first, decided.scan, scan, counts);
  await recall(decided.judged, scan, seq);
  offerUndo({ pairing: paired, scan, change: made, seq, cti, word });
  decided.scan = scan;
  if (scan.admitted) await takeBackRefused(scan.at).catch(failed);
  tellReference(scan, seq, word);
}

function confirm(code, word, people = 1) {
  const colour = word === "TURNED_AWAY" ? "red" : "blue";
  const sentences = { ALONE: () => say("todo_ALONE_ADMITTED"), HAND: () => sayCount("todo_HAND", people) };
  const sentence = sentences[word]?.() ?? say(`todo_${word}`);
  showVerdict({ verdict: code, word, todo: sentence, colour, holder: null, choices: ["next"], sound: "" });
  tellPage.last(word, colour, nowMs());
  clearTimeout(closing);
  closing = setTimeout(leave, GLANCE_MS);
}

/** Somebody without any code is let in: counted with the reason, not logged. @returns {Promise<void>} */
export async function admitWithoutCode() {
  if (!isOpen()) return;
  if (direction() === "out") return passWithoutCode({ method: "hand" }, "todo_LEFT");
  const reason = await askReason();
  if (reason) await passWithoutCode({ method: "hand", reason }, "todo_HAND");
}

/**
 * Let somebody through who shows no code: by hand, by safe number, or a group.
 * @param {Partial<import("./queue.js").Scan>} members
 * @param {string} sentence key of what is said
 * @returns {Promise<void>}
 */
export async function passWithoutCode(members, sentence) {
  if (!isOpen()) return;
  if (current) leave();
  const going = direction();
  /** @type {any} */
  const scan = { at: nowMs(), verdict: "", direction: going, admitted: true, ...members };
  const heads = scan.people ?? 1;
  const made = going === "out" ? { left: heads } : { admitted: heads };
  const word = going === "out" ? "LEFT" : scan.method === "group" ? "GROUP" : "HAND";
  const judged = { verdict: "", strip: null };
  appear(judged, scan, made, { word, todo: sayCount(sentence, heads), colour: "blue" });
  current.seq = record(judged, scan, made, 0, word);
  await current.seq;
}
