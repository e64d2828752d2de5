/**
 * The pass on the screen: a code that is always fresh, the status in words, what to do next.
 * @module
 */
import { seoulDay } from "../strip.js";
import { asProblem, isGone } from "./api.js";
import { askServer, inDoubt, noticeJump, now } from "./clock.js";
import { drawCode, makeCode } from "./code.js";
import { showHolders, takeOff } from "./family.js";
import { maskPhone } from "./fields.js";
import { fetchStrips, markGone, putOff, refreshDue } from "./issue.js";
import { askNews, newsIn, readNews, showNews } from "./news.js";
import { learn, look, outage } from "./outage.js";
import { chooseDay, describe, hasNoRecord, movedByOutage, nearDue, notices } from "./pass.js";
import { fetchSafe, showSafe } from "./safe.js";
import { allDays, carried, chosen, holder, OWN } from "./store.js";
import { dayText, momentText, text } from "./texts.js";
import {
  announce, currentScreen, element, hold, isHeld, notice, problemText, showError, showScreen, tellProblem, tellWithNumber,
  whileBusy,
} from "./view.js";

const LIFE_MS = 15_000;
const TICK_MS = 250;

/** Whose pass is on the screen. */
let whose = /** @type {import("./store.js").Holder|null} */ (null);
/** @type {import("./store.js").Pass} */
let pass;
/** The owner's own pass: its number is the one that is checked, its device adds and ends those of others. */
let own = /** @type {import("./store.js").Pass|undefined} */ (undefined);
/** @type {import("./store.js").Day[]} */
let days = [];
let shownDay = /** @type {import("./store.js").Day|null} */ (null);
let drawnAt = 0;
let drawing = false;
let timer = 0;
let wakeLock = /** @type {WakeLockSentinel|null} */ (null);
let quiet = 0;
let asking = 0;
/** @type {(code: string) => void} */
let onLost;

/**
 * @param {{renew: (button: HTMLButtonElement, error: string) => void, check: () => void, lost: (code: string) => void}} then
 *   `renew` begins a phone check by one tap, `check` one of a number that is typed; `lost` when the agency does not know
 *   this device any more (`unknown_device`) or not by its key (`bad_signature`)
 * @returns {void}
 */
export function preparePass(then) {
  onLost = then.lost;
  element("renew").addEventListener("click", async () => {
    await renew();
    announce(text("renewed"));
  });
  element("check-now").addEventListener("click", () => then.renew(element("check-now"), "check-error"));
  element("stuck-check").addEventListener("click", () => then.renew(element("stuck-check"), "stuck-error"));
  element("other-phone").addEventListener("click", () => then.check());
  for (const id of ["take-off", "stuck-off"]) element(id).addEventListener("click", () => takeOff(whose.id));
  element("pass-changed-me").addEventListener("click", () => element("me-open").click());
  element("pass-changed-read").addEventListener("click", closeNews);
  element("refresh").addEventListener("click", () => fetchNow(element("refresh")));
  element("stuck-refresh").addEventListener("click", () => fetchNow(element("stuck-refresh")));
  document.addEventListener("visibilitychange", wake);
  addEventListener("online", wake);
  addEventListener("offline", () => currentScreen() === "pass" && showNotices());
}

/**
 * Show the pass that the phone holds.
 * @param {{focus?: string|null, say?: string}} [options]
 * @returns {Promise<void>}
 */
export async function showPass({ focus, say } = {}) {
  whose = await chosen();
  pass = whose.pass;
  own = (await holder(OWN))?.pass;
  days = await allDays(whose.id);
  shownDay = chooseDay(days, now());
  drawnAt = 0;
  if (pass.outage && outage() === undefined) learn(pass.outage);
  await showHolders(whose);
  await showSafe();
  planNews();
  if (!shownDay) {
    showStuck(focus);
    return;
  }
  showWords();
  showScreen("pass", { focus });
  await renew();
  if (say) announce(say);
  clearInterval(timer);
  timer = setInterval(tick, TICK_MS);
  keepAwake();
}

/** @returns {void} */
export function hidePass() {
  clearInterval(timer);
  element("qr").replaceChildren();
  delete element("qr").dataset.code;
  wakeLock?.release();
  wakeLock = null;
}

/** @returns {void} */
function tick() {
  if (currentScreen() !== "pass") {
    hidePass();
    return;
  }
  if (noticeJump()) {
    askServer().then(renew);
    return;
  }
  const left = LIFE_MS - (performance.now() - drawnAt);
  if (left <= 0 && document.visibilityState === "visible") renew();
  else showCount(left);
}

/**
 * @param {number} leftMs
 * @returns {void}
 */
function showCount(leftMs) {
  const seconds = Math.max(0, Math.ceil(leftMs / 1000));
  const words = text("renews_in", { n: seconds });
  if (element("countdown").textContent !== words) element("countdown").textContent = words;
  element("countdown-bar").value = Math.max(0, leftMs / 1000);
}

