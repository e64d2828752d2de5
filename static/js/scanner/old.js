/**
 * Scans are kept for 28 days, here as everywhere: what a device that never came back to the network still holds then is
 * deleted. As nothing tells a late day from a clock that was set wrong, they stay one more day after they were found.
 * @module
 */

import { tell } from "./channel.js";
import { nowMs } from "./clock.js";
import { seoulDay } from "../passcode.js";
import { put, result, within } from "./store.js";

const DAY_MS = 86_400_000;
const KEPT_DAYS = 28;
const FIRST_MS = 60_000;
const EVERY_MS = 6 * 3_600_000;

/** @returns {void} */
export function keepNothingOld() {
  const look = () => dropOld().catch(console.error);
  setTimeout(look, FIRST_MS);
  setInterval(look, EVERY_MS);
}

/**
 * Delete what is older than 28 days, once that was found a day ago. How many it were so far stands in `state`.
 * @param {number} [now] milliseconds, corrected clock
 * @returns {Promise<void>}
 */
export async function dropOld(now = nowMs()) {
  await within(["state", "queue"], "readwrite", async (transaction) => {
    const state = transaction.objectStore("state");
    const queue = transaction.objectStore("queue");
    const keys = await oldKeys(queue, seoulDay((now - KEPT_DAYS * DAY_MS) / 1000));
    const found = await result(state.get("oldFound"));
    const sure = typeof found === "number" && found <= now && now - found >= DAY_MS;
    if (keys.length === 0) state.delete("oldFound");
    else if (!sure && !(found <= now)) state.put(now, "oldFound");
    if (keys.length === 0 || !sure) return;
    for (const key of keys) queue.delete(key);
    put(transaction, "dropped", ((await result(state.get("dropped"))) ?? 0) + keys.length);
  });
  tell("queue");
}

/**
 * One row at a time, so that the page stays smooth over thousands.
 * @param {IDBObjectStore} queue
 * @param {string} oldest the first day that is kept
 * @returns {Promise<IDBValidKey[]>}
 */
function oldKeys(queue, oldest) {
  return new Promise((resolve, reject) => {
    /** @type {IDBValidKey[]} */
    const keys = [];
    const asked = queue.openCursor();
    asked.onerror = () => reject(asked.error);
    asked.onsuccess = () => {
      const cursor = asked.result;
      if (!cursor) return resolve(keys);
      if (seoulDay(cursor.value.scan.at / 1000) < oldest) keys.push(cursor.primaryKey);
      return cursor.continue();
    };
  });
}
