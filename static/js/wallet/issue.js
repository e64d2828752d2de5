/**
 * Getting strips: from a confirmed code, again from time to time, and back after the phone lost its storage.
 * @module
 */
import { fromBase64url } from "../base64url.js";
import { seoulDay } from "../strip.js";
import { call, isGone, Problem } from "./api.js";
import { askServer, inDoubt, now } from "./clock.js";
import { daysAhead, newKeys, point, publicDayKeys } from "./keys.js";
import { changeBetween } from "./news.js";
import { allDays, carried, forget, get, holder, OWN, putDays, putHolder, remove, replacePass } from "./store.js";
import { addDays } from "./texts.js";

const HOUR_MS = 3600_000;
const STALE_MS = 72 * HOUR_MS;
/** Hours of the Seoul day in which everybody stands at a door: nobody fetches then who can wait. */
const CROWDED = [11, 12, 13, 17, 18, 19];

/**
 * The owner with a device, made on first use; kept before anything is sent, so that a lost answer costs nothing.
 * @returns {Promise<import("./store.js").Holder>}
 */
async function owner() {
  const kept = await holder(OWN);
  if (kept) return kept;
  const fresh = { id: OWN, device: { keys: await newKeys() } };
  await putHolder(fresh);
  return fresh;
}

/**
 * @param {string|null} id of the holder; null for one whom the agency is still to name
 * @returns {Promise<{rows: import("./store.js").Day[], dayKeys: Record<string, string>}>}
 */
async function preparedDays(id) {
  if (inDoubt()) await askServer();
  const rows = await daysAhead(id ? await allDays(id) : [], seoulDay(now() / 1000));
  if (id) await putDays(id, rows);
  return { rows, dayKeys: await publicDayKeys(rows) };
}

/**
 * Confirm the code and take the month's strips.
 * @param {import("./store.js").Begun} pending
 * @param {string} code six digits
 * @param {{claim?: boolean}} [options] `claim` takes a number over that is known under another name
 * @returns {Promise<import("./store.js").Pass>}
 * @throws {Problem}
 */
export async function confirm(pending, code, { claim = false } = {}) {
  const own = await owner();
  const { rows, dayKeys } = await preparedDays(OWN);
  const payload = { code, device_key: await point(own.device.keys.publicKey), day_keys: dayKeys };
  const path = `/verifications/${pending.verification}/confirm`;
  const { identity } = pending;
  const agreed = (await get("consent"))?.version;
  const who = identity && {
    name: identity.name,
    birth_date: identity.birthDate,
    ...(agreed && { consent: agreed }),
    ...(claim && { claim: true }),
  };
  const answer = who
    ? await call("POST", path, { ...payload, ...who })
    : await call("POST", path, payload, own.device);
  // Who says who they are may be somebody else than the holder before: nothing of theirs stays.
  const pass = await take(answer, who ? { id: OWN, device: own.device } : own, rows, pending.phone);
  if (who) await remove("safe");
  await remove("pending");
  return pass;
}

/**
 * Fetch a holder's strips again, signed by the holder's device.
 * @param {string} id of the holder
 * @returns {Promise<import("./store.js").Pass>}
 * @throws {Problem}
 */
export async function fetchStrips(id) {
  const whose = await holder(id);
  if (!whose?.device.id) throw new Problem("unknown_device", { status: 401 });
  const { rows, dayKeys } = await preparedDays(id);
  const answer = await call("POST", "/pass/strips", { day_keys: dayKeys }, whose.device);
  return take(answer, whose, rows, whose.pass?.phone);
}

/**
 * After the owner's number was checked: the due dates of those whose passes are carried beside moved as well. Who cannot
 * be fetched now is fetched at the next opening.
 * @returns {Promise<boolean>} whether there is anybody
 */
export async function fetchOthers() {
  const others = (await carried()).filter(({ id, pass }) => id !== OWN && !pass.gone);
  await fetchEach(others);
  return others.length > 0;
}

/**
 * Who cannot be fetched now is fetched at the next opening.
 * @param {import("./store.js").Holder[]} holders
 * @returns {Promise<void>}
 */
export async function fetchEach(holders) {
  for (const one of holders) {
    try {
      await fetchStrips(one.id);
    } catch (problem) {
      await (isGone(problem) ? markGone(one.id) : putHolder({ ...one, pass: { ...one.pass, refreshAt: 0 } }));
    }
  }
}

/**
 * Bring the pass back by the cookie that outlived the storage. The new device takes the place of the old.
 * @returns {Promise<import("./store.js").Pass>}
 * @throws {Problem}
 */
