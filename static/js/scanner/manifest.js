/**
 * What the server tells a scanner ahead: keys, what the venue asks on each day, where the revocations are. Fetched on
 * start and every few minutes, kept on the device, good without a network; past `fresh_until` it warns and works on.
 * @module
 */

import { hear, tell } from "./channel.js";
import { nowMs } from "./clock.js";
import { judgeToken, pairing } from "./pairing.js";
import { loadRevocations, refreshRevocations } from "./revoked.js";
import { ask, Unreachable } from "./server.js";
import { stateHeaders } from "./state.js";
import { getState, setState } from "./store.js";
import { loadKeys } from "../passcode.js";

const EVERY_MS = 180_000;
const AFTER_FAILURE_MS = 30_000;
/** Between two fetches that a verdict asks for. */
const AT_MOST_EVERY_MS = 10_000;

/** @type {{scanner: number|string, body: any, etag: string|null, fetchedAt: number}|null} */
let held = null;
/** @type {Map<string, any>} */
let keys = new Map();
let listGood = true;
let asked = -Infinity;
/** @type {Promise<boolean>|null} */
let fetching = null;

hear("manifest", () => loadManifest());

/** @returns {any} the manifest as the server sent it, null before the first */
export const manifest = () => held?.body ?? null;
/** @returns {Map<string, any>} */
export const agencyKeys = () => keys;
/** @returns {number|null} when it was last fetched or confirmed, milliseconds */
export const fetchedAt = () => held?.fetchedAt ?? null;
/** @returns {boolean} whether what we hold is young enough for the policy floor to count */
export const isFresh = () => held !== null && nowMs() < held.body.fresh_until;
/** @returns {boolean} whether the last list of revocations could be checked */
export const revocationsGood = () => listGood;

/** How old it is, as a scanner tells it. @returns {import("./state.js").Data} */
export const dataState = () => ({ data_at: held?.fetchedAt, fresh_until: held?.body.fresh_until, list_good: listGood });

/** Take up what the device holds for the present pairing. @returns {Promise<void>} */
export async function loadManifest() {
  const kept = await getState("manifest");
  held = kept && kept.scanner === pairing()?.scanner ? kept : null;
  keys = await loadKeys(held?.body.keys ?? []);
  await loadRevocations(keys);
}

/** Fetch now and every few minutes; sooner when the network or the window comes back. */
export function keepManifestFresh() {
  const turn = async () => {
    const good = await refreshManifest();
    setTimeout(turn, (good ? EVERY_MS : AFTER_FAILURE_MS) * (0.8 + Math.random() * 0.4));
  };
  turn();
  addEventListener("online", () => refreshSoon());
  document.addEventListener("visibilitychange", () => document.hidden || refreshSoon());
}

/** A verdict found something that we do not hold: fetch, but not at every scan. */
export function refreshSoon() {
  if (performance.now() - asked > AT_MOST_EVERY_MS) refreshManifest();
}

/** @returns {Promise<boolean>} whether the server answered */
export async function refreshManifest() {
  asked = performance.now();
  fetching ??= fetchManifest().finally(() => (fetching = null));
  return fetching;
}

async function fetchManifest() {
  const paired = pairing();
  if (!paired) return true;
  try {
    const headers = await stateHeaders(paired.scanner, dataState());
    if (held?.etag) headers["If-None-Match"] = held.etag;
    const answer = await ask("/api/v1/scanners/manifest", { token: paired.token, headers });
    if (pairing()?.token !== paired.token) return false;
    await judgeToken(paired.token, answer.status, answer.code);
    if (answer.status === 304 && held) await hold({ ...held, fetchedAt: nowMs() });
    else if (answer.status === 200 && isManifest(answer.json)) {
      const etag = answer.headers.get("ETag");
      await hold({ scanner: paired.scanner, body: answer.json, etag, fetchedAt: nowMs() });
    } else return false;
    listGood = await refreshRevocations(held.body.revocations ?? [], keys);
    tell("manifest");
    return true;
  } catch (reason) {
    if (reason instanceof Unreachable) return false;
    throw reason;
  }
}

function isManifest(json) {
  return Array.isArray(json?.keys) && typeof json.days === "object" && Number.isFinite(json.fresh_until);
}

async function hold(next) {
  await setState("manifest", next);
  held = next;
  keys = await loadKeys(next.body.keys);
}
