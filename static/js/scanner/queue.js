/**
 * The scans that the server has not answered for. Each gets the next number of its scanner in the transaction that
 * keeps it, so numbers rise without a gap through reloads, kills and several windows. Only an answer takes a scan out.
 * @module
 */

import { hear, tell } from "./channel.js";
import { nowMs } from "./clock.js";
import { toBase64url } from "../base64url.js";
import { seoulDay } from "../passcode.js";
import { put, remember, result, within } from "./store.js";

/** A scan that the server cannot read is kept and offered again after this. */
const PARK_MS = 3_600_000;
/** One that the server could not answer for just now. */
const LATER_MS = 300_000;
const RETRY_MS = 3000;
const DEAD_KEPT = 200;
const SETTLED = ["stored", "known", "counted", "refused", "undone"];

/**
 * @typedef {object} Scan as the upload wants it; `strip`, `t`, `proof` only where admitted with a code
 * @property {number} at milliseconds, corrected clock
 * @property {string} verdict
 * @property {"qr"|"paper"|"hand"|"group"} method
 * @property {"in"|"out"} direction
 * @property {boolean} admitted
 * @property {boolean} [alone]
 * @property {string} [reason] why by hand
 * @property {string} [strip]
 * @property {number} [t]
 * @property {string} [proof]
 * @property {string} [safe_number]
 * @property {number} [people] in a group
 * @property {number} [undoes] takes back the scan of that number
 */
/** @typedef {{admitted?: number, refused?: number, left?: number}} Change of today's counts */
/** @typedef {{scanner: number|string, venue: {id: number}}} Pairing */

/** Scans that the device could not keep: in memory until it can. @type {{pairing: Pairing, scan: Scan, change: Change}[]} */
const unkept = [];
let retrying = 0;

hear("number", ({ scanner, seq }) => remember(`seq:${scanner}`, seq));

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
  const day = seoulDay(nowMs() / 1000);
  const kept = await result(transaction.objectStore("state").get("counts"));
  put(transaction, "counts", { day, ...sum(kept?.day === day ? kept : {}, change) });
}

/**
 * What the server refused was counted here when it was seen: take today's off again, as the server counts none of it.
 * @param {Scan[]} refused
 * @returns {Change}
 */
function offCounts(refused) {
  const today = seoulDay(nowMs() / 1000);
  const back = { admitted: 0, left: 0 };
  for (const { at, admitted, direction, people = 1, undoes } of refused) {
    if (admitted && !undoes && seoulDay(at / 1000) === today) back[direction === "out" ? "left" : "admitted"] -= people;
  }
  return back;
}

/** @param {Change} counts @param {Change} change @returns {Required<Change>} */
function sum(counts, change) {
  const add = (name) => Math.max(0, (counts[name] ?? 0) + (change[name] ?? 0));
  return { admitted: add("admitted"), refused: add("refused"), left: add("left") };
}

async function nextNumber(transaction, scanner) {
  const state = transaction.objectStore("state");
  const seq = ((await result(state.get(`seq:${scanner}`))) ?? 0) + 1;
  put(transaction, `seq:${scanner}`, seq);
  return seq;
}

/** @param {IDBTransaction} transaction over `state` and `queue` @param {Pairing} pairing @param {Scan} scan */
async function add(transaction, { scanner, venue }, scan, after = 0) {
  const seq = await nextNumber(transaction, scanner);
  transaction.objectStore("queue").add({ scanner, seq, venue: venue.id, after, scan });
  return seq;
}

/**
 * Keep a scan and count it. Where the device cannot (storage full, database gone), it stays in memory, is counted there,
 * and is tried again until it is kept.
 * @param {Pairing} pairing
 * @param {Scan} scan
 * @param {Change} change
 * @param {number} heldMs how long it waits for the door's decision, 0 for not at all
 * @returns {Promise<number|null>} its number, null where it is in memory alone
 */
export async function keep(pairing, scan, change, heldMs) {
  try {
    return await write(pairing, scan, change, heldMs > 0 ? Date.now() + heldMs : 0);
  } catch (reason) {
    console.error(reason);
    unkept.push({ pairing, scan, change });
    retryLater();
    tell("queue");
    return null;
  }
}

async function write(pairing, scan, change, after) {
  const seq = await within(["state", "queue"], "readwrite", async (transaction) => {
    const number = await add(transaction, pairing, scan, after);
    await count(transaction, change);
    return number;
  });
  tell("number", { scanner: pairing.scanner, seq });
  tell("queue");
  return seq;
}

