/**
 * The short reference by which a clerk finds why somebody was not let in, made from the scanner's number and the
 * scan's without a network. The twin of checkins/references.py. Pure.
 * @module
 */

const ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789";
const LENGTH = 8;
const SIZE = BigInt(ALPHABET.length) ** BigInt(LENGTH);
const STEP = 359_858_804_597n;
const SPREAD = 405_492_100_019n;

/**
 * @param {number|string} scanner
 * @param {number} seq
 * @returns {string} "ABCD-2345"
 */
export function reference(scanner, seq) {
  let value = (SPREAD * (BigInt(scanner) + STEP * BigInt(seq))) % SIZE;
  let text = "";
  for (let place = 0; place < LENGTH; place += 1) {
    text += ALPHABET[Number(value % BigInt(ALPHABET.length))];
    value /= BigInt(ALPHABET.length);
  }
  return `${text.slice(0, 4)}-${text.slice(4)}`;
}
