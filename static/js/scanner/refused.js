/**
 * Who was refused last on this device: when, why and by which reference, never who. For a guest who comes back to ask.
 * @module
 */

import { hear, tell } from "./channel.js";
import { nowMs } from "./clock.js";
import { seoulDay } from "../passcode.js";
import { result, within } from "./store.js";

const KEPT = 20;

/**
 * @typedef {object} Refusal
 * @property {number} at milliseconds
 * @property {string} word key of the verdict's word
 * @property {string} reference as a clerk can look it up, "" where there is none
 */

/** @type {Refusal[]} newest first */
let last = [];

hear("refused", (told) => {
  last = told;
});

const today = (rows) => rows.filter(({ at }) => seoulDay(at / 1000) === seoulDay(nowMs() / 1000));

/** @returns {Refusal[]} today's, newest first */
export const lastRefused = () => today(last);

/** @returns {Promise<void>} */
export async function loadRefused() {
  const kept = await within("state", "readonly", (transaction) => result(transaction.objectStore("state").get("refused")));
  last = kept ?? [];
}

/**
 * Note one; a second note of the same moment replaces the first.
 * @param {Refusal} refusal
 * @returns {Promise<void>}
 */
export const noteRefused = (refusal) => change((rows) => [refusal, ...rows.filter(({ at }) => at !== refusal.at)]);

/** The door decided otherwise after all. @param {number} at @returns {Promise<void>} */
export const takeBackRefused = (at) => change((rows) => rows.filter((row) => row.at !== at));

async function change(next) {
  const told = await within("state", "readwrite", async (transaction) => {
    const state = transaction.objectStore("state");
    const rows = today(next((await result(state.get("refused"))) ?? [])).slice(0, KEPT);
    state.put(rows, "refused");
    return rows;
  });
  tell("refused", told);
}
