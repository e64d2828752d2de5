/**
 * The server's time, from the phone's clock and the difference measured when the server was last heard.
 * @module
 */
import { get, put } from "./store.js";

const JUMP_MS = 2000;
const GOOD_FOR_MS = 12 * 3600_000;
const PATIENCE_MS = 5000;

let offset = 0;
let measuredAt = /** @type {number|null} */ (null);
let anchor = { wall: Date.now(), steady: performance.now() };

/** @returns {number} ms since the epoch by the server's clock */
export function now() {
  return Date.now() + offset;
}

/**
 * A clock that stands before the moment of measuring was set since, and then most likely put right: the difference is no
 * more than what takes it to the time that it surely is.
 * @returns {Promise<void>}
 */
export async function loadClock() {
  const kept = await get("clock");
  if (!kept) return;
  const wall = Date.now();
  offset = wall < kept.at - JUMP_MS ? Math.max(0, kept.at + kept.offset - wall) : kept.offset;
  measuredAt = kept.at;
}

/**
 * The server's time is of half way between question and answer, by the steady clock: the phone's may be set meanwhile.
 * @param {number} serverMs what the server said
 * @param {number} sentAt ms, the steady clock when the question left
 * @returns {Promise<void>}
 */
export async function setServerTime(serverMs, sentAt) {
  const wall = Date.now();
  const steady = performance.now();
  offset = Math.round(serverMs + (steady - sentAt) / 2 - wall);
  measuredAt = wall;
  anchor = { wall, steady };
  await put("clock", { offset, at: wall });
}

/** @returns {boolean} whether the difference is unknown, old, or the phone's clock has run backwards since */
export function inDoubt() {
  return measuredAt === null || Date.now() < measuredAt - JUMP_MS || Date.now() > measuredAt + GOOD_FOR_MS;
}

/**
 * Whether the phone's clock was set since the last look. A clock that ran backwards was surely set: the difference is
 * mended at once by the steady clock. One that leapt ahead may as well have slept, so only the server can tell.
 * @returns {boolean}
 */
export function noticeJump() {
  const wall = Date.now();
  const steady = performance.now();
  const drift = wall - anchor.wall - (steady - anchor.steady);
  anchor = { wall, steady };
  if (drift < -JUMP_MS) {
    offset -= Math.round(drift);
    if (measuredAt !== null) {
      measuredAt = wall;
      put("clock", { offset, at: wall });
    }
  }
  return Math.abs(drift) > JUMP_MS;
}

/**
 * Ask the server for its time, and what it tells beside. Without a network nothing changes.
 * @returns {Promise<{restorable: boolean, outage: {since: number}|null}|null>} null when it could not be reached
 */
export async function askServer() {
  const sentAt = performance.now();
  try {
    const answer = await fetch("/api/v1/pass/time", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
    if (!answer.ok) return null;
    const { time, restorable, outage = null } = await answer.json();
    await setServerTime(time, sentAt);
    return { restorable, outage };
  } catch {
    return null;
  }
}
