/**
 * Whether those at this door come in or go out: one of them always, or both, as somebody at the door says each time.
 * @module
 */

import { settings } from "./settings.js";

/** @type {"in"|"out"} */
let going = "in";

/** @returns {"in"|"out"} of the next guest */
export function direction() {
  const { direction: mode } = settings();
  return mode === "both" ? going : mode;
}

/** @param {"in"|"out"} next at a door for both */
export function turnTo(next) {
  going = next;
}
