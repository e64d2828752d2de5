/**
 * What the pass says at a moment: which strip counts, in which words, and what the citizen should do. Pure.
 * @module
 */
import { seoulDay } from "../strip.js";
import { addDays, countText, dayText, daysBetween, hasText, momentText, text } from "./texts.js";

/**
 * The strip in force: today's; yesterday's (good until 04:00) only where there is none for today.
 * @param {import("./store.js").Day[]} days
 * @param {number} nowMs
 * @returns {import("./store.js").Day|null}
 */
export function chooseDay(days, nowMs) {
  const today = seoulDay(nowMs / 1000);
  const good = days.filter((row) => row.strip && row.nbf * 1000 <= nowMs && nowMs < row.exp * 1000);
  const wanted = [today, addDays(today, -1)];
  for (const day of wanted) {
    const found = good.find((row) => row.day === day);
    if (found) return found;
  }
  return null;
}

/**
 * @param {{basis?: string|null}} holder a day, or a turn
 * @returns {string}
 */
function statusOf({ basis }) {
  const name = `status_${basis}`;
  return text(hasText(name) ? name : "status_pass");
}

/**
 * What ended last before a day without a pass: an earlier day that the phone holds knows, else the agency's word.
 * @param {import("./store.js").Day} row
 * @param {import("./store.js").Day[]} days
 * @param {import("./store.js").Pass} pass
 * @returns {import("./store.js").Turn|null}
 */
function endedBefore(row, days, pass) {
  const before = days.findLast((other) => other.pass === 1 && other.until && other.until < row.day);
  return before ? { basis: before.basis, on: before.until } : (pass.ended ?? null);
}

/**
 * What begins next: a day ahead that the phone holds, else what lies beyond them.
 * @param {import("./store.js").Day} row
 * @param {import("./store.js").Day[]} days
 * @param {import("./store.js").Pass} pass
 * @returns {import("./store.js").Turn|null}
 */
function startsAfter(row, days, pass) {
  const later = days.find((other) => other.strip && other.day > row.day && other.pass === 1);
  if (later) return { basis: later.basis, on: later.day };
  return pass.starts && pass.starts.on > row.day ? pass.starts : null;
}

/**
 * Whether nothing on record ever gave a pass or is to give one.
 * @param {import("./store.js").Day} row the strip in force
 * @param {import("./store.js").Day[]} days in order
 * @param {import("./store.js").Pass} pass
 * @returns {boolean}
 */
export function hasNoRecord(row, days, pass) {
  return row.pass === 0 && !pass.review && !endedBefore(row, days, pass) && !startsAfter(row, days, pass);
}

/**
 * The status in words. A strip without a pass says what ended, what begins and that there is no pass; never that a
 * person is not vaccinated.
 * @param {import("./store.js").Day} row the strip in force
 * @param {import("./store.js").Day[]} days in order
 * @param {import("./store.js").Pass} pass
 * @returns {{status: string, detail: string}}
 */
export function describe(row, days, pass) {
  if (pass.gone) return { status: text("status_gone"), detail: "" };
  if (row.pass === 1) {
    const detail = row.until ? text("until", { date: dayText(row.until) }) : text("no_end");
    return { status: statusOf(row), detail };
  }
  const ended = endedBefore(row, days, pass);
  const starts = startsAfter(row, days, pass);
  const sentences = [text("none_detail")];
  if (starts) sentences.unshift(text("later", { date: dayText(starts.on), status: statusOf(starts) }));
  if (ended) {
    const name = `ended_${ended.basis}`;
    sentences.unshift(text(hasText(name) ? name : "ended", { date: dayText(ended.on) }));
  }
  return { status: text("status_none"), detail: sentences.join(" ") };
}

/**
 * @typedef {object} Told
 * @property {"info"|"warning"|"danger"} kind
 * @property {string} words
 * @property {boolean} [check] the phone check is what helps
 */

/**
 * What the citizen must know about the pass, the most pressing first.
 * @param {import("./store.js").Pass} pass
 * @param {import("./store.js").Day|null} row the strip in force
 * @param {number} nowMs
 * @param {{online: boolean, outage: {since: number}|null, ward: boolean, noRecord?: boolean}} around
 * @returns {Told[]}
 */
export function notices(pass, row, nowMs, { online, outage, ward, noRecord = false }) {
  const today = seoulDay(nowMs / 1000);
  /** @type {(Told|null)[]} */
  const found = [
    pass.gone ? { kind: "warning", words: text(ward ? "ward_gone" : "device_gone"), check: true } : null,
    row && row.day < today ? { kind: "warning", words: text("yesterday") } : null,
    pass.outdated && !pass.gone ? { kind: "warning", words: text("outdated") } : null,
    pass.gone ? null : dueNotice(pass, row, today, outage),
    !online && today > pass.dueOn ? { kind: "info", words: text("no_network", { date: dayText(pass.usableUntil) }) } : null,
    pass.review ? { kind: "info", words: text("review") } : null,
    noRecord && !pass.gone && pass.changed?.kind !== "lost" ? { kind: "info", words: text("no_record") } : null,
  ];
  return found.filter(Boolean);
}

/**
 * An outage is ours: while it lasts nothing about the check is told as a fault of the citizen.
 * @param {import("./store.js").Pass} pass
 * @param {import("./store.js").Day|null} row
 * @param {string} today
 * @param {{since: number}|null} outage
 * @returns {Told|null}
 */
function dueNotice(pass, row, today, outage) {
  const date = dayText(pass.usableUntil);
  if (today < pass.renewalOpensOn) return null;
  if (outage) return { kind: "info", words: text("outage", { date, time: momentText(outage.since) }) };
  if (row?.phone === 2) return { kind: "info", words: text("outage_extended", { date }), check: true };
  if (today > pass.dueOn) {
    const left = daysBetween(today, pass.usableUntil);
    const words = left > 0 ? countText("grace", left, { date }) : text("grace_last");
    return { kind: "warning", words, check: true };
  }
  return { kind: "info", words: text("due_open", { date: dayText(pass.dueOn) }), check: true };
}

/**
 * Whether an outage that opened, lasts or closed may have moved the pass's end since it was fetched.
 * @param {import("./store.js").Pass} pass
 * @param {{since: number}|null|undefined} outage undefined where nothing is known
 * @param {number} nowMs
 * @returns {boolean}
 */
export function movedByOutage(pass, outage, nowMs) {
  if (outage === undefined) return false;
  if (!outage) return Boolean(pass.outage);
  const today = seoulDay(nowMs / 1000);
  return today >= pass.dueOn && (!pass.outage || seoulDay(pass.fetchedAt / 1000) < today);
}

/**
 * Whether the pass is near enough to its check for an outage to matter to it.
 * @param {import("./store.js").Pass} pass
 * @param {number} nowMs
 * @returns {boolean}
 */
export function nearDue(pass, nowMs) {
  return Boolean(pass.outage) || seoulDay(nowMs / 1000) >= pass.renewalOpensOn;
}