export async function restore() {
  const own = await owner();
  const { rows, dayKeys } = await preparedDays(OWN);
  const payload = { device_key: await point(own.device.keys.publicKey), day_keys: dayKeys };
  return take(await call("POST", "/pass/restore", payload), own, rows, own.pass?.phone);
}

/**
 * Take the pass of a child or a parent beside one's own, with a device and keys of its own.
 * @param {{name: string, birthDate: string, relation: "child"|"parent", consent: string}} who
 * @returns {Promise<string>} the holder's id
 * @throws {Problem}
 */
export async function addWard({ name, birthDate, relation, consent }) {
  const own = await owner();
  const keys = await newKeys();
  const { rows, dayKeys } = await preparedDays(null);
  const device_key = await point(keys.publicKey);
  const payload = { name, birth_date: birthDate, relation, consent, device_key, day_keys: dayKeys };
  const answer = await call("POST", "/pass/wards", payload, own.device);
  await take(answer, { id: answer.citizen, device: { keys }, relation, addedAt: now() }, rows, undefined);
  return answer.citizen;
}

/**
 * End the pass of a child or a parent here and at the agency.
 * @param {string} id
 * @returns {Promise<void>}
 * @throws {Problem}
 */
export async function endWard(id) {
  const own = await owner();
  try {
    await call("POST", `/pass/wards/${id}/end`, {}, own.device);
  } catch (problem) {
    if (problem.status !== 404) throw problem;
  }
  await forget(id);
}

/**
 * @param {any} answer a pass answer
 * @param {import("./store.js").Holder} whose
 * @param {import("./store.js").Day[]} rows with the keys that were sent
 * @param {string|undefined} phone
 * @returns {Promise<import("./store.js").Pass>}
 */
async function take(answer, whose, rows, phone) {
  const issued = new Map(answer.days.map((/** @type {any} */ day) => [day.day, day]));
  const days = rows.map(({ day, keys }) => {
    const given = issued.get(day);
    return given ? { ...given, day, keys, strip: fromBase64url(given.strip) } : { day, keys };
  });
  const held = await allDays(whose.id);
  const yesterday = held.filter((row) => row.day === addDays(rows[0].day, -1) && row.strip);
  const before = held.find((row) => row.day === rows[0].day);
  const pass = {
    dueOn: answer.due_on,
    renewalOpensOn: answer.renewal_opens_on,
    usableUntil: answer.usable_until,
    maskedName: answer.masked_name,
    review: answer.review,
    outage: answer.outage ?? null,
    ended: answer.ended,
    starts: answer.starts,
    fetchedAt: answer.time,
    refreshAt: answer.time + (18 + 12 * Math.random()) * HOUR_MS,
    phone,
    changed: changeBetween(whose.pass, before, days[0], answer.time),
  };
  const device = { keys: whose.device.keys, id: answer.device };
  await replacePass({ ...whose, device, pass }, [...yesterday, ...days]);
  return pass;
}

/**
 * @param {string} id of the holder whose pass the agency holds for this phone no more
 * @returns {Promise<void>}
 */
export async function markGone(id) {
  const whose = await holder(id);
  if (whose?.pass) await putHolder({ ...whose, pass: { ...whose.pass, gone: true } });
}

/**
 * Whether the strips should be fetched again now: their random moment has come and the hour is a quiet one, or they are
 * signed by a key that was withdrawn, or say what is true no more.
 * @param {import("./store.js").Pass} pass
 * @returns {boolean}
 */
export function refreshDue(pass) {
  if (now() < pass.refreshAt) return false;
  if (pass.withdrawn || pass.outdated) return true;
  const hour = new Date(now() + 9 * HOUR_MS).getUTCHours();
  return !CROWDED.includes(hour) || now() > pass.fetchedAt + STALE_MS;
}

/**
 * Put the next quiet attempt off.
 * @param {import("./store.js").Holder} whose
 * @param {number|null} seconds as the server asked, otherwise within the next hours; minutes where what is shown is true
 *   no more
 * @returns {Promise<void>}
 */
export async function putOff(whose, seconds) {
  const usual = whose.pass.outdated ? HOUR_MS / 20 : HOUR_MS;
  const wait = seconds ? seconds * 1000 * (1 + Math.random()) : (1 + 2 * Math.random()) * usual;
  whose.pass.refreshAt = whose.pass.notBefore = now() + wait;
  await putHolder(whose);
}
