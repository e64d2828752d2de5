/**
 * Which venue this device stands at, and the token that says so: given once for a one-time code, kept on the device.
 * @module
 */

import { hear, tell } from "./channel.js";
import { adopt } from "./queue.js";
import { ask, Unreachable } from "./server.js";
import { getState, put, remember, setState, within } from "./store.js";

/**
 * @typedef {object} Pairing
 * @property {string} token
 * @property {number|string} scanner
 * @property {string} name
 * @property {{id: number, name: string}} venue
 * @property {""|"revoked_scanner"|"unknown_scanner"} trouble what the server last said against the token
 * @property {boolean} [over] revoked, and the server takes no more of what was seen before
 */

/** @type {Pairing|null} */
let current = null;

hear("pairing", (told) => {
  current = told;
});

/** @returns {Promise<Pairing|null>} */
export async function loadPairing() {
  current = (await getState("pairing")) ?? null;
  if (current) remember("pairing", current);
  return current;
}

/** @returns {Pairing|null} */
export const pairing = () => current;

/**
 * "abcd 2345" → "ABCD-2345"; null if it cannot be a pairing code.
 * @param {string} text
 * @returns {string|null}
 */
export function pairingCode(text) {
  const plain = text.toUpperCase().replace(/[\s‐-―−-]/g, "");
  return /^[A-Z0-9]{8}$/.test(plain) ? `${plain.slice(0, 4)}-${plain.slice(4)}` : null;
}

/**
 * Read a code from the address's fragment and take it out of the address and its history.
 * @returns {string|null}
 */
export function codeFromAddress() {
  const code = new URLSearchParams(location.hash.slice(1)).get("code");
  if (code !== null) history.replaceState(null, "", location.pathname + location.search);
  return code === null ? null : pairingCode(code);
}

/**
 * Exchange a one-time code for a token. Scans of the same venue that an earlier pairing left here come along.
 * @param {string} code
 * @returns {Promise<string>} "" when paired, else the key of the sentence that tells what to do
 */
export async function pair(code) {
  let answer;
  try {
    answer = await ask("/api/v1/scanners/pair", { method: "POST", json: { code } });
  } catch (reason) {
    if (reason instanceof Unreachable) return "pair_offline";
    throw reason;
  }
  if (answer.status !== 201 || !answer.json?.token) return problem(answer);
  const { token, scanner, name, venue } = answer.json;
  await within(["state", "queue"], "readwrite", async (transaction) => {
    const state = transaction.objectStore("state");
    put(transaction, "pairing", { token, scanner, name, venue, trouble: "" });
    state.delete("manifest");
    await adopt(transaction, venue.id, scanner);
  });
  tell("pairing", { token, scanner, name, venue, trouble: "" });
  return "";
}

function problem(answer) {
  if (["unknown_code", "code_used", "code_expired", "venue_suspended", "venue_closed"].includes(answer.code)) return answer.code;
  if (answer.status === 429) return "too_many_requests";
  return answer.status < 500 && answer.code === "malformed" ? "unknown_code" : "pair_failed";
}

/** The server takes no more of what this revoked scanner saw. @param {string} token @returns {Promise<void>} */
export async function endUploads(token) {
  if (current?.token !== token || current.over) return;
  const next = { ...current, over: true };
  await setState("pairing", next);
  tell("pairing", next);
}

/**
 * Note what the server says of our token: revoked, unknown, or good again.
 * @param {string} token the one that was sent; what is said of an earlier one does not count
 * @param {number} status
 * @param {string} code
 * @returns {Promise<void>}
 */
export async function judgeToken(token, status, code) {
  if (current?.token !== token) return;
  let trouble = current.trouble;
  if (status === 401 && ["revoked_scanner", "unknown_scanner"].includes(code)) trouble = code;
  else if (status < 400) trouble = "";
  if (trouble === current.trouble) return;
  const next = { ...current, trouble };
  await setState("pairing", next);
  tell("pairing", next);
}
