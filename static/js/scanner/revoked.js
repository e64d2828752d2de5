/**
 * The revoked passes, one list for all venues: signed segments a day, kept as signed and checked again when taken up.
 * @module
 */

import { ask, Unreachable } from "./server.js";
import { result, within } from "./store.js";
import { decodeRevocations } from "../revocations.js";

/** @type {Map<string, Map<string, number>>} day → first 8 bytes of the cti in hex → second since when */
let lists = new Map();

/**
 * Step 7 of the verdict.
 * @param {string} day
 * @param {Uint8Array} cti
 * @returns {number|null}
 */
export function revokedSince(day, cti) {
  const start = Array.from(cti.subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return lists.get(day)?.get(start) ?? null;
}

const allSegments = () =>
  within("revocations", "readonly", (transaction) => result(transaction.objectStore("revocations").getAll()));

/** @param {Map<string, any>} keys @returns {Promise<void>} */
export async function loadRevocations(keys) {
  const next = new Map();
  for (const { bytes } of await allSegments()) {
    try {
      merge(next, await decodeRevocations(new Uint8Array(bytes), keys));
    } catch {
      // Signed by a key that has gone, or damaged on the device: fetched again with the next manifest.
    }
  }
  lists = next;
}

function merge(into, { day, entries }) {
  if (!into.has(day)) into.set(day, new Map());
  const list = into.get(day);
  for (const [start, since] of entries) list.set(start, Math.max(since, list.get(start) ?? 0));
}

/**
 * Fetch the segments that we lack or that may have grown; forget those of days gone by.
 * @param {{day: string, segment: number, url: string, final: boolean}[]} wanted
 * @param {Map<string, any>} keys
 * @returns {Promise<boolean>} false where a segment's signature did not hold: what we had stays in force
 */
export async function refreshRevocations(wanted, keys) {
  const kept = new Map((await allSegments()).map((segment) => [`${segment.day}/${segment.segment}`, segment]));
  let good = true;
  for (const entry of wanted) {
    const have = kept.get(`${entry.day}/${entry.segment}`);
    if (have?.final) continue;
    good = (await fetchSegment(entry, have, keys)) && good;
  }
  await forgetBefore(wanted.map(({ day }) => day).sort()[0]);
  await loadRevocations(keys);
  return good;
}

async function fetchSegment(entry, have, keys) {
  let answer;
  try {
    const headers = { Accept: "application/cose", ...(have?.etag ? { "If-None-Match": have.etag } : {}) };
    answer = await ask(entry.url, { headers });
  } catch (reason) {
    if (reason instanceof Unreachable) return true;
    throw reason;
  }
  if (answer.status === 304 && have) return keepSegment({ ...have, final: entry.final });
  if (answer.status !== 200) return true;
  try {
    const decoded = await decodeRevocations(new Uint8Array(answer.bytes), keys);
    if (decoded.day !== entry.day || decoded.segment !== entry.segment) return false;
  } catch {
    return false;
  }
  const { day, segment, final } = entry;
  return keepSegment({ day, segment, final, bytes: answer.bytes, etag: answer.headers.get("ETag") });
}

async function keepSegment(segment) {
  await within("revocations", "readwrite", async (transaction) => {
    transaction.objectStore("revocations").put(segment);
  });
  return true;
}

async function forgetBefore(day) {
  if (!day) return;
  await within("revocations", "readwrite", async (transaction) => {
    transaction.objectStore("revocations").delete(IDBKeyRange.upperBound([day], true));
  });
}