function retryLater() {
  clearTimeout(retrying);
  retrying = setTimeout(async () => {
    try {
      for (; unkept.length > 0; unkept.shift()) await write(unkept[0].pairing, unkept[0].scan, unkept[0].change, 0);
    } catch {
      retryLater();
    }
  }, RETRY_MS);
}

/** @returns {number} scans that are in this page's memory alone */
export const unkeptCount = () => unkept.length;

/** The members that a scan keeps when it is taken back: never the code. @param {Scan} scan @returns {Scan} */
function bare({ strip, t, proof, safe_number, ...members }) {
  return members;
}

/** Of a scan that is in memory alone nothing is left. @param {Scan} scan as it was kept */
function dropUnkept(scan) {
  const place = unkept.findIndex((one) => one.scan === scan);
  if (place >= 0) unkept.splice(place, 1);
}

/**
 * The row of a number, if it is certain that nobody was sent it: held for the door, or younger than all that was sent.
 * @param {IDBTransaction} transaction over `state` and `queue`
 */
async function unsent(transaction, scanner, seq) {
  const kept = await result(transaction.objectStore("queue").get([scanner, seq]));
  const offered = (await result(transaction.objectStore("state").get(`offered:${scanner}`))) ?? 0;
  return kept && (kept.after > Date.now() || seq > offered) ? kept : null;
}

/**
 * The door decided otherwise: change the kept scan, or, if it may have been sent, take that back and keep another.
 * @param {Pairing} pairing
 * @param {number|null} seq
 * @param {Scan} before
 * @param {Scan} scan what it is now
 * @param {Change} change
 * @returns {Promise<number|null>} the number under which the decision stands
 */
export async function decide(pairing, seq, before, scan, change) {
  if (seq === null) {
    const waited = unkept.find((one) => one.scan === before);
    if (!waited) return keep(pairing, scan, change, 0);
    Object.assign(waited, { scan, change: sum(waited.change, change) });
    tell("queue");
    return null;
  }
  const number = await within(["state", "queue"], "readwrite", async (transaction) => {
    const kept = await unsent(transaction, pairing.scanner, seq);
    await count(transaction, change);
    if (kept) {
      transaction.objectStore("queue").put({ ...kept, after: 0, scan });
      return seq;
    }
    await add(transaction, pairing, { ...bare(before), undoes: seq });
    return add(transaction, pairing, scan);
  });
  tell("queue");
  return number;
}

/**
 * Take a scan back. One that was not sent leaves its number behind, which then undoes itself, so that there is no gap; for
 * one that may have been sent another tells the server.
 * @param {Pairing} pairing
 * @param {number|null} seq
 * @param {Scan} scan
 * @param {Change} change that it made to the counts
 * @returns {Promise<void>}
 */
