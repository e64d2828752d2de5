/**
 * Whether the agency would sign something else now than this phone holds: a record was corrected, a test came in, a pass
 * was revoked. Asked of a pass that is looked at, no oftener than the agency lets us; and told, once fetched, until it is
 * read.
 * @module
 */
import { seoulDay } from "../strip.js";
import { call, isGone } from "./api.js";
import { now } from "./clock.js";
import { allDays, holder, putHolder } from "./store.js";
import { dayText, momentText, text } from "./texts.js";
import { element } from "./view.js";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** After a question that was not answered. */
const REST_MS = 10 * MINUTE_MS;

/**
 * In how long the agency may be asked, with a moment's chance: those who open their wallets together do not ask together.
 * Who has no valid pass may be waiting for one, and is not to wait for long.
 * @param {import("./store.js").Pass} pass
 * @param {import("./store.js").Day|null} row the strip in force
 * @returns {number|null} ms; null where there is nothing to ask
 */
export function newsIn(pass, row) {
  const at = askableFrom(pass, row);
  return at === null ? null : Math.max(0, at - now()) + 500 + 3500 * Math.random();
}

/**
 * @param {import("./store.js").Pass} pass
 * @param {import("./store.js").Day|null} row the strip in force
 * @returns {number|null} ms of when the agency may be asked; null where there is nothing to ask
 */
function askableFrom(pass, row) {
  if (pass.gone || pass.outdated || !row?.mark) return null;
  return pass.newsAt ?? pass.fetchedAt + (row.pass === 1 ? REST_MS : MINUTE_MS);
}

/**
 * Whether strips are to be fetched now, at a deed of the citizen's: for what was heard before, or asked now, where the
 * agency lets us by this time.
 * @param {string} id of the holder
 * @param {import("./store.js").Day|null} row the strip in force
 * @returns {Promise<boolean>}
 * @throws {import("./api.js").Problem} as `askNews`
 */
export async function hearInTurn(id, row) {
  const pass = (await holder(id))?.pass;
  if (!pass) return false;
  if (pass.outdated) return now() >= (pass.notBefore ?? 0);
  const at = askableFrom(pass, row);
  return at !== null && now() >= at && askNews(id);
}

/**
 * Ask. What is found stands in the holder: `outdated`, and when to ask again, a little later than we are told, so that
 * those who opened their wallets together do not come together again.
 * @param {string} id of the holder
 * @returns {Promise<boolean>} whether strips are to be fetched now
 * @throws {import("./api.js").Problem} where the agency does not know the device any more
 */
export async function askNews(id) {
  const one = await holder(id);
  const today = (await allDays(id)).find(({ day }) => day === seoulDay(now() / 1000));
  if (!one?.pass || !one.device.id || !today?.mark) return false;
  let wait = REST_MS;
  let outdated = false;
  let gone = null;
  try {
    const answer = await call("GET", `/pass/news/${today.mark}`, undefined, one.device);
    wait = answer.again_s * 1000;
    outdated = answer.news;
  } catch (problem) {
    if (isGone(problem)) gone = problem;
    wait = Math.max(wait, (problem.retryAfter ?? 0) * 1000);
  }
  const latest = await holder(id);
  if (latest?.pass?.fetchedAt !== one.pass.fetchedAt) return false; // fetched meanwhile: what was asked is of before
  if (gone) throw gone;
  const changes = { newsAt: now() + wait * (1 + 0.3 * Math.random()), ...(outdated && { outdated, refreshAt: now() }) };
  await putHolder({ ...latest, pass: { ...latest.pass, ...changes } });
  return outdated;
}

/**
 * What is different today between the strips that the phone held and those that came.
 * @param {import("./store.js").Pass|undefined} pass held before; none for somebody who is new here
 * @param {import("./store.js").Day|undefined} before today's
 * @param {import("./store.js").Day|undefined} after today's
 * @param {number} at ms
 * @returns {import("./store.js").Change|undefined} also what was told before and is not read yet
 */
export function changeBetween(pass, before, after, at) {
  if (!pass || !before?.strip || !after?.strip) return undefined;
  const found = (/** @type {import("./store.js").Change["kind"]} */ kind) => ({ kind, at });
  if (before.pass !== after.pass) return found(after.pass === 1 ? "gained" : "lost");
  if (after.pass === 1 && before.until !== after.until) return found("until");
  return pass.changed ?? (pass.outdated && after.pass === 1 ? found("anew") : undefined);
}

/**
 * @param {import("./store.js").Pass} pass
 * @param {import("./store.js").Day|null} row the strip in force
 * @returns {void}
 */
export function showNews({ changed }, row) {
  const place = element("pass-changed");
  const lost = changed?.kind === "lost";
  const told = changed && row && (lost || now() < changed.at + DAY_MS);
  const words = told ? wordsOf(changed, row) : "";
  if (element("pass-changed-text").textContent !== words) element("pass-changed-text").textContent = words;
  place.classList.toggle("notice--warning", lost);
  place.classList.toggle("notice--info", !lost);
  element("pass-changed-icon").className = `icon icon--${lost ? "warn" : "info"}`;
  element("pass-changed-me").hidden = !lost;
  place.hidden = !words;
}

/**
 * @param {import("./store.js").Change} changed
 * @param {import("./store.js").Day} row
 * @returns {string} nothing where the day has moved on to something else
 */
function wordsOf({ kind, at }, row) {
  if ((row.pass === 1) === (kind === "lost")) return "";
  if (kind === "until") return row.until ? text("changed_until", { date: dayText(row.until) }) : text("changed_no_end");
  return text(`changed_${kind}`, { time: momentText(at) });
}

/**
 * The citizen has read what changed.
 * @param {string} id of the holder
 * @returns {Promise<void>}
 */
export async function readNews(id) {
  const one = await holder(id);
  if (one?.pass) await putHolder({ ...one, pass: { ...one.pass, changed: undefined } });
}
