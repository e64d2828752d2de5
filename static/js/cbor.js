/**
 * Deterministic CBOR (RFC 8949 §4.2.1), strictly read. The twin of registry/format/cbor.py.
 *
 * One value has one encoding here: shortest heads and floats, definite lengths, map keys in bytewise order without a
 * duplicate, valid UTF-8, nothing after the end. Everything else throws Malformed, and no length is believed before
 * the bytes for it are there.
 */

/** Containers and tags that may lie in one another. */
export const MAX_DEPTH = 16;

export const UINT = 0;
export const NEGATIVE = 1;
export const BYTES = 2;
export const TEXT = 3;
export const ARRAY = 4;
export const MAP = 5;
export const TAG = 6;
const OTHER = 7;

/** These bytes, or this text, are not in the format. The only error that any decoder of the format throws. */
export class Malformed extends Error {
  constructor(/** @type {string} */ message) {
    super(message);
    this.name = "Malformed";
  }
}

/** A tagged value. The pass format has none; they may stand in claims that we do not know. */
export class Tag {
  constructor(/** @type {number|bigint} */ number, /** @type {any} */ value) {
    this.number = number;
    this.value = value;
  }
}

/** A simple value other than false, true and null. */
export class Simple {
  constructor(/** @type {number} */ number) {
    this.number = number;
  }
}

/** A float, kept apart from integers: 1.0 is not 1 in CBOR. */
export class Float {
  constructor(/** @type {number} */ value) {
    this.value = value;
  }
}

/** @param {Uint8Array} bytes @returns {string} */
export function hex(bytes) {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

/** @param {...Uint8Array} parts @returns {Uint8Array} */
export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let end = 0;
  for (const part of parts) {
    whole.set(part, end);
    end += part.length;
  }
  return whole;
}

/**
 * The shortest head of an item.
 * @param {number} major 0 to 6
 * @param {number} argument 0 to 2^53 − 1
 * @returns {Uint8Array}
 */
export function head(major, argument) {
  if (!Number.isSafeInteger(argument) || argument < 0) throw new RangeError("not an argument");
  if (argument < 24) return Uint8Array.of((major << 5) | argument);
  const size = argument < 2 ** 8 ? 1 : argument < 2 ** 16 ? 2 : argument < 2 ** 32 ? 4 : 8;
  const bytes = new Uint8Array(1 + size);
  bytes[0] = (major << 5) | (24 + Math.log2(size));
  for (let index = size, rest = argument; index > 0; index--, rest = Math.floor(rest / 256)) bytes[index] = rest % 256;
  return bytes;
}

/** `value` as a CBOR byte string. @param {Uint8Array} value @returns {Uint8Array} */
export function byteString(value) {
  return concat(head(BYTES, value.length), value);
}

/** `value` as a CBOR text string. @param {string} value @returns {Uint8Array} */
export function textString(value) {
  const bytes = new TextEncoder().encode(value);
  return concat(head(TEXT, bytes.length), bytes);
}

/**
 * The one value that `bytes` encode. Throws Malformed.
 *
 * Integers come as numbers, beyond ±(2^53 − 1) as bigints; floats as Float; byte strings as Uint8Array; arrays as
 * arrays. A map comes as a Map whose keys are the **encoded** keys in hex ("04" for 4), since that is what order and
 * duplicates are judged by.
 * @param {Uint8Array} bytes
 * @returns {any}
 */
export function decode(bytes) {
  const reader = new Reader(bytes);
  const value = reader.item(MAX_DEPTH);
  if (reader.pos !== bytes.length) throw new Malformed("bytes after the end");
  return value;
}

