/**
 * Which part of the camera's picture is read, and how large it is made: pure.
 * @module
 */

/** @typedef {"wide"|"narrow"} Area */

/** Pixels a side, from the best to the quickest. Below the last a phone's code of 69 modules would melt together. */
export const SIDES = [720, 560, 440];
/** Of the picture's shorter side: all of it, or its middle. */
const PART = { wide: 1, narrow: 0.6 };
/** Milliseconds for one frame, so that ten a second leave the page room for everything else. */
const [SLOW_MS, QUICK_MS] = [70, 22];
/** A frame counts for this much of the running mean. */
const WEIGHT = 0.2;
/** Frames read at one size before another is tried. */
const PATIENCE = 10;

/**
 * The square in the middle.
 * @param {number} width of the picture
 * @param {number} height
 * @param {Area} area
 * @returns {{left: number, top: number, side: number}}
 */
export function cropOf(width, height, area) {
  const side = Math.round(Math.min(width, height) * PART[area]);
  return { left: Math.round((width - side) / 2), top: Math.round((height - side) / 2), side };
}

/**
 * How a device keeps pace: its place on the ladder of SIDES, the running mean of what a frame takes, frames at this size.
 * @typedef {{rung: number, mean: number, frames: number}} Pace
 */

/** @type {Pace} */
export const FIRST_PACE = { rung: 0, mean: 0, frames: 0 };

/**
 * @param {Pace} pace
 * @param {number} ms what the last frame took, drawing and reading together
 * @returns {Pace}
 */
export function paceAfter({ rung, mean, frames }, ms) {
  const now = frames === 0 ? ms : mean + WEIGHT * (ms - mean);
  if (frames + 1 >= PATIENCE && now > SLOW_MS && rung < SIDES.length - 1) return { rung: rung + 1, mean: 0, frames: 0 };
  if (frames + 1 >= 5 * PATIENCE && now < QUICK_MS && rung > 0) return { rung: rung - 1, mean: 0, frames: 0 };
  return { rung, mean: now, frames: frames + 1 };
}
