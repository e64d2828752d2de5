/**
 * ES256 with points as 64 bytes x‖y and signatures as 64 bytes r‖s, by WebCrypto. The twin of registry/format/es256.py.
 */

import { Malformed, concat, hex } from "./cbor.js";

export const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const ES256 = { name: "ECDSA", hash: "SHA-256" };
const PRIME = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

/**
 * Whether `point` is x‖y of a point of P-256 (so of the right length, both below the prime, and not infinity).
 * @param {Uint8Array} point
 * @returns {boolean}
 */
export function onCurve(point) {
  if (point.length !== 64) return false;
  const x = BigInt(`0x${hex(point.subarray(0, 32))}`);
  const y = BigInt(`0x${hex(point.subarray(32))}`);
  return x < PRIME && y < PRIME && (y * y - (x * x - 3n) * x - B) % PRIME === 0n;
}

/** The key at x‖y. Throws Malformed where that is no point of the curve. @param {Uint8Array} point */
export async function publicKeyOf(point) {
  if (!onCurve(point)) throw new Malformed("no point of P-256");
  return crypto.subtle.importKey("raw", concat(Uint8Array.of(4), point), CURVE, true, ["verify"]);
}

/** x‖y of a public key. @param {CryptoKey} publicKey @returns {Promise<Uint8Array>} */
export async function pointOf(publicKey) {
  return new Uint8Array(await crypto.subtle.exportKey("raw", publicKey)).slice(1);
}

/** r‖s over SHA-256 of `message`. @param {CryptoKey} privateKey @param {Uint8Array} message */
export async function signEs256(privateKey, message) {
  return new Uint8Array(await crypto.subtle.sign(ES256, privateKey, message));
}

/**
 * Whether r‖s is this key's over `message`; false as well for a wrong length and for numbers out of range.
 * @param {CryptoKey} publicKey
 * @param {Uint8Array} signature
 * @param {Uint8Array} message
 * @returns {Promise<boolean>}
 */
export async function verifyEs256(publicKey, signature, message) {
  return signature.length === 64 && crypto.subtle.verify(ES256, publicKey, signature, message);
}
