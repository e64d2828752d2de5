/**
 * Keys of the phone: one P-256 pair a day, one for the device. None can be exported.
 * @module
 */
import { toBase64url } from "../base64url.js";
import { addDays } from "./texts.js";

const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" };
/** As far as a policy may let strips reach: 60 days to the next check, 14 of grace, 31 of an outage, and today. */
const DAYS_AHEAD = 106;

/** @returns {Promise<CryptoKeyPair>} whose private key cannot be exported */
export function newKeys() {
  return /** @type {Promise<CryptoKeyPair>} */ (crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]));
}

/**
 * @param {CryptoKey} publicKey
 * @returns {Promise<string>} x‖y in base64url
 */
export async function point(publicKey) {
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", publicKey));
  return toBase64url(raw.slice(1));
}

/**
 * Rows for today and the days ahead: those there are, and new keys for those that lack one.
 * @param {import("./store.js").Day[]} known
 * @param {string} today YYYY-MM-DD
 * @returns {Promise<import("./store.js").Day[]>}
 */
export async function daysAhead(known, today) {
  const have = new Map(known.map((row) => [row.day, row]));
  const wanted = Array.from({ length: DAYS_AHEAD }, (unused, index) => addDays(today, index));
  return Promise.all(wanted.map(async (day) => have.get(day) ?? { day, keys: await newKeys() }));
}

/**
 * @param {import("./store.js").Day[]} rows
 * @returns {Promise<Record<string, string>>} the public keys by day, as the agency takes them
 */
export async function publicDayKeys(rows) {
  return Object.fromEntries(await Promise.all(rows.map(async (row) => [row.day, await point(row.keys.publicKey)])));
}

/**
 * Headers that prove a request to come from the device: ES256 over METHOD, path, time and the body's SHA-256.
 * @param {import("./store.js").Device} device
 * @param {string} method
 * @param {string} path
 * @param {string} body
 * @param {number} nowMs by the server's clock
 * @returns {Promise<Record<string, string>>}
 */
export async function signedHeaders(device, method, path, body, nowMs) {
  const encoder = new TextEncoder();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(body)));
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const message = encoder.encode([method, path, String(nowMs), hex].join("\n"));
  const signature = await crypto.subtle.sign(SIGNATURE, device.keys.privateKey, message);
  return {
    "Munjigi-Device": device.id,
    "Munjigi-Time": String(nowMs),
    "Munjigi-Signature": toBase64url(new Uint8Array(signature)),
  };
}
