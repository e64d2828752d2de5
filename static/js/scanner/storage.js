/**
 * Room on the device: what is left, and a warning long before scans could no longer be kept.
 * @module
 */

/** A waiting scan with its code takes less than this with its indexes. */
const SCAN_BYTES = 2000;
/** Fewer than so many scans that still fit: time to warn. A busy door's day is about 3,000. */
const FEW = 10_000;

/** @typedef {{left: number, persisted: boolean}} Room bytes; Infinity where the browser does not tell */

/** @returns {Promise<Room>} */
export async function room() {
  try {
    const { quota, usage } = await navigator.storage.estimate();
    const persisted = await navigator.storage.persisted();
    return { left: Math.max(0, (quota ?? Infinity) - (usage ?? 0)), persisted };
  } catch {
    return { left: Infinity, persisted: false };
  }
}

/** @param {Room} room @returns {number|null} scans that still fit, null while there is plenty of room */
export function scansLeft({ left }) {
  const fit = Math.floor(left / SCAN_BYTES);
  return fit < FEW ? fit : null;
}

/** Ask that the browser leaves our storage alone when it runs short. @returns {void} */
export function askToPersist() {
  navigator.storage?.persist?.().catch(() => {});
}
