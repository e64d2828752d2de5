/**
 * The PIN of a shared device. Locked, the door goes on scanning; settings, pairing and, if so chosen, admitting by hand
 * ask for it. Kept as PBKDF2, never in clear; wrong tries are counted on the device before they are judged, so neither a
 * reload nor a second window gives more of them.
 * @module
 */

import { hear, tell } from "./channel.js";
import { result, within } from "./store.js";

const ITERATIONS = 300_000;
const SALT_BYTES = 16;
const SHAPE = /^\d{4,6}$/;
/** The wrong try that is the first to cost a wait. */
const FIRST_SLOW = 3;
const FIRST_WAIT_MS = 15_000;
const LONGEST_WAIT_MS = 900_000;
/** Opened, it locks itself again after this without a touch. */
const OPEN_MS = 120_000;

/**
 * @typedef {object} Lock
 * @property {Uint8Array} salt
 * @property {Uint8Array} hash
 * @property {number} iterations
 * @property {boolean} hand whether admitting by hand asks for the PIN
 * @property {number} wrong tries since the last right one
 * @property {number} until no try before this, milliseconds on the device's clock
 */
/** @typedef {{right: boolean, waitMs: number}} Try */

/** @type {Lock|null} */
let lock = null;
let open = false;
let closing = 0;
/** @type {() => void} */
let tellLocked = () => {};

hear("lock", (told) => {
  if (told === null || lock === null) open = false;
  lock = told;
});

/** @returns {Promise<void>} */
export async function loadLock() {
  lock = (await kept()) ?? null;
}

const kept = () => within("state", "readonly", (transaction) => result(transaction.objectStore("state").get("lock")));

export const hasPin = () => lock !== null;
export const handAsks = () => Boolean(lock?.hand);
/** @param {"settings"|"hand"} what @returns {boolean} whether it asks for the PIN just now */
export const asksFor = (what) => lock !== null && !open && (what === "settings" || lock.hand);
/** @param {string} pin */
export const isPin = (pin) => SHAPE.test(pin);

/**
 * How long to wait after so many wrong tries: 15 seconds after the third, doubled with each, at most 15 minutes.
 * @param {number} wrong
 * @returns {number} milliseconds
 */
export function waitAfter(wrong) {
  return wrong < FIRST_SLOW ? 0 : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (wrong - FIRST_SLOW));
}

/** @returns {number} milliseconds until the next try; a clock that was put back makes it no longer than it was */
export function waitMs() {
  return lock === null ? 0 : Math.max(0, Math.min(lock.until - Date.now(), waitAfter(lock.wrong)));
}

async function derive(pin, salt, iterations) {
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveBits"]);
  return new Uint8Array(await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations }, key, 256));
}

/**
 * Change what is kept, in one transaction with reading it.
 * @param {(kept: Lock|null) => Lock|null} next
 * @returns {Promise<Lock|null>}
 */
async function store(next) {
  const told = await within("state", "readwrite", async (transaction) => {
    const state = transaction.objectStore("state");
    const value = next((await result(state.get("lock"))) ?? null);
    if (value === null) state.delete("lock");
    else state.put(value, "lock");
    return value;
  });
  tell("lock", told);
  return told;
}

/** @param {string} pin four to six digits @param {boolean} hand @returns {Promise<void>} */
export async function setPin(pin, hand) {
  if (!isPin(pin)) throw new RangeError("four to six digits");
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
  const hash = await derive(pin, salt, ITERATIONS);
  await store(() => ({ salt, hash, iterations: ITERATIONS, hand, wrong: 0, until: 0 }));
  unlock();
}

/** @param {boolean} hand @returns {Promise<Lock|null>} */
export const setHandAsks = (hand) => store((value) => value && { ...value, hand });

/** The PIN is removed by who knows it, or ended by a new pairing. @returns {Promise<Lock|null>} */
export const endLock = () => store(() => null);

/**
 * @param {string} pin
 * @returns {Promise<Try>}
 */
export async function tryPin(pin) {
  if (lock === null) return { right: true, waitMs: 0 };
  if (waitMs() > 0) return { right: false, waitMs: waitMs() };
  // Counted first: a window that is closed in the middle has had its try.
  const tried = await store((value) => {
    if (value === null) return null;
    const wrong = value.wrong + 1;
    return { ...value, wrong, until: Date.now() + waitAfter(wrong) };
  });
  if (tried === null) return { right: true, waitMs: 0 };
  const hash = await derive(pin, tried.salt, tried.iterations);
  const right = hash.every((byte, index) => byte === tried.hash[index]);
  if (!right) return { right, waitMs: waitMs() };
  await store((value) => value && { ...value, wrong: 0, until: 0 });
  unlock();
  return { right, waitMs: 0 };
}

function unlock() {
  open = true;
  stayOpen();
}

/** Somebody is at it: it stays open for a while longer. */
export function stayOpen() {
  clearTimeout(closing);
  if (open) closing = setTimeout(lockNow, OPEN_MS);
}

export function lockNow() {
  clearTimeout(closing);
  if (!open) return;
  open = false;
  tellLocked();
}

/** @param {() => void} listener told when it has locked itself again */
export function whenLocked(listener) {
  tellLocked = listener;
}
