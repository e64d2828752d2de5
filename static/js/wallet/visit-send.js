/**
 * Telling visits: each is kept on the phone first, sent when there is a network, and forgotten once the agency has
 * answered for it. What is sent twice is stored once.
 * @module
 */
import { toBase64url } from "../base64url.js";
import { asProblem, call } from "./api.js";
import { now } from "./clock.js";
import { dropVisit, get, keptVisits, put } from "./store.js";

const AGAIN_MS = 30_000;
const MOST_MS = 15 * 60_000;
/** The agency refuses what lies further back. */
const KEPT_MS = 29 * 24 * 3600_000;

let sending = Promise.resolve();
let timer = 0;
let pause = AGAIN_MS;
/** ms of the steady clock: the agency asked for patience until then. */
let notBefore = 0;
/** @type {() => void} */
let onChange = () => undefined;

/**
 * What the agency said to the guests of a visit, in their order.
 * @typedef {object} Answered
 * @property {"stored"|"known"|"counted"|"refused"} answer
 * @property {string} [verdict]
 * @property {string} [colour]
 * @property {number} [at] seconds
 * @property {boolean} [alone] may sit alone
 * @property {string} [reason]
 */

/**
 * A visit that is not stored, for the citizen to know.
 * @typedef {{name: string, at: number, code: string}} Refusal
 */

/**
 * @param {() => void} then called when what waits, or what is known of the visit on show, has changed
 * @returns {void}
 */
export function prepareSending(then) {
  onChange = then;
  addEventListener("online", () => send());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && send());
}

/**
 * Send all that waits, oldest first, after whatever is being sent.
 * @returns {Promise<void>} settled when there is nothing more to do just now
 */
export function send() {
  sending = sending.then(sendAll).catch(() => undefined);
  return sending;
}

/** @returns {Promise<void>} */
async function sendAll() {
  const patience = notBefore - performance.now();
  const tried = new Set();
  for (;;) {
    const next = (await keptVisits()).find(({ id }) => !tried.has(id));
    if (!next) break;
    tried.add(next.id);
    const wait = patience > 0 ? patience : await sendOne(next);
    if (wait === null) continue;
    clearTimeout(timer);
    timer = setTimeout(send, wait * (1 + 0.5 * Math.random()));
    return;
  }
  pause = AGAIN_MS;
}

/**
 * @param {import("./store.js").Visit} visit
 * @returns {Promise<number|null>} ms to wait before the next try; null where it is settled
 */
async function sendOne(visit) {
  try {
    await settle(visit, await call("POST", "/visits", asBody(visit)));
  } catch (reason) {
    const problem = asProblem(reason);
    const ours = problem.status < 400 || problem.status === 429 || problem.status >= 500;
    if (ours && now() - visit.at < KEPT_MS) {
      pause = Math.min(MOST_MS, pause * 1.5);
      if (!problem.retryAfter) return pause;
      notBefore = performance.now() + problem.retryAfter * 1000;
      return problem.retryAfter * 1000;
    }
    await refuse(visit, problem.code);
  }
  await dropVisit(visit.id);
  onChange();
  return null;
}

/**
 * @param {import("./store.js").Visit} visit
 * @returns {object}
 */
function asBody({ poster, direction, guests }) {
  const told = guests.map(({ strip, t, proof, alone }) => ({
    strip: toBase64url(strip),
    t,
    proof: toBase64url(proof),
    ...(alone && { alone }),
  }));
  return { poster, direction, guests: told };
}

/**
 * Note what was answered: beside the visit on show where it is of that, else only what was refused.
 * @param {import("./store.js").Visit} visit
 * @param {{venue: {name: string}, guests: Answered[]}} answer
 * @returns {Promise<void>}
 */
async function settle(visit, { venue, guests }) {
  const here = await get("here");
  if (here?.at === visit.at) await put("here", { ...here, name: venue.name, answers: guests });
  const refused = guests.find(({ answer }) => answer === "refused");
  if (refused) await refuse(visit, refused.reason);
}

/**
 * @param {import("./store.js").Visit} visit
 * @param {string} code
 * @returns {Promise<void>}
 */
async function refuse({ name, at }, code) {
  const here = await get("here");
  if (here?.at === at && !here.answers) await put("here", { ...here, refused: code });
  const before = /** @type {Refusal[]} */ ((await get("refused")) ?? []);
  await put("refused", [...before.slice(-9), { name, at, code }]);
}
