/**
 * The tap itself: a fresh proof by the day's key for everybody who checks in or out, kept before anything is sent.
 * @module
 */
import { signProof } from "../passcode.js";
import { decodePoster } from "../poster.js";
import { isGone } from "./api.js";
import { now } from "./clock.js";
import { fetchStrips, markGone } from "./issue.js";
import { hearInTurn } from "./news.js";
import { chooseDay } from "./pass.js";
import { allDays, carried, get, keepVisit } from "./store.js";
import { send } from "./visit-send.js";

/** How long the answer is waited for before the visit is shown as kept. */
const PATIENCE_MS = 4000;
/** Verdicts on strips that newer ones may take the place of. */
const STALE = ["OUTDATED", "REVOKED"];

/** @typedef {{poster: string, name: string, region: string}} Place */

/**
 * Where one is, as it is shown.
 * @typedef {object} Here
 * @property {string} poster
 * @property {string} name
 * @property {string} region
 * @property {number} at ms of the tap
 * @property {{holder: string, name: string, passes: boolean}[]} who
 * @property {import("./visit-send.js").Answered[]} [answers] in the order of `who`; absent while the visit is kept
 * @property {string} [refused] why the agency stored nothing
 */

/**
 * Check in. Where the pass is older than the rules in force, is void, or is none any more since it was fetched, it is
 * fetched anew and shown again, once.
 * @param {Place} place
 * @param {string[]} holders
 * @param {{alone?: boolean}} [options]
 * @returns {Promise<boolean>} false where nobody has a strip for now
 */
export async function tapIn(place, holders, { alone = false } = {}) {
  const first = await tap(place, holders, alone);
  if (!first) return false;
  if (!alone && (await betterSince(first))) await tap(place, holders, alone);
  return true;
}

/**
 * Leave, all who came.
 * @param {Here} here
 * @returns {Promise<boolean>} false where nobody has a strip for now
 */
export async function tapOut(here) {
  const guests = await signed(here, here.who.map(({ holder }) => holder));
  if (!guests.length) return false;
  await keepVisit({ ...placeOf(here), direction: "out", at: now(), guests }, null);
  await patiently(send());
  return true;
}

/**
 * @param {Place} place
 * @param {string[]} holders
 * @param {boolean} alone
 * @returns {Promise<Here|null>} as it is known after a moment
 */
async function tap(place, holders, alone) {
  const guests = await signed(place, holders);
  if (!guests.length) return null;
  const at = now();
  const who = guests.map(({ holder, name, passes }) => ({ holder, name, passes }));
  const shared = placeOf(place);
  await keepVisit({ ...shared, direction: "in", at, guests: guests.map((one) => ({ ...one, alone })) }, { ...shared, at, who });
  await patiently(send());
  return (await get("here")) ?? null;
}

/**
 * @param {Place} place
 * @returns {Place}
 */
function placeOf({ poster, name, region }) {
  return { poster, name, region };
}

/**
 * @param {Place} place
 * @param {string[]} holders
 * @returns {Promise<import("./store.js").Guest[]>} of those who have a strip in force, signed for this poster alone
 */
async function signed({ poster }, holders) {
  const t = Math.floor(now() / 1000);
  const here = decodePoster(poster);
  const guests = [];
  for (const { id, pass } of await carried()) {
    const row = holders.includes(id) ? chooseDay(await allDays(id), now()) : null;
    if (!row) continue;
    const proof = await signProof(row.keys.privateKey, row.strip, t, here);
    guests.push({ holder: id, name: pass.maskedName, passes: row.pass === 1, strip: row.strip, t, proof });
  }
  return guests;
}

/**
 * Fetch the strips of those who were turned away, where that may help; of somebody without a pass only if there is news,
 * asked for no oftener than the agency lets us.
 * @param {Here} here
 * @returns {Promise<boolean>} whether somebody is to be shown once more
 */
async function betterSince({ who, answers }) {
  let better = false;
  for (const [index, { holder }] of who.entries()) {
    const { answer, verdict } = answers?.[index] ?? {};
    if (answer !== "counted") continue;
    try {
      if (!STALE.includes(verdict) && !(await hearInTurn(holder, chooseDay(await allDays(holder), now())))) continue;
      await fetchStrips(holder);
      better ||= STALE.includes(verdict) || chooseDay(await allDays(holder), now())?.pass === 1;
    } catch (problem) {
      if (isGone(problem)) await markGone(holder);
    }
  }
  return better;
}

/**
 * @param {Promise<void>} work
 * @returns {Promise<void>} settled with it, or a little later
 */
async function patiently(work) {
  await Promise.race([work, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
}

/**
 * The same visit again, by those who may sit alone.
 * @param {Here} here
 * @returns {Promise<boolean>}
 */
export async function tapAlone(here) {
  const turned = here.who.filter((one, index) => here.answers?.[index]?.alone).map(({ holder }) => holder);
  return tapIn(here, turned, { alone: true });
}
