/**
 * The agency's public keys on the phone, by which a poster is told to be genuine without a network. Fetched ahead.
 * @module
 */
import { loadKeys } from "../passcode.js";
import { call } from "./api.js";
import { now } from "./clock.js";
import { get, put } from "./store.js";

const FRESH_MS = 24 * 3600_000;

/** @returns {Promise<Map<string, import("../passcode.js").AgencyKey>>} none on a phone that never fetched them */
export async function agencyKeys() {
  return loadKeys((await get("keys"))?.listed ?? []);
}

/**
 * Fetch them where they are older than a day; without a network nothing changes.
 * @param {{anew?: boolean}} [options] anew: a key is missing
 * @returns {Promise<boolean>} whether they were fetched
 */
export async function fetchKeys({ anew = false } = {}) {
  const kept = await get("keys");
  if (kept && !anew && now() - kept.at < FRESH_MS) return false;
  try {
    const { keys } = await call("GET", "/pass/keys");
    await put("keys", { at: now(), listed: keys });
    return true;
  } catch {
    return false;
  }
}
