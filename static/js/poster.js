/**
 * The code on a venue's poster: whose it is, signed by the agency. The twin of venues/posters/signed_code.py.
 * @module
 */
import { fromBase64url } from "./base64url.js";
import * as cbor from "./cbor.js";
import { verifyEs256 } from "./es256.js";
import { expect, isUint, openSign1, seoulDay } from "./strip.js";

/** Characters; the longest name and region take 600. */
const MAX_TEXT = 1024;
const MAX_NAME = 320;
const MAX_REGION = 120;

/**
 * @typedef {object} PosterCode
 * @property {number} venue
 * @property {number} number counts the posters of a venue from 1
 * @property {number} made the second of signing
 * @property {string} name
 * @property {string} region in Korean
 * @property {string} kidHex
 * @property {Uint8Array} signed
 * @property {Uint8Array} signature
 */

/**
 * What a code says; its signature is not looked at. Throws Malformed.
 * @param {string} text
 * @returns {PosterCode}
 */
export function decodePoster(text) {
  expect(text.length <= MAX_TEXT);
  const { kid, payload, signed, signature } = openSign1(fromBase64url(text));
  const parts = cbor.decode(payload);
  expect(Array.isArray(parts) && parts.length === 5);
  const [venue, number, made, name, region] = parts;
  expect(isUint(venue) && isUint(number) && isUint(made));
  expect(fits(name, 1, MAX_NAME) && fits(region, 0, MAX_REGION));
  return { venue, number, made, name, region, kidHex: cbor.hex(kid), signed, signature };
}

/**
 * Whether the agency signed it; null where its key is not among `keys`, or may not sign for that day.
 * @param {PosterCode} poster
 * @param {Map<string, import("./passcode.js").AgencyKey>} keys from loadKeys
 * @returns {Promise<boolean|null>}
 */
export async function isGenuine({ kidHex, made, signed, signature }, keys) {
  const key = keys.get(kidHex);
  const day = seoulDay(made);
  if (!key || day < key.from || day > key.until) return null;
  return verifyEs256(key.key, signature, signed);
}

/** @param {any} value @param {number} least bytes @param {number} most bytes @returns {boolean} */
function fits(value, least, most) {
  if (typeof value !== "string") return false;
  const { length } = new TextEncoder().encode(value);
  return length >= least && length <= most;
}
