/**
 * Getting strips: from a confirmed code, again from time to time, and back after the phone lost its storage.
 * @module
 */
import { fromBase64url } from "../base64url.js";
import { seoulDay } from "../strip.js";
import { call, Problem } from "./api.js";
import { askServer, inDoubt, now } from "./clock.js";
import { daysAhead, newKeys, point, publicDayKeys } from "./keys.js";
import { allDays, get, put, putDays, replacePass } from "./store.js";
import { addDays } from "./texts.js";

const HOUR_MS = 3600_000;
const STALE_MS = 72 * HOUR_MS;
/** Hours of the Seoul day in which everybody stands at a door: nobody fetches then who can wait. */
const CROWDED = [11, 12, 13, 17, 18, 19];

/**
 * The device, made on first use; kept before anything is sent, so that a lost answer costs nothing.
 * @returns {Promise<import("./store.js").Device>}
 */
async function device() {
  const kept = await get("device");
  if (kept) return kept;
  const fresh = { keys: await newKeys() };
  await put("device", fresh);
  return fresh;
}

/** @returns {Promise<{rows: import("./store.js").Day[], dayKeys: Record<string, string>}>} */
async function preparedDays() {
  if (inDoubt()) await askServer();
  const rows = await daysAhead(await allDays(), seoulDay(now() / 1000));
  await putDays(rows);
  return { rows, dayKeys: await publicDayKeys(rows) };
}

/**
 * Confirm the code and take the month's strips.
 * @param {import("./store.js").Pending} pending
 * @param {string} code six digits
 * @returns {Promise<import("./store.js").Pass>}
 * @throws {Problem}
 */
export async function confirm(pending, code) {
  const own = await device();
  const { rows, dayKeys } = await preparedDays();
  const payload = { code, device_key: await point(own.keys.publicKey), day_keys: dayKeys };
  const path = `/verifications/${pending.verification}/confirm`;
  const { identity } = pending;
  const answer = identity
    ? await call("POST", path, { ...payload, name: identity.name, birth_date: identity.birthDate })
    : await call("POST", path, payload, own);
  return take(answer, own, rows, pending.phone);
}

/**
 * Fetch the strips again, signed by the device.
 * @returns {Promise<import("./store.js").Pass>}
 * @throws {Problem}
 */
export async function fetchStrips() {
  const own = await device();
  if (!own.id) throw new Problem("unknown_device", { status: 401 });
  const { rows, dayKeys } = await preparedDays();
  const answer = await call("POST", "/pass/strips", { day_keys: dayKeys }, own);
  return take(answer, own, rows, (await get("pass"))?.phone);
}

/**
 * Bring the pass back by the cookie that outlived the storage. The new device takes the place of the old.
 * @returns {Promise<import("./store.js").Pass>}
 * @throws {Problem}
 */
export async function restore() {
  const own = await device();
  const { rows, dayKeys } = await preparedDays();
  const payload = { device_key: await point(own.keys.publicKey), day_keys: dayKeys };
  return take(await call("POST", "/pass/restore", payload), own, rows, undefined);
}

/**
 * @param {any} answer a pass answer
 * @param {import("./store.js").Device} own
 * @param {import("./store.js").Day[]} rows with the keys that were sent
 * @param {string|undefined} phone
 * @returns {Promise<import("./store.js").Pass>}
 */
async function take(answer, own, rows, phone) {
  const issued = new Map(answer.days.map((/** @type {any} */ day) => [day.day, day]));
  const days = rows.map(({ day, keys }) => {
    const given = issued.get(day);
    return given ? { ...given, day, keys, strip: fromBase64url(given.strip) } : { day, keys };
  });
  const yesterday = (await allDays()).filter((row) => row.day === addDays(rows[0].day, -1) && row.strip);
  const pass = {
    dueOn: answer.due_on,
    renewalOpensOn: answer.renewal_opens_on,
    usableUntil: answer.usable_until,
    maskedName: answer.masked_name,
    review: answer.review,
    ended: answer.ended,
    starts: answer.starts,
    fetchedAt: answer.time,
    refreshAt: answer.time + (18 + 12 * Math.random()) * HOUR_MS,
    phone,
  };
  await replacePass({ keys: own.keys, id: answer.device }, pass, [...yesterday, ...days]);
  return pass;
}

/**
 * Whether the strips should be fetched again now: their random moment has come and the hour is a quiet one.
 * @param {import("./store.js").Pass} pass
 * @returns {boolean}
 */
export function refreshDue(pass) {
  if (now() < pass.refreshAt) return false;
  const hour = new Date(now() + 9 * HOUR_MS).getUTCHours();
  return !CROWDED.includes(hour) || now() > pass.fetchedAt + STALE_MS;
}

/**
 * Put the next quiet attempt off.
 * @param {import("./store.js").Pass} pass
 * @param {number|null} seconds as the server asked, otherwise within the next hours
 * @returns {Promise<void>}
 */
export async function putOff(pass, seconds) {
  pass.refreshAt = now() + (seconds ? seconds * 1000 * (1 + Math.random()) : (1 + 2 * Math.random()) * HOUR_MS);
  await put("pass", pass);
}
