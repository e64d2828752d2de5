/**
 * Sends what is kept, in the background: one window of a scanner at a time (Web Locks), in batches of the size and pace
 * that the manifest names, backing off with jitter, sooner than asked never.
 * @module
 */

import { hear } from "./channel.js";
import { sentScans } from "./contact.js";
import { dataState, manifest } from "./manifest.js";
import { endUploads, judgeToken, pairing } from "./pairing.js";
import { later, nextBatch, park, settle } from "./queue.js";
import { ask, Unreachable } from "./server.js";
import { stateHeaders } from "./state.js";

const LOCK = "munjigi-scanner-upload";
const FIRST_DELAY_MS = 2000;
const LONGEST_DELAY_MS = 300_000;
const LONGEST_RETRY_AFTER_MS = 3_600_000;
const UPLOAD_TIMEOUT_MS = 30_000;

/** @typedef {{ms: number, until: "news"|"network"|"clock"}} Pause what may end it before its time */

let failures = 0;
let size = Infinity;
/** @type {((why: "news"|"network") => void)|null} */
let interrupt = null;

/**
 * Send for as long as this window is open; another window of the same scanner takes over when it closes.
 * @param {() => void} onSending told when this window is the one that sends
 */
export function startUploads(onSending) {
  hear("queue", () => interrupt?.("news"));
  hear("pairing", () => interrupt?.("network"));
  addEventListener("online", () => interrupt?.("network"));
  const forever = async () => {
    onSending();
    for (;;) await pause(await attempt().catch(backOff));
  };
  // Without locks two windows may send the same scan: the server knows it again by its number.
  if (navigator.locks) navigator.locks.request(LOCK, forever);
  else forever();
}

/** @param {Pause} wanted @returns {Promise<void>} */
function pause({ ms, until }) {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      interrupt = null;
      resolve();
    };
    // Longer than a timer can count means: until something happens.
    let timer = ms < 2 ** 31 ? setTimeout(finish, ms) : undefined;
    interrupt = (why) => {
      if (why === "news" && until === "news") finish();
      if (why === "network" && until !== "clock") {
        clearTimeout(timer);
        timer = setTimeout(finish, Math.min(ms, Math.random() * 3000));
      }
    };
  });
}

/** @returns {Pause} */
function backOff() {
  failures += 1;
  const ceiling = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - 1));
  return { ms: ceiling * (0.5 + Math.random() / 2), until: "network" };
}

/** @param {Headers} headers @returns {number} milliseconds that the server asks us to wait, 0 where it does not */
export function retryAfterMs(headers) {
  const value = headers.get("Retry-After");
  if (!value) return 0;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Math.min(LONGEST_RETRY_AFTER_MS, Math.max(0, ms || 0));
}

/** One batch, if there is one. @returns {Promise<Pause>} */
async function attempt() {
  const paired = pairing();
  const wait = /** @type {Pause} */ ({ ms: Infinity, until: "news" });
  if (!paired || paired.trouble === "unknown_scanner" || paired.over) return wait;
  const { size: largest = 500, pace_ms: pace = 2000, drain_ms: drain = 100 } = manifest()?.upload ?? {};
  const most = Math.max(1, Math.min(size, largest));
  const { batch, nextInMs } = await nextBatch(paired.scanner, most);
  if (batch.length === 0) return { ...wait, ms: nextInMs };
  const headers = await stateHeaders(paired.scanner, dataState(), batch.length);
  let answer;
  try {
    answer = await ask("/api/v1/scans", {
      method: "POST", token: paired.token, json: { scans: batch }, headers, timeoutMs: UPLOAD_TIMEOUT_MS,
    });
  } catch (reason) {
    if (reason instanceof Unreachable) return backOff();
    throw reason;
  }
  await heed(answer, paired);
  if (!(await take(answer, batch, paired.scanner))) return refusedPause(answer);
  // A full batch says that more waits: after an outage thousands do. The server slows us with Retry-After if it must.
  return { ms: batch.length === most ? drain : pace, until: "clock" };
}

/** What the server says of us: a revoked scanner may send what it saw before, until it is told that that is over. */
async function heed(answer, { token }) {
  const revoked = answer.status === 200 && answer.json?.revoked === true;
  if (revoked) return judgeToken(token, 401, "revoked_scanner");
  await judgeToken(token, answer.status, answer.code);
  if (answer.status === 401 && answer.code === "revoked_scanner") await endUploads(token);
}

/** @returns {Promise<boolean>} whether the batch got us on */
async function take(answer, batch, scanner) {
  if (answer.status === 200 && Array.isArray(answer.json?.answers)) {
    const taken = await settle(scanner, batch, answer.json.answers);
    const postponed = (answer.json.retry ?? []).filter((seq) => batch.some((scan) => scan.seq === seq));
    if (postponed.length > 0) await later(scanner, postponed);
    if (taken + postponed.length === 0) return false;
    failures = 0;
    size = Infinity;
    await sentScans();
    return true;
  }
  if (answer.status === 413 && batch.length > 1) {
    size = Math.ceil(batch.length / 2);
    return true;
  }
  if (answer.status === 400) return setAside(answer.json?.item, batch, scanner);
  return false;
}

/** A batch that cannot be read: set the scan aside that is named, or halve until it is found. */
async function setAside(item, batch, scanner) {
  const culprit = batch.length === 1 ? batch[0] : batch[item];
  if (culprit) await park(scanner, culprit.seq);
  else size = Math.ceil(batch.length / 2);
  return true;
}

/** @returns {Pause} */
function refusedPause(answer) {
  const asked = retryAfterMs(answer.headers);
  const own = backOff();
  return asked > 0 ? { ms: Math.max(asked * (1 + Math.random() / 4), 500), until: "clock" } : own;
}
