/**
 * Requests to the agency. Everything that is not an answer becomes a Problem that the screens can put in words.
 * @module
 */
import { now, setServerTime } from "./clock.js";
import { signedHeaders } from "./keys.js";

const ROOT = "/api/v1";
const PATIENCE_MS = 15_000;

/** Answers that ask for patience and say what the citizen is to wait for. */
const PATIENT = ["waiting", "busy"];

/** What went wrong: the server's code, or `offline`, `unavailable`, `unexpected`. */
export class Problem extends Error {
  /**
   * @param {string} code
   * @param {{status?: number, retryAfter?: number|null, body?: Record<string, any>}} [more] retryAfter in seconds
   */
  constructor(code, { status = 0, retryAfter = null, body = {} } = {}) {
    super(code);
    this.code = code;
    this.status = status;
    this.retryAfter = retryAfter;
    this.body = body;
  }
}

/**
 * @param {any} reason
 * @returns {Problem} IndexedDB that gives way is told as what it is
 */
export function asProblem(reason) {
  if (reason instanceof Problem) return reason;
  return new Problem(reason instanceof DOMException ? "storage_closed" : "unexpected");
}

/**
 * @param {any} problem
 * @returns {boolean} whether the agency says that it does not know the device
 */
export function isGone(problem) {
  return problem instanceof Problem && problem.code === "unknown_device";
}

/**
 * @param {"GET"|"POST"} method
 * @param {string} path below /api/v1
 * @param {object} [payload]
 * @param {import("./store.js").Device} [device] signs the request where given
 * @returns {Promise<any>} the answer
 * @throws {Problem}
 */
export async function call(method, path, payload, device) {
  try {
    return await once(method, ROOT + path, payload, device);
  } catch (problem) {
    if (!(device && problem instanceof Problem && problem.code === "clock_off")) throw problem;
    return once(method, ROOT + path, payload, device);
  }
}

/**
 * Where this browser stands in the waiting room.
 * @returns {Promise<import("./store.js").Place & {admitted: boolean}>}
 * @throws {Problem} `no_ticket` where it has no place
 */
export function askPlace() {
  return once("GET", "/waiting/place");
}

/**
 * @param {string} method
 * @param {string} path
 * @param {object} [payload]
 * @param {import("./store.js").Device} [device]
 * @returns {Promise<any>}
 */
async function once(method, path, payload, device) {
  const body = payload ? JSON.stringify(payload) : "";
  const headers = { Accept: "application/json", ...(payload && { "Content-Type": "application/json" }) };
  if (device) Object.assign(headers, await signedHeaders(device, method, path, body, now()));
  const sentAt = performance.now();
  const answer = await reach(path, { method, headers, body: payload ? body : undefined });
  const content = await answer.json().catch(() => ({}));
  if (Number.isInteger(content.time)) await setServerTime(content.time, sentAt);
  if (answer.ok) return content;
  throw new Problem(codeOf(answer.status, content), {
    status: answer.status,
    retryAfter: Number(answer.headers.get("Retry-After")) || null,
    body: content,
  });
}

/**
 * @param {string} path
 * @param {RequestInit} options
 * @returns {Promise<Response>}
 */
async function reach(path, options) {
  try {
    return await fetch(path, { cache: "no-store", ...options, signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch {
    throw new Problem("offline");
  }
}

/**
 * @param {number} status
 * @param {Record<string, any>} content
 * @returns {string}
 */
function codeOf(status, content) {
  if (status === 503 && !PATIENT.includes(content.code)) return "unavailable";
  return typeof content.code === "string" ? content.code : "unexpected";
}
