/**
 * The pass on the screen: a code that is always fresh, the status in words, what to do next.
 * @module
 */
import { seoulDay } from "../strip.js";
import { Problem } from "./api.js";
import { askServer, inDoubt, noticeJump, now } from "./clock.js";
import { drawCode, makeCode } from "./code.js";
import { fetchStrips, putOff, refreshDue } from "./issue.js";
import { chooseDay, describe, notices } from "./pass.js";
import { allDays, get } from "./store.js";
import { dayText, momentText, text } from "./texts.js";
import { announce, currentScreen, element, hold, isHeld, notice, problemText, showError, showScreen, whileBusy } from "./view.js";

const LIFE_MS = 15_000;
const TICK_MS = 250;

/** @type {import("./store.js").Pass} */
let pass;
/** @type {import("./store.js").Day[]} */
let days = [];
let shownDay = /** @type {import("./store.js").Day|null} */ (null);
let drawnAt = 0;
let drawing = false;
let timer = 0;
let wakeLock = /** @type {WakeLockSentinel|null} */ (null);
let quiet = 0;
/** @type {(why?: string) => void} */
let onCheck;
/** @type {(code: string) => void} */
let onLost;

/**
 * @param {{check: (why?: string) => void, lost: (code: string) => void}} then `check` begins a phone check, `lost` when
 *   the agency does not know this device any more (`unknown_device`) or not by its key (`bad_signature`)
 * @returns {void}
 */
export function preparePass(then) {
  onCheck = then.check;
  onLost = then.lost;
  element("renew").addEventListener("click", async () => {
    await renew();
    announce(text("renewed"));
  });
  for (const id of ["check-now", "other-phone", "stuck-check"]) element(id).addEventListener("click", () => onCheck());
  element("refresh").addEventListener("click", () => fetchNow(element("refresh")));
  element("stuck-refresh").addEventListener("click", () => fetchNow(element("stuck-refresh")));
  document.addEventListener("visibilitychange", wake);
  addEventListener("online", wake);
}

/**
 * Show the pass that the phone holds.
 * @param {{focus?: string|null, say?: string}} [options]
 * @returns {Promise<void>}
 */
export async function showPass({ focus, say } = {}) {
  pass = await get("pass");
  days = await allDays();
  shownDay = chooseDay(days, now());
  drawnAt = 0;
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
  element("pass-head").dataset.pass = String(shownDay.pass);
  element("pass-icon").className = `icon icon--${shownDay.pass === 1 ? "check" : "info"}`;
  element("pass-status").textContent = status;
  element("pass-detail").textContent = detail;
  element("pass-name").textContent = pass.maskedName ?? "";
  element("pass-due").textContent = text("due", { date: dayText(pass.dueOn) });
  element("pass-fetched").textContent = text("fetched", { date: momentText(pass.fetchedAt) });
  const told = notices(pass, shownDay, now());
  element("pass-notices").replaceChildren(...told.map(({ kind, words }) => notice(kind, words)));
  element("check-now").hidden = !told.some(({ check }) => check);
  element("pass-due").hidden = told.some(({ check }) => check);
}

/**
 * No strip for today: either the pass is spent, or this phone has not fetched it. Says which, and what to do.
 * @param {string|null} [focus]
 * @returns {void}
 */
function showStuck(focus) {
  const spent = seoulDay(now() / 1000) > pass.usableUntil;
  element("stuck-title").textContent = text(spent ? "spent_title" : "lacking_title");
  element("stuck-text").textContent = spent ? text("spent", { date: dayText(pass.usableUntil) }) : text("lacking");
  element("stuck-refresh").hidden = spent;
  element("stuck-check").classList.toggle("button--primary", spent);
  showError("stuck-error", "");
  showScreen("stuck", { focus });
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
    await whileBusy(button, text("refreshing"), fetchStrips);
    await showPass(stuck ? {} : { focus: null });
    element("refresh-result").textContent = text("refreshed");
  } catch (reason) {
    const problem = reason instanceof Problem ? reason : new Problem("unexpected");
    if (["unknown_device", "bad_signature"].includes(problem.code)) {
      onLost(problem.code);
      return;
    }
    if (stuck) showError("stuck-error", problemText(problem));
    else element("refresh-result").textContent = problemText(problem);
    hold(button, problem.retryAfter);
  }
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
  await refreshQuietly();
}

/**
 * Mend the clock where it is in doubt and fetch new strips where today's is missing or their moment has come, without
 * a word.
 * @returns {Promise<void>}
 */
export async function refreshQuietly() {
  if (!navigator.onLine || !pass) return;
  if (inDoubt() && (await askServer()) && currentScreen() === "pass") await renew();
  const today = seoulDay(now() / 1000);
  const lacking = chooseDay(days, now())?.day !== today && today <= pass.usableUntil;
  if (!(lacking || refreshDue(pass)) || quiet) return;
  quiet = setTimeout(async () => {
    try {
      await fetchStrips();
      if (["pass", "stuck"].includes(currentScreen())) await showPass({ focus: null });
    } catch (problem) {
      await putOff(pass, problem.retryAfter ?? null);
    } finally {
      quiet = 0;
    }
  }, 1000 + 9000 * Math.random());
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
