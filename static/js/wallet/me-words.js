/**
 * What is held about a citizen, in words: rows for the lists of the own page. Nothing here says that somebody is not
 * vaccinated: a record counts, counts later, has ended, is not enough by itself or was withdrawn.
 * @module
 */
import { seoulDay } from "../strip.js";
import { describe } from "./pass.js";
import { dayText, hasText, momentText, text } from "./texts.js";
import { notice } from "./view.js";

const LANGUAGE = document.documentElement.lang === "en" ? "en" : "ko";
const BADGES = { counts: "success", ahead: "info", ended: "", partial: "info", revoked: "danger" };

/** @typedef {Record<string, any>} Page what GET /api/v1/pass/me answers; its shape stands under /api/docs/ */

/**
 * @param {string} tag
 * @param {string} [words]
 * @param {string} [className]
 * @returns {HTMLElement}
 */
export function make(tag, words = "", className = "") {
  const made = document.createElement(tag);
  made.textContent = words;
  if (className) made.className = className;
  return made;
}

/**
 * @param {string} title
 * @param {string} [badge] words
 * @param {string} [kind] of the badge
 * @returns {HTMLElement}
 */
export function head(title, badge = "", kind = "") {
  const line = make("div", "", "row row--between me__head");
  line.append(make("h3", title, "me__title"));
  if (badge) line.append(make("span", badge, `badge ${kind && `badge--${kind}`}`));
  return line;
}

/**
 * @param {[string, string|null|undefined][]} pairs those without a value are left out
 * @returns {HTMLElement[]}
 */
function facts(pairs) {
  return pairs.filter(([, value]) => value).flatMap(([name, value]) => [make("dt", name), make("dd", value)]);
}

/**
 * @param {[string, string|null|undefined][]} pairs
 * @returns {HTMLElement}
 */
export function factList(pairs) {
  const list = make("dl", "", "facts small");
  list.append(...facts(pairs));
  return list;
}

/** @param {number|null} ms @returns {string|null} its day in words */
const dayOf = (ms) => ms && dayText(seoulDay(ms / 1000));

/**
 * What the records mean together today.
 * @param {Page} page
 * @returns {string}
 */
export function todayText({ today, records, time }) {
  if (records.length === 0 && !today.valid) return text("me_no_records");
  const row = { day: seoulDay(time / 1000), pass: today.valid ? 1 : 0, basis: today.basis, until: today.until };
  const { status, detail } = describe(/** @type {any} */ (row), [], /** @type {any} */ (today));
  return text("me_today", { status, detail });
}

/**
 * @param {Record<string, any>} record
 * @returns {HTMLElement}
 */
export function recordRow(record) {
  const vaccine = record.vaccine?.[LANGUAGE] ?? "";
  const row = make("li", "", "card me__card");
  row.append(head(text(`me_${record.kind}`, { vaccine, dose: record.dose }), text(`me_state_${record.state}`), BADGES[record.state]));
  const happened = record.result_at ? momentText(record.result_at) : dayText(record.day);
  const counted = ["counts", "ahead", "ended"].includes(record.state);
  const until = record.counts_until ? dayText(record.counts_until) : text("me_no_end");
  row.append(factList([
    [text(`me_day_${record.kind}`), happened],
    [text("me_issuer"), record.issuer],
    [text("me_counts_from"), counted ? dayText(record.counts_from) : null],
    [text("me_counts_until"), counted ? until : null],
  ]));
  const why = `me_why_${record.state}`;
  const date = record.state === "revoked" ? record.revoked_on : record.counts_until;
  if (hasText(why)) row.append(make("p", text(why, { date: date ? dayText(date) : "" }), "small"));
  return row;
}

/**
 * @param {Page} page
 * @returns {HTMLElement[]}
 */
export function phoneFacts(page) {
  const { guardian, masked_phone: phone } = page;
  const number = guardian ? text("me_number_guardian", { phone: phone ?? "", name: guardian.masked_name }) : phone;
  return facts([
    [text("me_number"), number],
    [text("me_since"), guardian ? null : dayOf(page.phone_since)],
    [text("me_safe"), page.safe_number],
    [text("me_opens"), page.renewal_opens_on && dayText(page.renewal_opens_on)],
    [text("me_due"), page.due_on && dayText(page.due_on)],
    [text("me_usable"), page.usable_until && dayText(page.usable_until)],
  ]);
}

/**
 * Who carries the pass, and whose passes are carried.
 * @param {Page} page
 * @returns {HTMLElement[]}
 */
export function peopleRows({ guardian, wards }) {
  const by = guardian ? [make("li", text("me_carried_by", { name: guardian.masked_name }))] : [];
  const words = (/** @type {any} */ { relation, carried }) => (carried === false ? `me_none_${relation}` : `me_carries_${relation}`);
  return [...by, ...wards.map((/** @type {any} */ ward) => make("li", text(words(ward), { name: ward.masked_name })))];
}

/**
 * @param {Record<string, any>} message
 * @returns {HTMLElement}
 */
export function messageRow(message) {
  const purpose = `me_sms_${message.purpose}`;
  const row = make("li", "", "me__line");
  row.append(make("span", momentText(message.at), "number"));
  const what = text(hasText(purpose) ? purpose : "me_sms_other");
  row.append(make("span", `${what}: ${text(`me_delivery_${message.delivery}`)}`));
  return row;
}

/**
 * A day on which somebody of the agency read the record, and what for.
 * @param {{on: string, why: string, times: number}} look
 * @returns {HTMLElement}
 */
export function lookRow({ on, why, times }) {
  const row = make("li", "", "me__line");
  row.append(make("span", dayText(on), "number"));
  const words = text(`me_look_${why}`);
  row.append(make("span", times > 1 ? text("me_look_times", { why: words, n: times }) : words));
  return row;
}

/**
 * A time a door saw the holder.
 * @param {{at: number, direction: string, venue: any}} visit
 * @returns {HTMLElement}
 */
export function visitRow({ at, direction, venue }) {
  const row = make("li", "", "me__line");
  const place = venue ? `${venue.name}, ${venue.region[LANGUAGE]}` : text("me_visits_unknown");
  row.append(make("span", momentText(at), "number"));
  row.append(make("span", direction === "out" ? text("me_visits_out", { place }) : place));
  return row;
}

/**
 * @param {Record<string, any>} consent
 * @returns {HTMLElement}
 */
export function consentRow(consent) {
  const name = consent.by_guardian ? "me_consent_guardian" : "me_consent";
  return make("li", text(name, { date: momentText(consent.at), version: consent.version }), "me__line");
}

/**
 * What is told ahead of new rules.
 * @param {{on: string, ko: string, en: string}} rules
 * @returns {HTMLElement}
 */
export function ruleNotice(rules) {
  const words = document.documentElement.lang === "ko" ? rules.ko : rules.en;
  return notice("info", text("me_rules", { date: dayText(rules.on), words }));
}
