/**
 * Since when the server has been out of reach, and when scans were last sent. Kept, so that a reload tells the same.
 * @module
 */

import { hear, tell } from "./channel.js";
import { nowMs } from "./clock.js";
import { getState, setState } from "./store.js";

/** @type {{offlineSince: number|null, sentAt: number|null}} milliseconds on the corrected clock */
let contact = { offlineSince: null, sentAt: null };

hear("contact", (told) => {
  contact = told;
});

/** @returns {Promise<void>} */
export async function loadContact() {
  contact = (await getState("contact")) ?? contact;
}

export const offlineSince = () => contact.offlineSince;
export const sentAt = () => contact.sentAt;

async function change(next) {
  contact = { ...contact, ...next };
  tell("contact", contact);
  await setState("contact", contact);
}

/** @returns {Promise<void>} */
export async function metServer() {
  if (contact.offlineSince !== null) await change({ offlineSince: null });
}

/** @returns {Promise<void>} */
export async function missedServer() {
  if (contact.offlineSince === null) await change({ offlineSince: nowMs() });
}

/** The server answered for scans. @returns {Promise<void>} */
export async function sentScans() {
  await change({ offlineSince: null, sentAt: nowMs() });
}
