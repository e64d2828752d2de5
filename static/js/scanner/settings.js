/**
 * What somebody chose for this device, kept on it: the camera, the code area, sound and volume.
 * @module
 */

import { hear, tell } from "./channel.js";
import { result, within } from "./store.js";

/**
 * @typedef {object} Settings
 * @property {string} camera id of the chosen one, "" for the one that looks away from the user
 * @property {import("./frame.js").Area} area
 * @property {boolean} muted
 * @property {number} volume 0 to 1
 * @property {"in"|"out"|"both"} direction of those who come through this door
 */

/** @type {Settings} */
let current = { camera: "", area: "wide", muted: false, volume: 1, direction: "in" };

hear("settings", (told) => {
  current = told;
});

export const settings = () => current;

/** @returns {Promise<Settings>} */
export async function loadSettings() {
  const [kept, muted] = await within("state", "readonly", (transaction) => {
    const state = transaction.objectStore("state");
    return Promise.all([result(state.get("settings")), result(state.get("muted"))]);
  });
  current = { ...current, muted: Boolean(muted), ...kept };
  return current;
}

/** @param {Partial<Settings>} values @returns {Promise<void>} */
export async function change(values) {
  const next = { ...current, ...values };
  tell("settings", next);
  await within("state", "readwrite", async (transaction) => {
    transaction.objectStore("state").put(next, "settings");
  });
}
