/**
 * The page's sentences, translated on the server.
 * @module
 */

/** @type {Record<string, string>} */
const TEXTS = JSON.parse(document.getElementById("texts").textContent);
/** @type {Record<string, Record<string, string>>} language → verdict → word */
const WORDS = JSON.parse(document.getElementById("words").textContent);
/** @type {Record<string, Record<string, string>>} language → verdict → why, as a guest would ask */
const REASONS = JSON.parse(document.getElementById("reasons").textContent);

export const LANGUAGE = document.documentElement.lang;
const OTHER = Object.keys(WORDS).find((language) => language !== LANGUAGE) ?? LANGUAGE;

/**
 * @param {string} key
 * @param {Record<string, string|number>} [values] put in place of `{name}`
 * @returns {string}
 */
export function say(key, values = {}) {
  return (TEXTS[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/**
 * The sentence for a number: `key_one` or `key_other`.
 * @param {string} key
 * @param {number} n
 * @param {Record<string, string|number>} [values]
 * @returns {string}
 */
export function sayCount(key, n, values = {}) {
  return say(`${key}_${n === 1 ? "one" : "other"}`, { ...values, n: n.toLocaleString(LANGUAGE) });
}

/** @param {string} key @returns {boolean} */
export const knows = (key) => key in TEXTS;

/**
 * A verdict's word in the language of the page, and in the other one for a guest who reads that.
 * @param {string} verdict
 * @returns {{word: string, other: string, otherLanguage: string}}
 */
export function words(verdict) {
  return { word: WORDS[LANGUAGE][verdict], other: WORDS[OTHER][verdict], otherLanguage: OTHER };
}

/**
 * Why a guest was not let in, for the guest to read, in both languages; null where there is nothing to explain.
 * @param {string} verdict
 * @returns {{why: string, other: string, otherLanguage: string}|null}
 */
export function reasons(verdict) {
  const why = REASONS[LANGUAGE][verdict];
  return why ? { why, other: REASONS[OTHER][verdict], otherLanguage: OTHER } : null;
}
