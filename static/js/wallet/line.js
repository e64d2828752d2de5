/**
 * The place in line: told on a screen of its own, kept through reload and lost network, asked after at the server's
 * pace. Whoever is admitted is sent the code without another tap; a pass on the phone may be shown meanwhile.
 * @module
 */
import { asProblem, askPlace } from "./api.js";
import { begin } from "./begin.js";
import { now } from "./clock.js";
import { carried, get, put, remove } from "./store.js";
import { countText, hasText, text, timeText } from "./texts.js";
import { announce, currentScreen, element, problemText, showError, showScreen } from "./view.js";

/** @typedef {import("./store.js").Place} Place */

const KEPT_MS = 6 * 3600_000;
const PACE_S = 5;
const LONGEST_PACE_S = 60;
const TOLD_EVERY_MS = 60_000;
const BADGES = { green: "success", yellow: "info", orange: "warning", red: "danger" };

let asked = /** @type {import("./store.js").Asked|null} */ (null);
let place = /** @type {Place|null} */ (null);
let timer = 0;
let misses = 0;
let askedAt = 0;
let toldAt = 0;
let toldOf = 0; // ms of the server's clock: when the place was as it is shown
/** @type {(begun: import("./store.js").Begun) => void} */
let onSent;
/** @type {(problem: import("./api.js").Problem, asked: import("./store.js").Asked) => void} */
let onRefused;

/**
 * @param {{sent: typeof onSent, refused: typeof onRefused, back: () => void, leave: () => void}} then `sent` once the
 *   code is on its way, `refused` where it cannot be sent at all
 * @returns {void}
 */
export function prepareLine(then) {
  onSent = then.sent;
  onRefused = then.refused;
  element("waiting-back").addEventListener("click", () => then.back());
  element("waiting-leave").addEventListener("click", async () => {
    await leaveLine();
    then.leave();
  });
  element("line-show").addEventListener("click", () => showLine());
  addEventListener("online", () => askSoon());
  document.addEventListener("visibilitychange", () => askSoon());
}

/**
 * @param {import("./store.js").Asked} wanted
 * @param {Place} given
 * @returns {void}
 */
export function joinLine(wanted, given) {
  asked = wanted;
  place = given;
  toldOf = now();
  misses = 0;
  showLine();
  askLater(given.pace_s);
}

/**
 * Take a place up again that was kept on the phone.
 * @param {{show: boolean}} options whether on its screen; a pass is not pushed aside
 * @returns {Promise<boolean>} whether there is one
 */
export async function resumeLine({ show }) {
  const kept = /** @type {import("./store.js").InLine|undefined} */ (await get("waiting"));
  if (!kept || now() > kept.since + KEPT_MS) {
    if (kept) await remove("waiting");
    return false;
  }
  asked = kept.asked;
  place = kept.place ?? null;
  toldOf = kept.since;
  if (show) showLine({ focus: null });
  await ask();
  return true;
}

/** @returns {Promise<void>} */
export async function leaveLine() {
  clearTimeout(timer);
  asked = null;
  place = null;
  element("pass-line").hidden = true;
  await remove("waiting");
}

/**
 * @param {{focus?: string|null}} [options]
 * @returns {Promise<void>}
 */
async function showLine({ focus } = {}) {
  showError("waiting-error", "");
  toldAt = Date.now();
  element("waiting-back").hidden = !(await carried()).length;
  draw();
  showScreen("waiting", { focus });
}

/** @returns {void} */
function draw() {
  element("pass-line").hidden = !asked;
  if (!place) {
    element("waiting-place").hidden = true;
    element("pass-line-text").textContent = text("line_kept");
    return;
  }
  const ahead = Math.max(1, place.position);
  const position = countText("line_position", ahead, { n: ahead.toLocaleString(document.documentElement.lang) });
  element("waiting-place").hidden = false;
  element("waiting-position").textContent = position;
  element("waiting-estimate").textContent = estimate(place.wait_s);
  const crowd = element("waiting-crowd");
  crowd.hidden = !hasText(`crowd_${place.colour}`);
  crowd.className = `badge badge--${BADGES[place.colour] ?? "info"}`;
  crowd.textContent = crowd.hidden ? "" : text(`crowd_${place.colour}`);
  element("pass-line-text").textContent = text("line_notice", { position });
  if (currentScreen() !== "waiting" || Date.now() < toldAt + TOLD_EVERY_MS) return;
  toldAt = Date.now();
  announce(`${position} ${estimate(place.wait_s)}`);
}

/**
 * @param {number} seconds
 * @returns {string}
 */
function estimate(seconds) {
  return seconds < 60 ? text("line_soon") : countText("line_minutes", Math.ceil(seconds / 60));
}

/**
 * @param {number} seconds
 * @returns {void}
 */
function askLater(seconds) {
  clearTimeout(timer);
  timer = setTimeout(ask, Math.max(1, seconds) * 1000 * (0.9 + 0.3 * Math.random()));
}

/** @returns {void} after the network or the eyes came back: ask, but not at once with everybody else */
function askSoon() {
  if (!asked || document.visibilityState !== "visible" || !navigator.onLine) return;
  if (Date.now() > askedAt + 1000 * (place?.pace_s ?? PACE_S)) askLater(2 * Math.random());
}

/** @returns {Promise<void>} */
async function ask() {
  clearTimeout(timer);
  if (!asked) return;
  askedAt = Date.now();
  const mine = asked;
  try {
    const { admitted, ...told } = await askPlace();
    if (asked !== mine) return;
    misses = 0;
    place = told;
    showError("waiting-error", "");
    draw();
    toldOf = now();
    await (admitted ? send() : put("waiting", { asked, since: toldOf, place }));
    if (asked === mine) askLater(place.pace_s);
  } catch (problem) {
    if (asked !== mine) return;
    if (problem.code === "no_ticket") await send().catch(missed);
    else missed(problem);
  }
}

/**
 * It is our turn, or the browser lost its ticket: ask for the code.
 * @returns {Promise<void>}
 */
async function send() {
  const mine = asked;
  const given = await begin(mine);
  if (given.begun) {
    await leaveLine();
    onSent(given.begun);
    return;
  }
  place = given.place;
  draw();
  askLater(place.pace_s);
}

/**
 * Nothing is lost by an answer that does not come: the place is kept, and asked after more slowly.
 * @param {any} reason
 * @returns {void}
 */
function missed(reason) {
  const problem = asProblem(reason);
  if (problem.status >= 400 && problem.status < 500 && problem.code !== "no_ticket") {
    const wanted = asked;
    leaveLine().then(() => onRefused(problem, wanted));
    return;
  }
  misses += 1;
  const asOf = place ? ` ${text("line_as_of", { time: timeText(toldOf) })}` : "";
  const words = problem.code === "offline" ? text("line_offline") + asOf : problemText(problem);
  if (!element("waiting-error").textContent.includes(words)) showError("waiting-error", words, undefined, { calm: true });
  const pace = Math.min(LONGEST_PACE_S, (place?.pace_s ?? PACE_S) * 2 ** Math.min(misses, 4));
  askLater(problem.retryAfter ?? pace);
}
