/**
 * What this scanner tells the server of itself with a request, so that its owner sees in the portal how it is: the header
 * `Munjigi-State`, described in venues/scanner_state.py. Telling it never fails a request.
 * @module
 */

import { clockOffset } from "./clock.js";
import { tally } from "./queue.js";

const GATHERED_EVERY_MS = 20_000;
const SHELL = /^munjigi-scanner-([0-9a-f]{16})$/;
const BROWSERS = [["Edg", "Edge"], ["SamsungBrowser", "Samsung Internet"], ["Firefox"], ["Chrome"], ["Version", "Safari"]];
const SYSTEMS = [["Android"], ["iPhone", "iOS"], ["iPad", "iPadOS"], ["CrOS", "ChromeOS"], ["Windows"], ["Mac OS", "macOS"],
  ["Linux"]];

/** @typedef {{data_at?: number, fresh_until?: number, list_good?: boolean}} Data how old what it decides by is */

let gathered = { at: -Infinity, scanner: /** @type {number|string|null} */ (null), state: {} };

/**
 * @param {number|string} scanner
 * @param {Data} data
 * @param {number} [sending] scans that go with this request and wait no more once it has arrived
 * @returns {Promise<Record<string, string>>} headers
 */
export async function stateHeaders(scanner, data, sending = 0) {
  try {
    const now = performance.now();
    if (gathered.scanner !== scanner || now - gathered.at > GATHERED_EVERY_MS) {
      gathered = { at: now, scanner, state: await gather() };
    }
    const { waiting, foreign } = await tally(scanner);
    const told = { ...gathered.state, waiting: Math.max(0, waiting - sending), foreign, ...data, offset: clockOffset() };
    return { "Munjigi-State": JSON.stringify(told) };
  } catch {
    return {};
  }
}

async function gather() {
  const [{ quota, usage }, kept, shell] = await Promise.all([
    navigator.storage?.estimate?.() ?? {},
    navigator.storage?.persisted?.(),
    shellVersion(),
  ]);
  const free = quota === undefined || usage === undefined ? undefined : Math.max(0, quota - usage);
  return { free, kept, shell, browser: browser(navigator.userAgent) };
}

/** @returns {Promise<string|undefined>} of the shell that this device starts from; of two the newer takes over soon */
async function shellVersion() {
  const names = globalThis.caches ? await caches.keys() : [];
  return names.map((name) => SHELL.exec(name)?.[1]).filter(Boolean).at(-1);
}

/**
 * "Chrome 131, Android": enough for an owner to know the device again, and no more.
 * @param {string} agent
 * @returns {string|undefined}
 */
function browser(agent) {
  const found = BROWSERS.map(([mark, name = mark]) => [new RegExp(`${mark}/(\\d+)`).exec(agent)?.[1], name])
    .find(([version]) => version);
  const system = SYSTEMS.find(([mark]) => agent.includes(mark));
  return found ? [`${found[1]} ${found[0]}`, system?.[1] ?? system?.[0]].filter(Boolean).join(", ") : undefined;
}
