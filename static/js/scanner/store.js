/**
 * What the scanner keeps on the device, in IndexedDB. Everything that must hold together is changed in one transaction.
 *
 * - `state`: single values by name (pairing, manifest, clock offset, counts, last sequence numbers)
 * - `queue`: scans not answered yet, by [scanner, seq]
 * - `dead`: scans that the server refused, by [scanner, seq]: number, time, reason, never the bytes
 * - `revocations`: one row a segment, the bytes as signed
 * - `shown`: pseudonyms seen in the last ten minutes
 * @module
 */

const NAME = "munjigi-scanner";
const VERSION = 1;

/** @type {Promise<IDBDatabase>|undefined} */
let opening;

function open() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, VERSION);
    asked.onupgradeneeded = () => {
      const database = asked.result;
      database.createObjectStore("state");
      database.createObjectStore("queue", { keyPath: ["scanner", "seq"] });
      database.createObjectStore("dead", { keyPath: ["scanner", "seq"] });
      database.createObjectStore("revocations", { keyPath: ["day", "segment"] });
      database.createObjectStore("shown", { keyPath: "cti" });
    };
    asked.onsuccess = () => {
      asked.result.onclose = () => (opening = undefined);
      resolve(asked.result);
    };
    asked.onerror = () => reject(asked.error);
  });
}

/**
 * A request's result. Awaiting nothing but these keeps a transaction open.
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
export function result(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/**
 * Run `work` in one transaction; resolves with its value once that is durable, rejects with nothing changed.
 * @template T
 * @param {string|string[]} stores
 * @param {IDBTransactionMode} mode
 * @param {(transaction: IDBTransaction) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function within(stores, mode, work) {
  opening ??= open();
  const database = await opening.catch((reason) => {
    opening = undefined;
    throw reason;
  });
  const transaction = database.transaction(stores, mode, { durability: mode === "readwrite" ? "strict" : "default" });
  const done = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error ?? new DOMException("aborted", "AbortError"));
  });
  let value;
  try {
    value = await work(transaction);
  } catch (reason) {
    done.catch(() => {});
    abort(transaction);
    throw reason;
  }
  await done;
  return value;
}

function abort(transaction) {
  try {
    transaction.abort();
  } catch {
    // over already
  }
}

/** @param {string} name @returns {Promise<any>} */
export function getState(name) {
  return within("state", "readonly", (transaction) => result(transaction.objectStore("state").get(name)));
}

/** @param {string} name @param {any} value @returns {Promise<void>} */
export function setState(name, value) {
  return within("state", "readwrite", async (transaction) => {
    transaction.objectStore("state").put(value, name);
  });
}
