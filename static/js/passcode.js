/**
 * The pass format, version 1 (docs/pass-format.md): the code on the screen and the order of the verdict. The twin of
 * registry/format/passcode.py; both answer to tests/vectors/passcode.json. Pure but for WebCrypto, so for pages and service
 * workers of a secure context. All times are seconds since the epoch; `now` may have a fraction.
 */

import { fromBase64url } from "./base64url.js";
import * as base45 from "./base45.js";
import * as cbor from "./cbor.js";
import { publicKeyOf, signEs256, verifyEs256 } from "./es256.js";
import { decodeStrip, expect, isBytes, isUint, seoulDay } from "./strip.js";

export { Malformed } from "./cbor.js";
export { onCurve, pointOf, publicKeyOf, signEs256, verifyEs256 } from "./es256.js";
export { decodeStrip, seoulDay } from "./strip.js";

/** @typedef {import("./strip.js").Strip} Strip */
/** @typedef {{strip: Strip, t: number|null, proof: Uint8Array|null}} Code both null on paper */
/** @typedef {{kid: Uint8Array, key: CryptoKey, from: string, until: string}} AgencyKey days inclusive */
/** @typedef {{asks: boolean, alone: boolean, floor: number}} DayRule */

export const PREFIX = "MJ1:";
/** Characters in the largest alphanumeric QR; nothing longer is looked at. */
export const MAX_CODE = 4296;
/** Seconds: before nbf; t behind now; t ahead of now; between two showings that count as one. */
export const [EARLY, OLD, AHEAD, REPEAT_WITHIN] = [60, 30, 10, 600];

/** What a door says, in the order in which it is found; amber means "cannot tell yet" and is never a refusal. */
export const VERDICTS = Object.freeze({
  MALFORMED: { colour: "amber", step: 1 },
  UNKNOWN_KEY: { colour: "amber", step: 2 },
  FORGED: { colour: "red", step: 3 },
  NOT_YET: { colour: "amber", step: 4 },
  EXPIRED: { colour: "amber", step: 4 },
  STALE: { colour: "amber", step: 6 },
  REVOKED: { colour: "red", step: 7 },
  REPEAT: { colour: "amber", step: 8 },
  ENTRY: { colour: "blue", step: 9 },
  OUTDATED: { colour: "amber", step: 10 },
  PASS: { colour: "green", step: 11 },
  NO_PASS: { colour: "red", step: 11 },
});

/**
 * A code from its parts; paper has neither `t` nor `proof`. Throws Malformed.
 * @param {Uint8Array} strip
 * @param {number|null} [t]
 * @param {Uint8Array|null} [proof]
 * @returns {Code}
 */
export function codeOf(strip, t = null, proof = null) {
  const decoded = decodeStrip(strip);
  expect(decoded.paper ? t === null && proof === null : isUint(t) && isBytes(proof, 64));
  return { strip: decoded, t, proof };
}

/** Step 1: the code in what a scanner read. Throws Malformed; verifies nothing. @param {string} text @returns {Code} */
export function decodeCode(text) {
  expect(text.length <= MAX_CODE && text.startsWith(PREFIX));
  const parts = cbor.decode(base45.decode(text.slice(PREFIX.length)));
  expect(Array.isArray(parts) && (parts.length === 1 || parts.length === 3) && isBytes(parts[0]));
  const code = codeOf(...parts);
  expect(parts.length === (code.strip.paper ? 1 : 3));
  return code;
}

/**
 * The text of the QR; without `t` and `proof` that of a paper pass.
 * @param {Uint8Array} strip
 * @param {number} [t]
 * @param {Uint8Array} [proof]
 * @returns {string}
 */
export function encodeCode(strip, t, proof) {
  const parts = [cbor.byteString(strip)];
  if (t !== undefined && proof !== undefined) parts.push(cbor.head(cbor.UINT, t), cbor.byteString(proof));
  return PREFIX + base45.encode(cbor.concat(cbor.head(cbor.ARRAY, parts.length), ...parts));
}

/**
 * What the day's key signs: CBOR ["MJ1", strip, t], for a visit by a poster ["MJ1", strip, t, venue, number].
 * @param {Uint8Array} strip
 * @param {number} t
 * @param {{venue: number, number: number}|null} [poster]
 */
export function proofMessage(strip, t, poster = null) {
  const numbers = poster ? [t, poster.venue, poster.number] : [t];
  const parts = [cbor.textString("MJ1"), cbor.byteString(strip), ...numbers.map((one) => cbor.head(cbor.UINT, one))];
  return cbor.concat(cbor.head(cbor.ARRAY, parts.length), ...parts);
}

/**
 * The proof that the holder of the strip's key showed it at `t`, or stood before this poster then.
 * @param {CryptoKey} privateKey
 * @param {Uint8Array} strip
 * @param {number} t
 * @param {{venue: number, number: number}|null} [poster]
 * @returns {Promise<Uint8Array>}
 */
export async function signProof(privateKey, strip, t, poster = null) {
  return signEs256(privateKey, proofMessage(strip, t, poster));
}

/**
 * Whether the agency's key signed this strip, over the bytes as received.
 * @param {Strip} strip
 * @param {CryptoKey} key
 */
export async function verifyStripSignature(strip, key) {
  return verifyEs256(key, strip.signature, strip.signed);
}

/** Whether the strip's own key made the proof. A code of paper has none: false. @param {Code} code */
export async function verifyProof(code) {
  const { strip, t, proof } = code;
  if (strip.key === null || t === null || proof === null) return false;
  return verifyEs256(await publicKeyOf(strip.key), proof, proofMessage(strip.raw, t));
}

