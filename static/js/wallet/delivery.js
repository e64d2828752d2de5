/**
 * What became of the message with the code, asked less and less often and said in words.
 * @module
 */
import { call } from "./api.js";
import { now } from "./clock.js";
import { outage } from "./outage.js";
import { text, timeText } from "./texts.js";
import { currentScreen, element } from "./view.js";

const POLL_MS = [1500, 2500, 4000, 6000, 9000, 13_000, 20_000, 30_000];
const KINDS = { sent: "success", delayed: "warning", undelivered: "warning", dropped: "danger" };
const ICONS = { success: "check", warning: "warn", danger: "cross", info: "info" };
/** A receipt may still come for a message that was taken: asked after this often more, at this pace. */
const RECEIPT_ROUNDS = 3;
const RECEIPT_PACE = 5;

let timer = 0;
let watched = /** @type {import("./store.js").Begun|null} */ (null);
let sentFor = 0;

/** @returns {void} */
export function stopWatching() {
  clearTimeout(timer);
  watched = null;
}

/**
 * @param {import("./store.js").Begun} begun
 * @param {{atOnce?: boolean}} [options] `atOnce` for a check that began before a reload
 * @returns {void}
 */
export function watchDelivery(begun, { atOnce = false } = {}) {
  watched = begun;
  sentFor = 0;
  askLater(atOnce ? -1 : 0);
}

/**
 * @param {number} round
 * @returns {void}
 */
function askLater(round) {
  clearTimeout(timer);
  const pace = POLL_MS[Math.min(round, POLL_MS.length - 1)] ?? 0;
  timer = setTimeout(() => ask(round), pace * (0.9 + 0.2 * Math.random()));
}

/**
 * @param {number} round
 * @returns {Promise<void>}
 */
async function ask(round) {
  const asked = watched;
  let settled = false;
  try {
    settled = tell(await call("GET", `/verifications/${asked.verification}`));
  } catch (problem) {
    if (problem.code === "offline") showDelivery("delayed", text("offline"));
    settled = problem.status === 404;
    if (settled) showDelivery("delayed", text("unknown_verification"));
  }
  if (!settled && watched === asked && currentScreen() === "code") askLater(Math.max(round + 1, sentFor && RECEIPT_PACE));
}

/**
 * @param {{delivery: string, expires_at: number|null, tries_left: number}} answer
 * @returns {boolean} whether there is nothing more to come
 */
function tell({ delivery, expires_at: expiresAt, tries_left: triesLeft }) {
  const over = triesLeft === 0 ? "no_tries_left" : expiresAt && expiresAt < now() ? "code_expired" : "";
  if (over) {
    showDelivery("delayed", text(over));
    return true;
  }
  let words = delivery === "sent" && !expiresAt ? "delivery_queued" : `delivery_${delivery}`;
  if (words === "delivery_sent" && watched.more) words = "delivery_sent_more";
  if (words === "delivery_sent" && watched.anew) words = "delivery_sent_anew";
  if (delivery === "delayed") words = outage() ? "delivery_outage" : watched.more ? "delivery_delayed_more" : words;
  showDelivery(delivery, text(words, { time: expiresAt ? timeText(expiresAt) : "" }));
  if (delivery === "sent") sentFor += 1;
  return ["undelivered", "dropped"].includes(delivery) || sentFor > RECEIPT_ROUNDS;
}

/**
 * @param {string} delivery queued, sent, delayed, undelivered or dropped
 * @param {string} words empty while nothing is known
 * @returns {void}
 */
export function showDelivery(delivery, words) {
  const kind = KINDS[delivery] ?? "info";
  element("delivery").hidden = !words;
  element("delivery").className = `notice notice--${kind}`;
  element("delivery").dataset.delivery = delivery;
  element("delivery-icon").className = `icon icon--${ICONS[kind]}`;
  element("resend").classList.toggle("button--primary", ["undelivered", "dropped"].includes(delivery));
  if (element("delivery-text").textContent !== words) element("delivery-text").textContent = words;
}