/**
 * Draw a fresh code from the strip that counts at this moment.
 * @returns {Promise<void>}
 */
async function renew() {
  if (drawing) return;
  drawing = true;
  try {
    const row = chooseDay(days, now());
    if (!row) {
      hidePass();
      showStuck();
      return;
    }
    const changed = row !== shownDay;
    shownDay = row;
    drawCode(element("qr"), await makeCode(row, now()));
    drawnAt = performance.now();
    showCount(LIFE_MS);
    if (changed) showWords();
  } finally {
    drawing = false;
  }
}

/** @returns {void} */
function showWords() {
  const { status, detail } = describe(shownDay, days, pass);
  const good = shownDay.pass === 1 && !pass.gone;
  element("pass-head").dataset.pass = String(Number(good));
  element("pass-icon").className = `icon icon--${good ? "check" : "info"}`;
  element("pass-status").textContent = status;
  element("pass-detail").textContent = detail;
  element("pass-name").textContent = pass.maskedName ?? "";
  element("pass-due").textContent = text("due", { date: dayText(pass.dueOn) });
  element("pass-fetched").textContent = text("fetched", { date: momentText(pass.fetchedAt) });
  showNews(pass, shownDay);
  showNotices();
}

/** @returns {void} */
function showNotices() {
  const ward = whose.id !== OWN;
  const noRecord = shownDay ? hasNoRecord(shownDay, days, pass) : false;
  const told = notices(pass, shownDay, now(), { online: navigator.onLine, outage: outage() ?? null, ward, noRecord });
  const check = told.some((one) => one.check);
  element("pass-notices").replaceChildren(...told.map(({ kind, words }) => notice(kind, words)));
  element("check-now").hidden = !check || (ward && Boolean(pass.gone));
  element("take-off").hidden = !(ward && pass.gone);
  labelCheck("check-label");
  element("pass-due").hidden = check || nearDue(pass, now());
  element("other-phone").hidden = ward;
  element("family-open").hidden = !own || Boolean(own.gone);
  element("me-open").hidden = Boolean(pass.gone);
}

/**
 * Say on a button what one tap does: to which number the code goes. A number whose pass is gone may be another's now.
 * @param {string} id
 * @returns {void}
 */
function labelCheck(id) {
  if (own?.phone && !own.gone) tellWithNumber(element(id), text("renew_to"), maskPhone(own.phone));
  else element(id).textContent = text("renew");
}

/**
 * No strip for today: either the pass is spent, or this phone has not fetched it. Says which, and what to do.
 * @param {string|null} [focus]
 * @returns {void}
 */
function showStuck(focus) {
  const spent = seoulDay(now() / 1000) > pass.usableUntil;
  const ours = Boolean(pass.outage);
  element("stuck-title").textContent = text(spent && !ours ? "spent_title" : "lacking_title");
  element("stuck-text").textContent = stuckWords(spent, ours);
  element("stuck-refresh").hidden = spent && !ours;
  element("stuck-check").classList.toggle("button--primary", spent && !ours);
  const lost = whose.id !== OWN && Boolean(pass.gone);
  labelCheck("stuck-label");
  element("stuck-check").hidden = lost;
  element("stuck-off").hidden = !lost;
  showError("stuck-error", "");
  showScreen("stuck", { focus });
}

/**
 * @param {boolean} spent the pass ran out
 * @param {boolean} ours but not for a fault of the citizen
 * @returns {string}
 */
function stuckWords(spent, ours) {
  if (!spent) return text("lacking");
  const words = text(ours ? "spent_outage" : "spent", { date: dayText(pass.usableUntil) });
  return ours || navigator.onLine ? words : `${words} ${text("spent_offline")}`;
}

/**
 * Fetch the newest strips because the citizen asked.
 * @param {HTMLButtonElement} button
 * @returns {Promise<void>}
 */
async function fetchNow(button) {
  if (isHeld(button)) return;
  const stuck = button.id === "stuck-refresh";
  element("refresh-result").textContent = "";
  showError("stuck-error", "");
  try {
    learn((await whileBusy(button, text("refreshing"), () => fetchStrips(whose.id))).outage);
    await showPass(stuck ? {} : { focus: null });
    element("refresh-result").textContent = text("refreshed");
    await fetchSafe();
  } catch (reason) {
    const problem = asProblem(reason);
    if (["unknown_device", "bad_signature"].includes(problem.code)) {
      await tellLost(problem.code);
      return;
    }
    if (stuck) tellProblem("stuck-error", problem);
    else element("refresh-result").textContent = problemText(problem);
    hold(button, problem.retryAfter);
  }
}

/**
 * @param {string} code why the agency takes no word of this device
 * @returns {Promise<void>}
 */
