/**
 * Whom this scanner saw in the last ten minutes, by the day's pseudonym: somebody let in and shown again is a repeat,
 * and somebody turned away is not counted twice. In memory for the verdict, on the device for a reload.
 * @module
 */

import { hear, tell } from "./channel.js";
import { now } from "./clock.js";
import { result, within } from "./store.js";

const KEPT_S = 600;

/**
 * @typedef {object} Shown
 * @property {string} cti in hex
 * @property {number} at seconds
 * @property {string} verdict
 * @property {boolean} admitted
 * @property {"in"|"out"} direction
 * @property {number|null} [seq] the scan's, null where it could not be kept
 */
/** @type {Map<string, Shown>} */
const shown = new Map();

hear("shown", (row) => shown.set(row.cti, row));
hear("forget", (cti) => shown.delete(cti));

/** @returns {Promise<void>} */
export async function loadShown() {
  const rows = await within("shown", "readonly", (transaction) => result(transaction.objectStore("shown").getAll()));
  for (const row of rows) shown.set(row.cti, row);
}

/** @param {string} cti in hex @returns {Shown|null} what it was shown as within ten minutes */
export function recentlyShown(cti) {
  const row = shown.get(cti);
  return row && now() - row.at < KEPT_S ? row : null;
}

/**
 * Step 8 of the verdict: only somebody who was let in repeats. A code that was turned away, or could not be told, gets
 * its own verdict again, so that a second look never softens a red one nor hides that a pass has been put right.
 * Whoever has gone out since comes in anew, and the other way round.
 * @param {string} cti in hex
 * @param {"in"|"out"} direction
 * @returns {number|null} seconds since the epoch
 */
export function lastShown(cti, direction) {
  const row = recentlyShown(cti);
  return row?.admitted && row.direction === direction ? row.at : null;
}

/** The showing was taken back. @param {string} cti in hex @returns {Promise<void>} */
export async function forget(cti) {
  tell("forget", cti);
  await within("shown", "readwrite", async (transaction) => {
    transaction.objectStore("shown").delete(cti);
  });
}

/** @param {Shown} row @returns {Promise<void>} */
export async function remember(row) {
  tell("shown", row);
  const limit = now() - KEPT_S;
  await within("shown", "readwrite", async (transaction) => {
    const store = transaction.objectStore("shown");
    store.put(row);
    for (const [cti, { at }] of shown) {
      if (at >= limit) continue;
      shown.delete(cti);
      store.delete(cti);
    }
  });
}
