/**
 * The agency's public keys on the phone: a poster is told to be genuine by them without a network, and one's own strips
 * to be signed by a key that was withdrawn since. Fetched ahead.
 * @module
 */
import { fromBase64url } from "../base64url.js";
import { hex } from "../cbor.js";
import { loadKeys } from "../passcode.js";
import { decodeStrip, seoulDay } from "../strip.js";
import { call } from "./api.js";
import { now } from "./clock.js";
import { allDays, carried, get, put, putHolder } from "./store.js";

const FRESH_MS = 15 * 60_000;

/** @returns {Promise<Map<string, import("../passcode.js").AgencyKey>>} none on a phone that never fetched them */
export async function agencyKeys() {
  return loadKeys((await get("keys"))?.listed ?? []);
}

/**
 * Fetch them where they are older than a quarter of an hour; without a network nothing changes.
 * @param {{anew?: boolean}} [options] anew: a key is missing
 * @returns {Promise<boolean>} whether they were fetched
 */
export async function fetchKeys({ anew = false } = {}) {
  const kept = await get("keys");
  if (kept && !anew && now() - kept.at < FRESH_MS) return false;
  try {
    const { keys } = await call("GET", "/pass/keys");
    await put("keys", { at: now(), listed: keys });
    await replaceWithdrawn(new Set(keys.map((/** @type {{kid: string}} */ key) => hex(fromBase64url(key.kid)))));
    return true;
  } catch {
    return false;
  }
}

/**
 * Have strips that are still to be shown, and whose key the agency lists no more, fetched again as soon as we let them.
 * @param {Set<string>} listed key ids in hex
 * @returns {Promise<void>}
 */
async function replaceWithdrawn(listed) {
  const today = seoulDay(now() / 1000);
  for (const one of await carried()) {
    const ahead = (await allDays(one.id)).filter(({ day, strip }) => strip && day >= today);
    if (one.pass.withdrawn || ahead.every(({ strip }) => listed.has(decodeStrip(strip).kidHex))) continue;
    await putHolder({ ...one, pass: { ...one.pass, withdrawn: true, refreshAt: now() } });
  }
}
