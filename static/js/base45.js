/** Base45 (RFC 9285): bytes in the 45 characters of an alphanumeric QR. The twin of registry/format/base45.py. */

import { Malformed } from "./cbor.js";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const VALUES = new Map([...ALPHABET].map((character, value) => [character, value]));

/**
 * Three characters for each two bytes, two for a last single one.
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function encode(bytes) {
  let text = "";
  for (let index = 0; index < bytes.length; index += 2) {
    const pair = index + 1 < bytes.length;
    const number = pair ? bytes[index] * 256 + bytes[index + 1] : bytes[index];
    text += ALPHABET[number % 45] + ALPHABET[Math.floor(number / 45) % 45];
    if (pair) text += ALPHABET[Math.floor(number / 2025)];
  }
  return text;
}

/**
 * The bytes; each has one text. Throws Malformed for other characters (lower case too), a length that cannot be, and
 * groups whose value does not fit into their bytes.
 * @param {string} text
 * @returns {Uint8Array}
 */
export function decode(text) {
  if (text.length % 3 === 1) throw new Malformed("not Base45");
  const bytes = new Uint8Array(Math.floor(text.length / 3) * 2 + (text.length % 3 ? 1 : 0));
  let end = 0;
  for (let index = 0; index < text.length; index += 3) {
    const whole = index + 2 < text.length;
    const number = valueAt(text, index) + 45 * valueAt(text, index + 1) + (whole ? 2025 * valueAt(text, index + 2) : 0);
    if (number > (whole ? 0xffff : 0xff)) throw new Malformed("not Base45: a group is too large");
    if (whole) bytes[end++] = number >> 8;
    bytes[end++] = number & 255;
  }
  return bytes;
}

/** @param {string} text @param {number} index @returns {number} */
function valueAt(text, index) {
  const value = VALUES.get(text[index]);
  if (value === undefined) throw new Malformed("not Base45");
  return value;
}