class Reader {
  constructor(/** @type {Uint8Array} */ bytes) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.pos = 0;
  }

  /** @param {number|bigint} length @returns {number} where the next `length` bytes start; they are behind `pos` then */
  take(length) {
    if (length > this.bytes.length - this.pos) throw new Malformed("cut short");
    const start = this.pos;
    this.pos += Number(length);
    return start;
  }

  /** @param {number} depth @returns {any} */
  item(depth) {
    const first = this.bytes[this.take(1)];
    const major = first >> 5;
    const info = first & 31;
    if (major === OTHER) return this.other(info);
    const argument = info < 24 ? info : this.argument(info);
    if (major === UINT) return argument;
    if (major === NEGATIVE) return negative(argument);
    if (major === BYTES || major === TEXT) {
      const start = this.take(argument);
      const bytes = this.bytes.slice(start, this.pos);
      return major === BYTES ? bytes : text(bytes);
    }
    if (depth === 0) throw new Malformed("nested too deeply");
    if (major === ARRAY) return this.array(argument, depth - 1);
    if (major === MAP) return this.map(argument, depth - 1);
    return this.tag(argument, depth - 1);
  }

  /** An argument of 1, 2, 4 or 8 bytes, which must not have fitted into fewer. @param {number} info */
  argument(info) {
    if (info > 27) throw new Malformed("indefinite length or reserved head");
    const start = this.take(2 ** (info - 24));
    const big = info === 27 ? this.view.getBigUint64(start) : 0n;
    let argument;
    if (info === 24) argument = this.view.getUint8(start);
    else if (info === 25) argument = this.view.getUint16(start);
    else if (info === 26) argument = this.view.getUint32(start);
    else argument = big <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(big) : big;
    if (argument < [24, 2 ** 8, 2 ** 16, 2 ** 32][info - 24]) throw new Malformed("not the shortest form");
    return argument;
  }

  /** @param {number|bigint} count @param {number} depth */
  array(count, depth) {
    if (count > this.bytes.length - this.pos) throw new Malformed("cut short");
    const values = [];
    for (let index = 0; index < count; index++) values.push(this.item(depth));
    return values;
  }

  /** @param {number|bigint} count @param {number} depth */
  map(count, depth) {
    if (count > (this.bytes.length - this.pos) / 2) throw new Malformed("cut short");
    const pairs = new Map();
    let before = "";
    for (let index = 0; index < count; index++) {
      const start = this.pos;
      this.item(depth);
      const key = hex(this.bytes.subarray(start, this.pos));
      if (key <= before) throw new Malformed("map keys out of order or twice");
      pairs.set(key, this.item(depth));
      before = key;
    }
    return pairs;
  }

  /** @param {number|bigint} number @param {number} depth */
  tag(number, depth) {
    const value = this.item(depth);
    // RFC 8949 §3.4.3: a bignum is a byte string without leading zeros, and only for what 64 bits do not hold.
    if ((number === 2 || number === 3) && !(value instanceof Uint8Array && value.length > 8 && value[0])) {
      throw new Malformed("bignum that is not in the shortest form");
    }
    return new Tag(number, value);
  }

  /** Floats and simple values (major type 7). @param {number} info */
  other(info) {
    if (info === 20 || info === 21) return info === 21;
    if (info === 22) return null;
    if (info < 24) return new Simple(info);
    if (info > 27) throw new Malformed("indefinite length or reserved head");
    const size = 2 ** (info - 24);
    const start = this.take(size);
    if (size > 1) return this.float(start, size);
    if (this.bytes[start] < 32) throw new Malformed("not the shortest form");
    return new Simple(this.bytes[start]);
  }

  /** A float of 2, 4 or 8 bytes, which must not keep its value in fewer. The one NaN is f97e00. */
  float(/** @type {number} */ start, /** @type {number} */ size) {
    if (size === 2) return halfFloat(this.view.getUint16(start));
    const value = size === 4 ? this.view.getFloat32(start) : this.view.getFloat64(start);
    const fits = size === 4 ? fitsHalf(this.view.getUint32(start)) : Math.fround(value) === value;
    if (fits || Number.isNaN(value)) throw new Malformed("not the shortest form");
    return new Float(value);
  }
}

/** @param {number|bigint} argument */
function negative(argument) {
  return argument < Number.MAX_SAFE_INTEGER ? -1 - Number(argument) : -1n - BigInt(argument);
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @param {Uint8Array} bytes @returns {string} */
function text(bytes) {
  try {
    return UTF8.decode(bytes);
  } catch {
    throw new Malformed("text that is not UTF-8");
  }
}

/** The value of a half float (IEEE 754 binary16). @param {number} bits */
function halfFloat(bits) {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31 && fraction && bits !== 0x7e00) throw new Malformed("not the shortest form");
  let size = exponent ? 2 ** (exponent - 25) * (1024 + fraction) : 2 ** -24 * fraction;
  if (exponent === 31) size = fraction ? NaN : Infinity;
  return new Float(bits & 0x8000 ? -size : size);
}

/** Whether the single float with these bits keeps its value as a half. @param {number} bits */
function fitsHalf(bits) {
  const exponent = ((bits >>> 23) & 255) - 127;
  const fraction = bits & 0x7fffff;
  if (exponent === -127) return fraction === 0;
  if (exponent === 128) return true;
  if (exponent > 15 || exponent < -24) return false;
  const lost = exponent >= -14 ? 13 : -1 - exponent;
  return (fraction & (2 ** lost - 1)) === 0;
}
