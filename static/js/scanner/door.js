/**
 * What happens at the door: a text is read, the verdict is found without a network, shown, and kept for the server.
 * Only then may the door decide what the format leaves to it: admit by hand, admit alone, compare a card.
 * @module
 */

import { nowMs } from "./clock.js";
import { agencyKeys, isFresh, manifest, refreshSoon } from "./manifest.js";
import { pairing } from "./pairing.js";
import { codeParts, decide, keep, release } from "./queue.js";
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
 * @property {Promise<number|null>} seq
 * @property {number} since
 * @property {boolean} glance closes by itself
 * @property {boolean} counted whether it stands among the refused
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
 * @property {(reason: any) => void} failed a scan could not be kept
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

const isOpen = () => pairing() !== null && pairing().trouble !== "revoked_scanner";

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
  const judged = await verdict(text, {
    now: at / 1000,
    keys: agencyKeys(),
    days: manifest()?.days ?? {},
    revoked: revokedSince,
    lastShown,
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
  const admitted = judged.verdict === "PASS" || judged.verdict === "ENTRY";
  inSight = { text, cti, verdict: judged.verdict, admitted, at: performance.now() };
  present(judged, at);
  if (judged.verdict === "UNKNOWN_KEY" || judged.verdict === "OUTDATED") refreshSoon();
}

function present(judged, at) {
  const { verdict: code, alone, identity, strip } = judged;
  const admitted = code === "PASS" || code === "ENTRY";
  const colour = VERDICTS[code].colour;
  const glance = admitted && !identity;
  const word = alone ? "ALONE" : code;
  const noise = sound(code);
  const holder = identity ? strip.holder : null;
  const offered = choices(judged);
  showVerdict({ verdict: code, word, todo: todo(judged), colour, holder, choices: offered, sound: noise, alone });
  tellPage.state("verdict");
  tellPage.last(word, colour, at);

  const scan = { at, verdict: code, method: strip?.paper ? "paper" : "qr", direction: "in", admitted };
  if (admitted) Object.assign(scan, codeParts(judged));
  const counted = colour === "red";
  const held = heldMs(judged, admitted);
  current = { judged, scan, seq: Promise.resolve(null), since: performance.now(), glance, counted, open: held > 0 };
  current.seq = record(judged, scan, { admitted: Number(admitted), refused: Number(counted) }, held);
  clearTimeout(closing);
  if (glance) closing = setTimeout(leave, GLANCE_MS);
}

/** Keep the scan, unless the same guest was turned away for the same reason a moment ago and is counted already. */
async function record(judged, scan, change, held) {
  const cti = judged.strip?.ctiHex;
  const before = cti ? recentlyShown(cti) : null;
  if (change.refused && before && !before.admitted && before.verdict === scan.verdict) return null;
  try {
    const at = scan.at / 1000;
    if (cti && judged.verdict !== "REPEAT" && VERDICTS[judged.verdict].step > 6) {
      await remember({ cti, at, verdict: scan.verdict, admitted: scan.admitted });
    }
    const seq = await keep(pairing(), scan, change, held);
    if (current?.scan === scan) showReference(seq, scan.at);
    return seq;
  } catch (reason) {
    failed(reason);
    return null;
  }
}

/** How long the scan waits on the device for the door's decision, 0 where there is none to take. */
function heldMs({ verdict: code, alone, identity }, admitted) {
  if (identity && admitted) return COMPARE_MS;
  return alone || VERDICTS[code].colour === "amber" ? DECIDE_MS : 0;
}

function todo({ verdict: code, alone, ago }) {
  if (alone) return say("todo_ALONE");
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
  else if (choice === "mismatch") await change({ admitted: false, strip: undefined }, "TURNED_AWAY");
  else if (choice === "hand") await byHand();
}

async function byHand() {
  const asked = current;
  const reason = await askReason();
  if (!reason || current !== asked) return;
  // Steps 1 to 6 held: the visit can be logged. Otherwise there is no code that the server would take; it is counted.
  const parts = asked.judged.verdict === "OUTDATED" ? codeParts(asked.judged) : {};
  await change({ method: "hand", admitted: true, reason, ...parts }, "HAND");
}

/** The door decided otherwise than the verdict alone: keep that, and show it for a moment. */
async function change(values, word) {
  const decided = current;
  if (!decided?.open) return;
  decided.open = false;
  decided.glance = true;
  const scan = { ...decided.scan, ...values };
  const admitted = Number(scan.admitted) - Number(decided.scan.admitted);
  const counts = { admitted, refused: Number(!scan.admitted) - Number(decided.counted) };
  confirm(decided.judged.verdict, word);
  const seq = await decided.seq;
  if (seq === null) await keep(pairing(), scan, counts, 0);
  else await decide(pairing(), seq, scan, counts);
  const cti = decided.judged.strip?.ctiHex;
  if (cti && VERDICTS[decided.judged.verdict].step > 6) {
    await remember({ cti, at: scan.at / 1000, verdict: scan.verdict, admitted: scan.admitted });
  }
}

function confirm(code, word) {
  const colour = word === "TURNED_AWAY" ? "red" : "blue";
  const sentence = say(word === "ALONE" ? "todo_ALONE_ADMITTED" : `todo_${word}`);
  showVerdict({ verdict: code, word, todo: sentence, colour, holder: null, choices: ["next"], sound: "" });
  tellPage.last(word, colour, nowMs());
  clearTimeout(closing);
  closing = setTimeout(leave, GLANCE_MS);
}

/** Somebody without any code is let in: counted with the reason, not logged. @returns {Promise<void>} */
export async function admitWithoutCode() {
  if (!isOpen()) return;
  const reason = await askReason();
  if (!reason) return;
  const at = nowMs();
  const scan = { at, verdict: "", method: "hand", direction: "in", admitted: true, reason };
  const seq = keep(pairing(), scan, { admitted: 1, refused: 0 }, 0);
  const judged = { verdict: "", strip: null };
  current = { judged, scan, seq, since: performance.now(), glance: true, counted: false, open: false };
  confirm("", "HAND");
  tellPage.state("verdict");
  showReference(await seq, at);
}