export async function undo(pairing, seq, scan, change) {
  const back = { admitted: -(change.admitted ?? 0), refused: -(change.refused ?? 0), left: -(change.left ?? 0) };
  if (seq === null) {
    dropUnkept(scan);
    tell("queue");
    return;
  }
  await within(["state", "queue", "dead"], "readwrite", async (transaction) => {
    const kept = await unsent(transaction, pairing.scanner, seq);
    const takenOff = scan.admitted && (await result(transaction.objectStore("dead").get([pairing.scanner, seq])));
    const undoing = { ...bare(scan), undoes: seq };
    if (kept) transaction.objectStore("queue").put({ ...kept, after: 0, scan: undoing });
    else await add(transaction, pairing, undoing);
    if (!takenOff) await count(transaction, back);
  });
  tell("queue");
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
 * The next scans to send, oldest first. From here on they count as sent.
 * @param {number|string} scanner
 * @param {number} size
 * @returns {Promise<{batch: ({seq: number} & Scan)[], nextInMs: number}>} `nextInMs`: when the first held one may go
 */
export function nextBatch(scanner, size) {
  return within(["state", "queue"], "readwrite", async (transaction) => {
    const state = transaction.objectStore("state");
    const rows = await result(transaction.objectStore("queue").getAll(own(scanner), size + 200));
    const now = Date.now();
    // A hold further ahead than any we set comes from a clock that was put back: it is over.
    const due = rows.filter((row) => row.after <= now || row.after > now + PARK_MS);
    const held = rows.filter((row) => row.after > now && row.after <= now + PARK_MS).map((row) => row.after - now);
    const batch = due.slice(0, size).map((row) => ({ seq: row.seq, ...row.scan }));
    const last = batch.at(-1)?.seq ?? 0;
    if (last > ((await result(state.get(`offered:${scanner}`))) ?? 0)) state.put(last, `offered:${scanner}`);
    return { batch, nextInMs: Math.min(Infinity, ...held) };
  });
}

/**
 * Take out what the server answered; refused ones leave number, time and reason behind, and the counts. Others stay.
 * @param {number|string} scanner
 * @param {({seq: number} & Scan)[]} batch what was sent
 * @param {{seq: number, answer: string, reason?: string}[]} answers
 * @returns {Promise<number>} how many were taken out
 */
export async function settle(scanner, batch, answers) {
  const sent = new Map(batch.map((scan) => [scan.seq, scan]));
  const settled = answers.filter(({ seq, answer }) => sent.has(seq) && SETTLED.includes(answer));
  const refused = settled.filter(({ answer }) => answer === "refused");
  await within(["queue", "dead", "state"], "readwrite", async (transaction) => {
    const queue = transaction.objectStore("queue");
    const dead = transaction.objectStore("dead");
    for (const [first, last] of runs(settled.map(({ seq }) => seq))) {
      queue.delete(IDBKeyRange.bound([scanner, first], [scanner, last]));
    }
    for (const { seq, reason } of refused) dead.put({ scanner, seq, at: sent.get(seq).at, reason: String(reason ?? "") });
    if (refused.length === 0) return;
    await trimDead(dead);
    await count(transaction, offCounts(refused.map(({ seq }) => sent.get(seq))));
  });
  tell("queue");
  return settled.length;
}

/** @param {number[]} seqs @returns {[number, number][]} first and last of those without a number missing between */
function runs(seqs) {
  /** @type {[number, number][]} */
  const found = [];
  for (const seq of [...seqs].sort((a, b) => a - b)) {
    const last = found.at(-1);
    if (last && seq === last[1] + 1) last[1] = seq;
    else found.push([seq, seq]);
  }
  return found;
}

/**
 * Set some aside for a while, as the server has asked, so that they do not hold up the others.
 * @param {number|string} scanner
 * @param {number[]} seqs
 * @returns {Promise<void>}
 */
export async function later(scanner, seqs) {
  await setAside(scanner, seqs, LATER_MS);
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
  await setAside(scanner, [seq], PARK_MS);
}

async function setAside(scanner, seqs, ms) {
  await within("queue", "readwrite", async (transaction) => {
    const queue = transaction.objectStore("queue");
    for (const seq of seqs) {
      const kept = await result(queue.get([scanner, seq]));
      if (kept) queue.put({ ...kept, after: Date.now() + ms });
    }
  });
}

/**
 * @typedef {object} Tally what the screen shows
 * @property {number} admitted
 * @property {number} refused
 * @property {number} left went out
 * @property {number} waiting
 * @property {number} foreign kept for other venues
 * @property {number} dropped were deleted for their age, ever
 * @property {{seq: number, at: number, reason: string}[]} dead
 */
/** @type {Tally} */
let told = { admitted: 0, refused: 0, left: 0, waiting: 0, foreign: 0, dropped: 0, dead: [] };

/**
 * What is kept, and what is in memory alone; where the device's storage cannot be read, as it was last.
 * @param {number|string} scanner
 * @returns {Promise<Tally>}
 */
export async function tally(scanner) {
  told = await readTally(scanner).catch(() => told);
  const counts = unkept.reduce((all, { change }) => sum(all, change), told);
  return { ...told, ...counts, waiting: told.waiting + unkept.length };
}

/** @param {number|string} scanner @returns {Promise<Tally>} */
function readTally(scanner) {
  return within(["state", "queue", "dead"], "readonly", async (transaction) => {
    const state = transaction.objectStore("state");
    const counts = await result(state.get("counts"));
    const number = await result(state.get(`seq:${scanner}`));
    if (number !== undefined) remember(`seq:${scanner}`, number);
    const today = sum(counts?.day === seoulDay(nowMs() / 1000) ? counts : {}, {});
    const queue = transaction.objectStore("queue");
    const waiting = await result(queue.count(own(scanner)));
    const foreign = (await result(queue.count())) - waiting;
    const dead = await result(transaction.objectStore("dead").getAll(own(scanner)));
    const dropped = (await result(state.get("dropped"))) ?? 0;
    return { ...today, waiting, foreign, dropped, dead: dead.reverse() };
  });
}