/**
 * The agency's keys of a manifest, by kid in hex. One that cannot be read is left out: its strips get UNKNOWN_KEY.
 * @param {{kid: string, x: string, y: string, from: string, until: string}[]} listed
 * @returns {Promise<Map<string, AgencyKey>>}
 */
export async function loadKeys(listed) {
  const keys = new Map();
  for (const { kid, x, y, from, until } of listed) {
    try {
      const key = await publicKeyOf(cbor.concat(fromBase64url(x), fromBase64url(y)));
      const bytes = fromBase64url(kid);
      keys.set(cbor.hex(bytes), { kid: bytes, key, from, until });
    } catch (error) {
      if (!(error instanceof cbor.Malformed)) throw error;
    }
  }
  return keys;
}

/**
 * Steps 2 to 6, which depend on the code alone and the clock: the verdict that ends it, or null to go on.
 * @param {Code} code
 * @param {{keys: Map<string, AgencyKey>, now: number}} context
 * @returns {Promise<string|null>}
 */
export async function check(code, { keys, now }) {
  const { strip } = code;
  const key = keys.get(strip.kidHex);
  if (!key || strip.day < key.from || strip.day > key.until) return "UNKNOWN_KEY";
  if (!(await verifyStripSignature(strip, key.key))) return "FORGED";
  if (now < strip.nbf - EARLY) return "NOT_YET";
  if (now >= strip.exp) return "EXPIRED";
  return strip.paper ? null : checkProof(code, now);
}

/** Steps 5 and 6. @param {Code} code @param {number} now @returns {Promise<string|null>} */
async function checkProof(code, now) {
  if (code.t === null || !(await verifyProof(code))) return "FORGED";
  return -OLD <= code.t - now && code.t - now <= AHEAD ? null : "STALE";
}

/**
 * The rule of `day`; of the nearest day before it that is known, else of the first one after, else the default.
 * @param {Record<string, DayRule>} days
 * @param {string} day
 * @returns {DayRule}
 */
export function ruleFor(days, day) {
  const known = Object.keys(days).sort();
  const nearest = known.filter((name) => name <= day).at(-1) ?? known[0];
  return { asks: true, alone: false, floor: 0, ...days[nearest] };
}

/**
 * @typedef {object} Context
 * @property {number} now the corrected clock
 * @property {Map<string, AgencyKey>} keys from loadKeys
 * @property {Record<string, DayRule>} days the manifest's: `asks` and `alone` of the day of now, `floor` of the strip's
 * @property {(day: string, cti: Uint8Array) => any} revoked the latest second since when strips are void, or null
 * @property {(ctiHex: string) => any} lastShown the last second at which this door saw it, or null
 * @property {boolean} [fresh] false past fresh_until
 * @property {boolean} [outage] a declared one
 */

/**
 * @typedef {object} Result
 * @property {string} verdict
 * @property {string} colour
 * @property {boolean} alone with NO_PASS: the category lets a guest without a pass sit alone
 * @property {boolean} identity a paper pass: compare with an identity card
 * @property {number|null} ago with REPEAT: seconds since it was shown
 * @property {Strip|null} strip
 * @property {number|null} t
 * @property {Uint8Array|null} proof
 */

/** All eleven steps in order, for one door. @param {string} text @param {Context} context @returns {Promise<Result>} */
export async function verdict(text, context) {
  let code;
  try {
    code = decodeCode(text);
  } catch (error) {
    if (!(error instanceof cbor.Malformed)) throw error;
    return result("MALFORMED", { strip: null, t: null, proof: null });
  }
  const failed = await check(code, context);
  if (failed !== null) return result(failed, code);
  const { strip } = code;
  const today = ruleFor(context.days, seoulDay(context.now));
  const listed = strip.paper ? seoulDay(context.now) : strip.day; // paper lives for weeks under one cti
  const since = await context.revoked(listed, strip.cti);
  const ago = secondsAgo(await context.lastShown(strip.ctiHex), context.now);
  const found = atThisDoor(strip, today, since, ago, context);
  const alone = found === "NO_PASS" && today.alone;
  return { ...result(found, code), alone, identity: strip.paper, ago: found === "REPEAT" ? ago : null };
}

/**
 * Steps 7 to 11.
 * @param {Strip} strip
 * @param {DayRule} today
 * @param {number|null|undefined} since
 * @param {number|null} ago
 * @param {Context} context
 * @returns {string}
 */
function atThisDoor(strip, today, since, ago, { days, fresh = true, outage = false }) {
  if (since !== null && since !== undefined && since > strip.iat) return "REVOKED";
  if (ago !== null) return "REPEAT";
  if (!today.asks) return "ENTRY";
  if (fresh && !outage && strip.policy < ruleFor(days, strip.day).floor) return "OUTDATED";
  return strip.passes ? "PASS" : "NO_PASS";
}

/** @param {string} found @param {{strip: Strip|null, t: number|null, proof: Uint8Array|null}} code @returns {Result} */
function result(found, { strip, t, proof }) {
  return { verdict: found, colour: VERDICTS[found].colour, alone: false, identity: false, ago: null, strip, t, proof };
}

/** Whole seconds since `shown`, or null where that is more than ten minutes; a clock set back counts as just now. */
function secondsAgo(/** @type {number|null|undefined} */ shown, /** @type {number} */ now) {
  if (shown === null || shown === undefined || Math.abs(now - shown) > REPEAT_WITHIN) return null;
  return Math.max(0, Math.floor(now - shown));
}
