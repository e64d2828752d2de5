/**
 * A safe number as somebody types it, "12가34나": four digits and two syllables out of 56, in any order. Full-width
 * digits, gaps, single jamo, and keys typed with the Korean keyboard off are forgiven. The twin of `typed` in
 * registry/phone/safe_numbers.py. Pure.
 * @module
 */

/** ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ and ㅏㅓㅗㅜ by their places in Unicode's syllables (section 3.12). */
const CONSONANTS = [0, 2, 3, 5, 6, 7, 9, 11, 12, 14, 15, 16, 17, 18];
const VOWELS = [0, 4, 8, 13];
const SYLLABLES = new Set(
  CONSONANTS.flatMap((first) => VOWELS.map((vowel) => String.fromCharCode(0xac00 + (first * 21 + vowel) * 28))),
);
/** The keys of those letters on the two-set keyboard (KS X 5002). */
const KEYS = Object.fromEntries([..."rㄱsㄴeㄷfㄹaㅁqㅂtㅅdㅇwㅈcㅊzㅋxㅌvㅍgㅎkㅏjㅓhㅗnㅜ"].reduce(
  (pairs, letter, n, all) => (n % 2 ? [...pairs, [all[n - 1], letter]] : pairs), [],
));
export const LENGTH = 6;

/** @param {string} text @returns {string} without gaps, letters put together, digits plain */
function plain(text) {
  const letters = text.normalize("NFKC").replace(/[\s\-·.]/g, "").toLowerCase();
  return [...letters].map((letter) => KEYS[letter] ?? letter).join("").normalize("NFKC");
}

/**
 * @param {string} text
 * @returns {string|null} the safe number, null where it cannot be one
 */
export function safeNumber(text) {
  const letters = [...plain(text.slice(0, 40))];
  const digits = letters.filter((letter) => /[0-9]/.test(letter)).length;
  const syllables = letters.filter((letter) => SYLLABLES.has(letter)).length;
  return letters.length === LENGTH && digits === 4 && syllables === 2 ? letters.join("") : null;
}

/**
 * What is wrong with it so far, for somebody still typing.
 * @param {string} text
 * @returns {""|"letter"|"digits"|"length"}
 */
export function wrongSoFar(text) {
  const letters = [...plain(text)];
  // The last one may not be finished: a consonant alone, or one that becomes the next syllable's first.
  const finished = letters.slice(0, -1);
  if (finished.some((letter) => !/[0-9]/.test(letter) && !SYLLABLES.has(letter))) return "letter";
  if (letters.length > LENGTH) return "length";
  return letters.filter((letter) => /[0-9]/.test(letter)).length > 4 ? "digits" : "";
}
