/**
 * What the wallet knows of an outage of phone checks: told in plain words wherever somebody would ask for a code.
 * @module
 */
import { askServer } from "./clock.js";
import { momentText, text } from "./texts.js";
import { element } from "./view.js";

const ASK_EVERY_MS = 5 * 60_000;

/** Undefined until somebody said. */
let known = /** @type {{since: number}|null|undefined} */ (undefined);
let askedAt = -Infinity;

/** @returns {{since: number}|null|undefined} the outage that is open; null for none; undefined where nothing is known */
export function outage() {
  return known;
}

/**
 * @param {{since: number}|null|undefined} told what the agency said last
 * @returns {void}
 */
export function learn(told) {
  known = told;
  const words = told ? text("outage_since", { time: momentText(told.since) }) : "";
  if (element("outage-text").textContent !== words) element("outage-text").textContent = words;
  element("outage").hidden = !words;
}

/**
 * Ask whether checks are disturbed, every few minutes at most.
 * @returns {Promise<{since: number}|null|undefined>} as `outage`
 */
export async function look() {
  if (performance.now() < askedAt + ASK_EVERY_MS || !navigator.onLine) return known;
  const answer = await askServer();
  if (answer) {
    askedAt = performance.now();
    learn(answer.outage);
  }
  return known;
}
