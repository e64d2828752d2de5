/**
 * A group at the door: how many they are, until the one who comes with them has shown a code or went in without.
 * @module
 */

export const MOST = 200;

/** @type {number|null} */
let people = null;
/** @type {(people: number|null) => void} */
let onChange = () => {};

/** @param {(people: number|null) => void} listener */
export function listenToGroup(listener) {
  onChange = listener;
}

/** @returns {number|null} how many wait, null where nobody does */
export const group = () => people;

/** @param {number} count 1 to 200 */
export function beginGroup(count) {
  people = count;
  onChange(people);
}

/** @returns {void} */
export function endGroup() {
  if (people === null) return;
  people = null;
  onChange(people);
}
