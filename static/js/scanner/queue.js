/**
 * The scans that the server has not answered for. Each gets the next number of its scanner in the transaction that
 * keeps it, so numbers rise without a gap through reloads, kills and several windows. Only an answer takes a scan out.
 * @module
 */

import { tell } from "./channel.js";
import { nowMs } from "./clock.js";
import { toBase64url } from "../base64url.js";
import { seoulDay } from "../passcode.js";
import { result, within } from "./store.js";

/** A scan that the server cannot read is kept and offered again after this. */
const PARK_MS = 3_600_000;
const DEAD_KEPT = 200;

/**
 * @typedef {object} Scan as the upload wants it; `strip`, `t`, `proof` only where admitted with a code
 * @property {number} at milliseconds, corrected clock
 * @property {string} verdict
 * @property {"qr"|"paper"|"hand"} method
 * @property {"in"} direction
 * @property {boolean} admitted
 * @property {boolean} [alone]
 * @property {string} [reason] why by hand
 * @property {string} [strip]
 * @property {number} [t]
 * @property {string} [proof]
 */
/** @typedef {{admitted: number, refused: number}} Change of today's counts */

/**
 * The parts of a code that the server verifies again.
 * @param {{strip: {raw: Uint8Array}|null, t: number|null, proof: Uint8Array|null}} judged
 * @returns {{strip?: string, t?: number, proof?: string}}
 */
export function codeParts(judged) {
  if (!judged.strip) return {};
  const strip = toBase64url(judged.strip.raw);
  return judged.proof ? { strip, t: judged.t, proof: toBase64url(judged.proof) } : { strip };
}

const own = (scanner) => IDBKeyRange.bound([scanner], [scanner, []]);

async function count(transaction, change) {
  const state = transaction.objectStore("state");
  const day = seoulDay(nowMs() / 1000);
  const kept = await result(state.get("counts"));
  const counts = kept?.day === day ? kept : { day, admitted: 0, refused: 0 };
  const admitted = Math.max(0, counts.admitted + change.admitted);
  const refused = Math.max(0, counts.refused + change.refused);
  state.put({ day, admitted, refused }, "counts");
}

async function nextNumber(transaction, scanner) {
  const state = transaction.objectStore("state");
  const seq = ((await result(state.get(`seq:${scanner}`))) ?? 0) + 1;
  state.put(seq, `seq:${scanner}`);
  return seq;
}

/**
 * Keep a scan and count it.
 * @param {{scanner: number|string, venue: {id: number}}} pairing
 * @param {Scan} scan
 * @param {Change} change
 * @param {number} heldMs how long it waits for the door's decision, 0 for not at all
 * @returns {Promise<number>} its number
 */
export async function keep(pairing, scan, change, heldMs) {
  const { scanner, venue } = pairing;
  const seq = await within(["state", "queue"], "readwrite", async (transaction) => {
    const number = await nextNumber(transaction, scanner);
    const after = heldMs > 0 ? Date.now() + heldMs : 0;
    transaction.objectStore("queue").add({ scanner, seq: number, venue: venue.id, after, scan });
    await count(transaction, change);
    return number;
  });
  tell("queue");
  return seq;
}

/**
 * The door decided: change the kept scan, or, if it has been sent already, keep the decision as a scan of its own.
 * @param {{scanner: number|string, venue: {id: number}}} pairing
 * @param {number} seq
 * @param {Scan} scan what it is now
 * @param {Change} change
 * @returns {Promise<number>} the number under which the decision stands
 */
export async function decide(pairing, seq, scan, change) {
  const { scanner, venue } = pairing;
  const number = await within(["state", "queue"], "readwrite", async (transaction) => {
    const queue = transaction.objectStore("queue");
    const kept = await result(queue.get([scanner, seq]));
    const changeable = kept && kept.after > Date.now();
    const under = changeable ? seq : await nextNumber(transaction, scanner);
    queue.put({ scanner, seq: under, venue: venue.id, after: 0, scan });
    await count(transaction, change);
    return under;
  });
  tell("queue");
  return number;
}

/**
 * The door decided to leave it as it is: it may go.
 * @param {{scanner: number|string}} pairing
 * @param {number} seq
 * @returns {Promise<void>}
 */