async function tellLost(code) {
  const ward = whose.id !== OWN;
  if (ward || code === "unknown_device") await markGone(whose.id);
  if (ward) await showPass({ focus: null });
  else onLost(code);
}

/**
 * Back before somebody's eyes, or back on the network: a fresh code, a right clock, strips if it is time.
 * @returns {Promise<void>}
 */
async function wake() {
  if (document.visibilityState !== "visible" || !pass || !["pass", "stuck"].includes(currentScreen())) return;
  if (currentScreen() === "pass") {
    await renew();
    keepAwake();
  } else if (chooseDay(days, now())) await showPass();
  planNews();
  await refreshQuietly();
}

/**
 * Ask in time whether anything has changed, or fetch what is known to have changed and could not be fetched so far, as
 * long as somebody looks.
 * @returns {void}
 */
function planNews() {
  clearTimeout(asking);
  if (pass.outdated) {
    asking = setTimeout(refreshQuietly, Math.max(0, pass.refreshAt - now()) + 1000);
    return;
  }
  const wait = newsIn(pass, chooseDay(days, now()));
  if (wait !== null) asking = setTimeout(hearNews, wait);
}

/** @returns {Promise<void>} */
async function hearNews() {
  if (document.visibilityState !== "visible" || !navigator.onLine || currentScreen() !== "pass") return;
  const { id } = whose;
  try {
    if (await askNews(id)) {
      const others = (await wantedNow()).filter((one) => one.id !== id);
      await fetchQuietly([await holder(id), ...others]);
      if (currentScreen() === "pass" && whose.id === id && !element("pass-changed").hidden) {
        announce(element("pass-changed-text").textContent);
      }
      return;
    }
  } catch (problem) {
    if (!isGone(problem)) throw problem; // the phone's store: the pass itself is as it was
    await markGone(id);
    await showAgain();
    return;
  }
  if (whose.id === id) pass = (await holder(id))?.pass ?? pass;
  planNews();
}

/** @returns {Promise<void>} */
async function closeNews() {
  await readNews(whose.id);
  await showPass();
}

/**
 * Mend the clock where it is in doubt, hear of an outage where it matters, and fetch new strips where today's are
 * missing, an outage moved their end or their moment has come; all without a word.
 * @returns {Promise<void>}
 */
export async function refreshQuietly() {
  if (!navigator.onLine || !pass) return;
  if (inDoubt() && (await askServer())) await (currentScreen() === "pass" ? renew() : showAgain());
  const everybody = await carried();
  if (everybody.some((one) => nearDue(one.pass, now()))) {
    const before = outage()?.since;
    if ((await look())?.since !== before) await showAgain();
  }
  await fetchSafe();
  const wanted = await wantedNow();
  if (!wanted.length || quiet) return;
  const hurry = currentScreen() === "stuck" ? 0.2 : 1;
  quiet = setTimeout(() => fetchQuietly(wanted), hurry * (1000 + 9000 * Math.random()));
}

/** @returns {Promise<import("./store.js").Holder[]>} whose strips should be fetched now */
async function wantedNow() {
  const wanted = [];
  for (const one of await carried()) if (await isWanted(one)) wanted.push(one);
  return wanted;
}

/**
 * @param {import("./store.js").Holder} one
 * @returns {Promise<boolean>} whether this holder's strips should be fetched now
 */
async function isWanted({ id, pass: held }) {
  if (held.gone) return false;
  const today = seoulDay(now() / 1000);
  const lacking = today <= held.usableUntil && chooseDay(await allDays(id), now())?.day !== today;
  if (now() < (held.notBefore ?? 0)) return lacking;
  return lacking || refreshDue(held) || movedByOutage(held, outage(), now());
}

/**
 * @param {import("./store.js").Holder[]} wanted
 * @returns {Promise<void>}
 */
async function fetchQuietly(wanted) {
  clearTimeout(quiet);
  for (const one of wanted) {
    try {
      learn((await fetchStrips(one.id)).outage);
    } catch (problem) {
      if (isGone(problem)) await markGone(one.id);
      else await putOff(one, problem.retryAfter ?? null);
    }
  }
  quiet = 0;
  await showAgain();
}

/** @returns {Promise<void>} what the phone holds now, where a pass is looked at */
export async function showAgain() {
  if (["pass", "stuck"].includes(currentScreen())) await showPass({ focus: null });
}

/**
 * Keep the screen lit while a code is on it, where the browser lets us.
 * @returns {Promise<void>}
 */
async function keepAwake() {
  if (!("wakeLock" in navigator) || document.visibilityState !== "visible" || (wakeLock && !wakeLock.released)) return;
  try {
    wakeLock = await navigator.wakeLock.request("screen");
  } catch {
    // Low battery or no permission: the phone dims as it always does.
  }
}
