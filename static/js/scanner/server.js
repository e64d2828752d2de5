/**
 * Requests to the server: always with a time limit, the token in a header and never in an address.
 * @module
 */

import { correctClock } from "./clock.js";
import { metServer, missedServer } from "./contact.js";

/** No answer, or none that can be read: the network's fault or the server's, never the guest's. */
export class Unreachable extends Error {}

/**
 * @typedef {object} Answer
 * @property {number} status
 * @property {Headers} headers
 * @property {ArrayBuffer} bytes
 * @property {any} json the body read as JSON, null where it is none
 * @property {string} code the problem's code, "" where there is none
 */

/**
 * @typedef {object} Options
 * @property {string} [token]
 * @property {string} [method]
 * @property {any} [json] the body
 * @property {Record<string, string>} [headers]
 * @property {number} [timeoutMs]
 */

/**
 * @param {string} path of this origin
 * @param {Options} [options]
 * @returns {Promise<Answer>}
 * @throws {Unreachable}
 */
export async function ask(path, { token, method = "GET", json, headers = {}, timeoutMs = 10_000 } = {}) {
  const url = new URL(path, location.origin);
  if (url.origin !== location.origin) throw new Unreachable("another origin");
  const all = { Accept: "application/json", ...headers };
  if (token) all.Authorization = `Bearer ${token}`;
  if (json !== undefined) all["Content-Type"] = "application/json";
  const body = json === undefined ? undefined : JSON.stringify(json);
  const sent = Date.now();
  try {
    const answer = await fetch(url, {
      method, headers: all, body, cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(timeoutMs),
    });
    const received = Date.now();
    const bytes = await answer.arrayBuffer();
    if (answer.headers.has("Munjigi-Time")) {
      await correctClock(Number(answer.headers.get("Munjigi-Time")), sent, received);
    }
    await (answer.status < 500 ? metServer() : missedServer());
    return { status: answer.status, headers: answer.headers, bytes, ...readJson(answer, bytes) };
  } catch (reason) {
    await missedServer();
    throw new Unreachable(String(reason));
  }
}

function readJson(answer, bytes) {
  if (!/[/+]json\b/.test(answer.headers.get("Content-Type") ?? "")) return { json: null, code: "" };
  try {
    const json = JSON.parse(new TextDecoder().decode(bytes));
    return { json, code: answer.ok ? "" : String(json?.code ?? "") };
  } catch {
    return { json: null, code: "" };
  }
}
