/** The revocations that a scanner keeps: signed segments for each day. The twin of registry/format/revocation_list.py. */

import * as cbor from "./cbor.js";
import { verifyEs256 } from "./es256.js";
import { expect, isBytes, isUint, openSign1 } from "./strip.js";

const ENTRY = 12;

/**
 * The segment in `raw`: `entries` maps the first 8 bytes of a cti, in hex, to the second since when strips signed
 * earlier are void. Throws Malformed for its shape, for a key that may not sign for the day, and for a signature that
 * is not the key's.
 * @param {Uint8Array} raw
 * @param {Map<string, import("./passcode.js").AgencyKey>} keys from loadKeys
 * @returns {Promise<{day: string, segment: number, entries: Map<string, number>}>}
 */
export async function decodeRevocations(raw, keys) {
  const { kid, payload, signed, signature } = openSign1(raw);
  const parts = cbor.decode(payload);
  expect(Array.isArray(parts) && parts.length === 3);
  const [day, segment, packed] = parts;
  expect(typeof day === "string" && isDay(day) && isUint(segment) && isBytes(packed) && packed.length % ENTRY === 0);
  const key = keys.get(cbor.hex(kid));
  expect(key !== undefined && key.from <= day && day <= key.until);
  expect(await verifyEs256(key.key, signature, signed));
  return { day, segment, entries: unpack(packed) };
}

/** @param {string} day */
function isDay(day) {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(day) : NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
}

/** @param {Uint8Array} packed @returns {Map<string, number>} */
function unpack(packed) {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const entries = new Map();
  for (let start = 0; start < packed.length; start += ENTRY) {
    const cti = cbor.hex(packed.subarray(start, start + 8));
    entries.set(cti, Math.max(view.getUint32(start + 8), entries.get(cti) ?? 0));
  }
  return entries;
}
