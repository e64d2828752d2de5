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
let hadOne = false;
/** What `state` must not lose while the page is open: the pairing, the last numbers, the clock. @type {Map<string, any>} */
const mirror = new Map();
/** All of it, read when somebody asked to delete the database. @type {Map<string, [any, any][]>|null} */
let rescued = null;
/** @type {(all: boolean) => void} */
let onLoss = () => {};

/** @param {(all: boolean) => void} listener the database was deleted under us, and made anew with all that was in it, or
 * with what this page remembers */
export function listenForLoss(listener) {
  onLoss = listener;
}

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
      if (hadOne) putBack(asked.transaction);
    };
    asked.onsuccess = () => {
      hadOne = true;
      mind(asked.result);
      resolve(asked.result);
    };
    asked.onerror = () => reject(asked.error);
  });
}

/** The browser closes it (its data are cleared), or somebody asks to delete it. @param {IDBDatabase} database */
function mind(database) {
  database.onclose = () => (opening = undefined);
  database.onversionchange = async ({ newVersion }) => {
    opening = undefined; // what comes now waits for the new one
    if (newVersion === null) rescued = await everything(database).catch(() => null);
    database.close();
  };
}

/** @param {IDBDatabase} database @returns {Promise<Map<string, [any, any][]>>} keys and values of each store */
async function everything(database) {
  const names = [...database.objectStoreNames];
  const transaction = database.transaction(names, "readonly");
  const stores = names.map((name) => transaction.objectStore(name));
  const all = await Promise.all(stores.map((store) => Promise.all([result(store.getAllKeys()), result(store.getAll())])));
  return new Map(names.map((name, n) => [name, all[n][0].map((key, row) => [key, all[n][1][row]])]));
}

/** @param {IDBTransaction} transaction that makes the database anew */
function putBack(transaction) {
  const all = rescued;
  rescued = null;
  for (const [name, value] of mirror) transaction.objectStore("state").put(value, name);
  for (const [name, rows] of all ?? []) {
    const store = transaction.objectStore(name);
    for (const [key, value] of rows) store.put(value, ...(store.keyPath ? [] : [key]));
  }
  transaction.addEventListener("complete", () => onLoss(all !== null));
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
  const transaction = await begin(stores, mode).catch((reason) => {
    // Closed between two steps: the database is opened, or made, anew.
    if (reason?.name !== "InvalidStateError") throw reason;
    opening = undefined;
    return begin(stores, mode);
  });
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

/** @param {string|string[]} stores @param {IDBTransactionMode} mode @returns {Promise<IDBTransaction>} */
async function begin(stores, mode) {
  opening ??= open();
  const database = await opening.catch((reason) => {
    opening = undefined;
    throw reason;
  });
  return database.transaction(stores, mode, { durability: mode === "readwrite" ? "strict" : "default" });
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
  return within("state", "readwrite", async (transaction) => put(transaction, name, value));
}

/**
 * Write a value of `state` that must outlive the database as long as the page is open.
 * @param {IDBTransaction} transaction over `state`
 * @param {string} name
 * @param {any} value
 */
export function put(transaction, name, value) {
  remember(name, value);
  transaction.objectStore("state").put(value, name);
}

/** Another window wrote it. @param {string} name @param {any} value */
export function remember(name, value) {
  mirror.set(name, value);
}
