/**
 * The scanner's clock, corrected by the server's. The offset is kept, so that it holds without a network.
 * @module
 */

import { getState, remember, setState } from "./store.js";

/** A slower answer tells the time too badly to replace an offset that we have. */
const LONGEST_TRIP_MS = 4000;

let offset = 0;
let known = false;

/** @returns {Promise<void>} */
export async function loadClock() {
  const kept = await getState("offset");
  if (typeof kept !== "number") return;
  remember("offset", kept);
  offset = kept;
  known = true;
}

/** @returns {number} milliseconds since the epoch, as the server counts them */
export const nowMs = () => Date.now() + offset;

/** @returns {number} seconds since the epoch, fractional */
export const now = () => nowMs() / 1000;

/** @returns {number} milliseconds that the device's clock is behind the server's; negative when it is ahead */
export const clockOffset = () => offset;

/**
 * Take the server's time, which it read at about the middle of the trip.
 * @param {number} serverMs
 * @param {number} sentMs the device's clock when the request left
 * @param {number} receivedMs the device's clock when the answer came
 * @returns {Promise<void>}
 */
export async function correctClock(serverMs, sentMs, receivedMs) {
  const trip = receivedMs - sentMs;
  if (!Number.isFinite(serverMs) || trip < 0 || (known && trip > LONGEST_TRIP_MS)) return;
  offset = Math.round(serverMs - (sentMs + receivedMs) / 2);
  known = true;
  await setState("offset", offset);
}

const TIME = new Intl.DateTimeFormat(document.documentElement.lang, {
  timeZone: "Asia/Seoul",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const DAY_AND_TIME = new Intl.DateTimeFormat(document.documentElement.lang, {
  timeZone: "Asia/Seoul",
  month: "numeric",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const DAY = new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Seoul", dateStyle: "short" });

/** @param {number} ms @returns {string} "12:03" on the Seoul clock; with the date if it is not today */
export function timeOfDay(ms) {
  return (DAY.format(ms) === DAY.format(nowMs()) ? TIME : DAY_AND_TIME).format(ms);
}