export async function release(pairing, seq) {
  await within("queue", "readwrite", async (transaction) => {
    const queue = transaction.objectStore("queue");
    const kept = await result(queue.get([pairing.scanner, seq]));
    if (kept) queue.put({ ...kept, after: 0 });
  });
  tell("queue");
}

/**
 * Give the scans that an earlier pairing with the same venue left here numbers of the new scanner.
 * @param {IDBTransaction} transaction over `state` and `queue`
 * @param {number} venue
 * @param {number|string} scanner
 * @returns {Promise<void>}
 */
export async function adopt(transaction, venue, scanner) {
  const queue = transaction.objectStore("queue");
  for (const kept of await result(queue.getAll())) {
    if (kept.venue !== venue || kept.scanner === scanner) continue;
    queue.delete([kept.scanner, kept.seq]);
    queue.add({ ...kept, scanner, seq: await nextNumber(transaction, scanner) });
  }
}

/**
 * The next scans to send, oldest first.
 * @param {number|string} scanner
 * @param {number} size
 * @returns {Promise<{batch: ({seq: number} & Scan)[], nextInMs: number}>} `nextInMs`: when the first held one may go
 */
export function nextBatch(scanner, size) {
  return within("queue", "readonly", async (transaction) => {
    const rows = await result(transaction.objectStore("queue").getAll(own(scanner), size * 2 + 50));
    const now = Date.now();
    // A hold further ahead than any we set comes from a clock that was put back: it is over.
    const due = rows.filter((row) => row.after <= now || row.after > now + PARK_MS);
    const held = rows.filter((row) => !due.includes(row)).map((row) => row.after - now);
    const batch = due.slice(0, size).map((row) => ({ seq: row.seq, ...row.scan }));
    return { batch, nextInMs: Math.min(Infinity, ...held) };
  });
}

/**
 * Take out what the server answered; refused ones leave number, time and reason behind. Others stay.
 * @param {number|string} scanner
 * @param {{seq: number, answer: string, reason?: string}[]} answers
 * @returns {Promise<number>} how many were taken out
 */
export async function settle(scanner, answers) {
  const settled = answers.filter(({ answer }) => ["stored", "known", "counted", "refused"].includes(answer));
  const taken = await within(["queue", "dead"], "readwrite", async (transaction) => {
    const queue = transaction.objectStore("queue");
    const dead = transaction.objectStore("dead");
    let n = 0;
    for (const { seq, answer, reason } of settled) {
      const kept = await result(queue.get([scanner, seq]));
      if (!kept) continue;
      queue.delete([scanner, seq]);
      if (answer === "refused") dead.put({ scanner, seq, at: kept.scan.at, reason: String(reason ?? "") });
      n += 1;
    }
    await trimDead(dead);
    return n;
  });
  tell("queue");
  return taken;
}

async function trimDead(dead) {
  const keys = await result(dead.getAllKeys());
  for (const key of keys.slice(0, Math.max(0, keys.length - DEAD_KEPT))) dead.delete(key);
}

/**
 * Set one scan aside that the server cannot read, so that it does not hold up the others. It stays here.
 * @param {number|string} scanner
 * @param {number} seq
 * @returns {Promise<void>}
 */
export async function park(scanner, seq) {
  await within("queue", "readwrite", async (transaction) => {
    const queue = transaction.objectStore("queue");
    const kept = await result(queue.get([scanner, seq]));
    if (kept) queue.put({ ...kept, after: Date.now() + PARK_MS });
  });
}

/**
 * What the screen shows.
 * @param {number|string} scanner
 * @returns {Promise<{admitted: number, refused: number, waiting: number, foreign: number,
 *   dead: {seq: number, at: number, reason: string}[]}>} `foreign`: kept for other venues
 */
export function tally(scanner) {
  return within(["state", "queue", "dead"], "readonly", async (transaction) => {
    const counts = await result(transaction.objectStore("state").get("counts"));
    const today = counts?.day === seoulDay(nowMs() / 1000) ? counts : { admitted: 0, refused: 0 };
    const queue = transaction.objectStore("queue");
    const waiting = await result(queue.count(own(scanner)));
    const foreign = (await result(queue.count())) - waiting;
    const dead = await result(transaction.objectStore("dead").getAll(own(scanner)));
    return { admitted: today.admitted, refused: today.refused, waiting, foreign, dead: dead.reverse() };
  });
}
