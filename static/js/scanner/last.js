/**
 * Taking back the last scan, until the next guest comes or some minutes have passed.
 * @module
 */

import { undo } from "./queue.js";
import { takeBackRefused } from "./refused.js";
import { forget } from "./shown.js";

const UNDO_MS = 300_000;

/**
 * @typedef {object} Last
 * @property {import("./queue.js").Pairing} pairing
 * @property {import("./queue.js").Scan} scan
 * @property {import("./queue.js").Change} change
 * @property {number|null} seq
 * @property {string|null} cti in hex
 * @property {string} word key of what was said
 */

/** @type {Last|null} */
let last = null;
let ending = 0;
/** @type {(there: boolean) => void} */
let onChange = () => {};

/** @param {(there: boolean) => void} listener whether there is something to take back */
export function listenToUndo(listener) {
  onChange = listener;
}

/** @param {Last} next */
export function offerUndo(next) {
  last = next;
  clearTimeout(ending);
  ending = setTimeout(nothingToUndo, UNDO_MS);
  onChange(true);
}

/** @returns {void} */
export function nothingToUndo() {
  last = null;
  onChange(false);
}

/** @returns {Promise<Last|null>} what was taken back */
export async function undoLast() {
  const taken = last;
  if (!taken) return null;
  nothingToUndo();
  const { pairing, seq, scan, change, cti } = taken;
  await undo(pairing, seq, scan, change);
  if (cti) await forget(cti);
  if (!scan.admitted) await takeBackRefused(scan.at);
  return taken;
}
