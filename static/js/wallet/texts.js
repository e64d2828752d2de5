/**
 * The page's sentences in the page's language, and dates and times in words.
 * @module
 */

/** @type {Record<string, string>} */
const TEXTS = JSON.parse(document.getElementById("texts").textContent);
const LANGUAGE = document.documentElement.lang;
const ZONE = "Asia/Seoul";

/**
 * @param {string} name
 * @param {Record<string, string|number>} [values] what stands for {name} in the text
 * @returns {string}
 */
export function text(name, values = {}) {
  return TEXTS[name].replace(/\{(\w+)\}/g, (whole, key) => String(values[key] ?? whole));
}

/**
 * @param {string} name
 * @returns {boolean}
 */
export function hasText(name) {
  return Object.hasOwn(TEXTS, name);
}

/**
 * The text `name_one` or `name_other`, with {n} filled in.
 * @param {string} name
 * @param {number} n
 * @param {Record<string, string|number>} [values]
 * @returns {string}
 */
export function countText(name, n, values = {}) {
  return text(`${name}_${n === 1 ? "one" : "other"}`, { n, ...values });
}

/**
 * A day in words. In English "6 January 2027", in Korean "2027년 1월 6일".
 * @param {string} day YYYY-MM-DD
 * @returns {string}
 */
export function dayText(day) {
  const locale = LANGUAGE === "en" ? "en-GB" : LANGUAGE;
  return new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" }).format(new Date(`${day}T00:00Z`));
}

/**
 * @param {number} ms of the server's clock
 * @returns {string} hours and minutes in Seoul
 */
export function timeText(ms) {
  const locale = LANGUAGE === "en" ? "en-GB" : LANGUAGE;
  return new Intl.DateTimeFormat(locale, { timeStyle: "short", timeZone: ZONE }).format(new Date(ms));
}

/**
 * @param {number} ms of the server's clock
 * @returns {string} day, hours and minutes in Seoul
 */
export function momentText(ms) {
  const locale = LANGUAGE === "en" ? "en-GB" : LANGUAGE;
  const style = /** @type {const} */ ({ dateStyle: "long", timeStyle: "short", timeZone: ZONE });
  return new Intl.DateTimeFormat(locale, style).format(new Date(ms));
}

/**
 * When to come back: "in 20 seconds", or from two minutes on "at 14:05".
 * @param {number} seconds from now
 * @param {number} nowMs
 * @returns {string}
 */
export function waitText(seconds, nowMs) {
  if (seconds < 120) return countText("in_seconds", Math.max(1, Math.ceil(seconds)));
  return text("at_time", { time: timeText(nowMs + seconds * 1000 + 59_000) });
}

/**
 * @param {string} day YYYY-MM-DD
 * @param {number} count days later
 * @returns {string} YYYY-MM-DD
 */
export function addDays(day, count) {
  return new Date(Date.parse(`${day}T00:00Z`) + count * 86_400_000).toISOString().slice(0, 10);
}

/**
 * @param {string} from YYYY-MM-DD
 * @param {string} to YYYY-MM-DD
 * @returns {number} whole days from the one to the other
 */
export function daysBetween(from, to) {
  return Math.round((Date.parse(`${to}T00:00Z`) - Date.parse(`${from}T00:00Z`)) / 86_400_000);
}
