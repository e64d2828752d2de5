/**
 * What the windows of one scanner tell one another: scans were kept, counts changed, the pairing changed.
 * @module
 */

const channel = new BroadcastChannel("munjigi-scanner");
/** @type {Map<string, Set<(data: any) => void>>} */
const listeners = new Map();

channel.onmessage = ({ data }) => deliver(data.kind, data.data);

function deliver(kind, data) {
  for (const listener of listeners.get(kind) ?? []) listener(data);
}

/**
 * @param {"queue"|"shown"|"pairing"|"manifest"|"contact"|"settings"|"lock"|"refused"|"number"|"forget"} kind
 * @param {any} [data] anything that can be cloned
 */
export function tell(kind, data) {
  deliver(kind, data);
  channel.postMessage({ kind, data });
}

/**
 * @param {string} kind
 * @param {(data: any) => void} listener called for this window's and every other window's news
 */
export function hear(kind, listener) {
  if (!listeners.has(kind)) listeners.set(kind, new Set());
  listeners.get(kind).add(listener);
}
