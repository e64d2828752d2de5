/**
 * What the pass says at a moment: which strip counts, in which words, and what the citizen should do. Pure.
 * @module
 */
import { seoulDay } from "../strip.js";
import { addDays, countText, dayText, daysBetween, hasText, text } from "./texts.js";

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
 * The status in words. A strip without a pass says what ended, what begins and that there is no pass; never that a
 * person is not vaccinated.
 * @param {import("./store.js").Day} row the strip in force
 * @param {import("./store.js").Day[]} days in order
 * @param {import("./store.js").Pass} pass
 * @returns {{status: string, detail: string}}
 */
export function describe(row, days, pass) {
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
 * What the citizen must know about the phone check, the most pressing first.
 * @param {import("./store.js").Pass} pass
 * @param {import("./store.js").Day|null} row the strip in force
 * @param {number} nowMs
 * @returns {{kind: "info"|"warning"|"danger", words: string, check?: boolean}[]}
 */
export function notices(pass, row, nowMs) {
  const today = seoulDay(nowMs / 1000);
  const found = [];
  if (row && row.day < today) found.push({ kind: /** @type {const} */ ("warning"), words: text("yesterday") });
  const due = dueNotice(pass, row, today);
  if (due) found.push(due);
  if (pass.review) found.push({ kind: /** @type {const} */ ("info"), words: text("review") });
  return found;
}

/**
 * @param {import("./store.js").Pass} pass
 * @param {import("./store.js").Day|null} row
 * @param {string} today
 * @returns {{kind: "info"|"warning"|"danger", words: string, check?: boolean}|null}
 */
function dueNotice(pass, row, today) {
  const date = dayText(pass.usableUntil);
  if (row?.phone === 2) return { kind: "info", words: text("outage", { date }) };
  if (today > pass.dueOn) {
    const left = daysBetween(today, pass.usableUntil);
    const words = left > 0 ? countText("grace", left, { date }) : text("grace_last");
    return { kind: left > 1 ? "warning" : "danger", words, check: true };
  }
  if (today < pass.renewalOpensOn) return null;
  return { kind: "info", words: text("due_open", { date: dayText(pass.dueOn) }), check: true };
}
