/**
 * The strip: what the agency signs, one per citizen, device and day. The twin of registry/format/strip.py.
 *
 * An untagged COSE_Sign1 array over CWT claims, ES256, in deterministic CBOR, verified as received and never encoded
 * again. Times are seconds since the epoch.
 */

import * as cbor from "./cbor.js";
import { onCurve } from "./es256.js";

export const MAX_STRIP = 2048;
/** The `phone` claim of a paper pass; 0 is verified, 1 in grace, 2 extended by an outage. */
export const PAPER = 3;

const DAY = 86400;
const SEOUL = 9 * 3600;
const LIMIT = 2 ** 32;
const PROTECTED = "a201260448";
const [ISS, EXP, NBF, IAT, CTI, CNF] = ["01", "04", "05", "06", "07", "08"];
const [PASS, PHONE, HOLDER] = ["3a00010000", "3a00010001", "3a00010002"];

/**
 * @typedef {object} Strip
 * @property {string} day "YYYY-MM-DD", the day in Seoul that it is for
 * @property {string} issuer
 * @property {number} nbf
 * @property {number} exp
 * @property {number} iat
 * @property {Uint8Array} cti the day's pseudonym, 16 bytes
 * @property {string} ctiHex
 * @property {Uint8Array|null} key x‖y of the phone's key for the day; null on paper
 * @property {boolean} passes
 * @property {number} policy
 * @property {number} phone
 * @property {[string, number]|null} holder masked name and birth year, on paper
 * @property {boolean} paper
 * @property {Uint8Array} kid
 * @property {string} kidHex
 * @property {Uint8Array} raw as received
 * @property {Uint8Array} signed what the signature is over
 * @property {Uint8Array} signature
 */

/** Throw Malformed unless the condition holds. @param {boolean} condition */
export function expect(condition) {
  if (!condition) throw new cbor.Malformed("not the shape of a pass");
}

/** Whether a decoded value is an integer from 0 to below `limit`. @param {any} value @param {number} limit */
export function isUint(value, limit = LIMIT) {
  return typeof value === "number" && value >= 0 && value < limit;
}

/** @param {any} value @param {number} [length] @returns {boolean} */
export function isBytes(value, length) {
  return value instanceof Uint8Array && (length === undefined || value.length === length);
}

/** @param {any} value @returns {boolean} */
function isShortText(value) {
  if (typeof value !== "string") return false;
  const { length } = new TextEncoder().encode(value);
  return length >= 1 && length <= 64;
}

/** @param {any} value @param {number} length @returns {boolean} */
function isArray(value, length) {
  return Array.isArray(value) && value.length === length;
}

/** @param {any} value @param {number} size @returns {boolean} */
function isMap(value, size) {
  return value instanceof Map && value.size === size;
}

/** The day in Seoul (UTC+9, no summer time since 1988) at that second. @param {number} now @returns {string} */
export function seoulDay(now) {
  return new Date((Math.floor(now) + SEOUL) * 1000).toISOString().slice(0, 10);
}

/** The Sig_structure of a COSE_Sign1 without external data (RFC 9052 §4.4). */
function signedBytes(/** @type {Uint8Array} */ header, /** @type {Uint8Array} */ payload) {
  const start = cbor.concat(Uint8Array.of(0x84), cbor.textString("Signature1"), cbor.byteString(header));
  return cbor.concat(start, Uint8Array.of(0x40), cbor.byteString(payload));
}

/**
 * The parts of a COSE_Sign1 array. Throws Malformed; verifies nothing.
 * @param {Uint8Array} raw
 * @returns {{kid: Uint8Array, payload: Uint8Array, signed: Uint8Array, signature: Uint8Array}}
 */
export function openSign1(raw) {
  const outer = cbor.decode(raw);
  expect(isArray(outer, 4));
  const [header, unprotected, payload, signature] = outer;
  expect(isBytes(header, 13) && cbor.hex(header).startsWith(PROTECTED));
  expect(isMap(unprotected, 0) && isBytes(payload) && isBytes(signature, 64));
  return { kid: header.slice(5), payload, signed: signedBytes(header, payload), signature };
}

/**
 * The strip in `raw`, its shape and lengths checked, its signature not. Throws Malformed.
 * @param {Uint8Array} raw
 * @returns {Strip}
 */
export function decodeStrip(raw) {
  expect(isBytes(raw) && raw.length <= MAX_STRIP);
  const { kid, payload, signed, signature } = openSign1(raw);
  const claims = cbor.decode(payload);
  expect(claims instanceof Map);
  const [issuer, exp, nbf, iat, cti] = [ISS, EXP, NBF, IAT, CTI].map((key) => claims.get(key));
  const [answer, phone] = [claims.get(PASS), claims.get(PHONE)];
  expect(isShortText(issuer) && isBytes(cti, 16));
  expect(isUint(nbf) && isUint(exp) && isUint(iat) && (nbf + SEOUL) % DAY === 0);
  expect(isArray(answer, 2) && isUint(answer[0], 2) && isUint(answer[1]) && isUint(phone, PAPER + 1));
  const key = claims.has(CNF) ? confirmation(claims.get(CNF)) : null;
  const holder = claims.has(HOLDER) ? holderOf(claims.get(HOLDER)) : null;
  const paper = key === null;
  expect(paper === (phone === PAPER) && paper === (holder !== null));
  const names = { kidHex: cbor.hex(kid), ctiHex: cbor.hex(cti), day: seoulDay(nbf) };
  const [passes, policy] = [answer[0] === 1, answer[1]];
  const claimed = { issuer, nbf, exp, iat, cti, key, passes, policy, phone, holder };
  return { ...names, ...claimed, paper, kid, raw, signed, signature };
}

/** x‖y of the cnf claim (RFC 8747 §3.2), a point of P-256. @param {any} cnf @returns {Uint8Array} */
function confirmation(cnf) {
  expect(isMap(cnf, 1) && isMap(cnf.get("01"), 4));
  const key = cnf.get("01");
  expect(key.get("01") === 2 && key.get("20") === 1 && isBytes(key.get("21"), 32) && isBytes(key.get("22"), 32));
  const point = cbor.concat(key.get("21"), key.get("22"));
  expect(onCurve(point));
  return point;
}

/** The masked name and birth year of a paper pass. @param {any} holder @returns {[string, number]} */
function holderOf(holder) {
  expect(isArray(holder, 2) && isShortText(holder[0]) && isUint(holder[1], 10000));
  return [holder[0], holder[1]];
}
