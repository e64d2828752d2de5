/**
 * What the wallet keeps on the phone, in IndexedDB: single values (`device`, `pass`, `pending`, `clock`, `consent`: when
 * it was given) and one row a day with its key and strip. Private keys are CryptoKey objects that cannot be exported; the browser stores them as such.
 * @module
 */

/**
 * @typedef {object} Day
 * @property {string} day YYYY-MM-DD in Seoul
 * @property {CryptoKeyPair} keys of this day alone
 * @property {Uint8Array} [strip] what the agency signed for the day
 * @property {number} [nbf] seconds
 * @property {number} [exp] seconds
 * @property {0|1} [pass]
 * @property {0|1|2} [phone] 0 verified, 1 grace, 2 outage extension
 * @property {string|null} [basis]
 * @property {string|null} [until] YYYY-MM-DD
 */

/**
 * @typedef {object} Device
 * @property {CryptoKeyPair} keys long-term; never in a code
 * @property {string} [id] set once the agency knows it
 */

/**
 * @typedef {object} Pass
 * @property {string} dueOn
 * @property {string} renewalOpensOn
 * @property {string} usableUntil
 * @property {string} maskedName
 * @property {boolean} review
 * @property {Turn|null} [ended] without a pass on the day of fetching: what ended last, and its last day
 * @property {Turn|null} [starts] without one: what begins next, and its first day
 * @property {number} fetchedAt ms of the server's clock
 * @property {number} refreshAt ms: from when on it may be fetched again
 * @property {string} [phone] for the next check
 */

/** @typedef {{basis: string, on: string}} Turn `on`: YYYY-MM-DD */

/**
 * A check that has begun and waits for its code; lives through a reload.
 * @typedef {object} Pending
 * @property {string} verification
 * @property {string} phone
 * @property {number} startedAt ms of the server's clock
 * @property {boolean} [more] codes were added to it: those before stay good
 * @property {{name: string, birthDate: string}} [identity] absent when a known device renews
 */

/** @typedef {"device"|"pass"|"pending"|"clock"|"consent"} Name */

const NAME = "munjigi-wallet";
let opening = /** @type {Promise<IDBDatabase>|null} */ (null);

/** @returns {Promise<IDBDatabase>} */
function database() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("values");
      request.result.createObjectStore("days", { keyPath: "day" });
    };
    request.onsuccess = () => {
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  });
  return opening;
}

/**
 * Run `work` in one transaction; settled once it is durable.
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(values: IDBObjectStore, days: IDBObjectStore) => IDBRequest<T>|void} work
 * @returns {Promise<T>} the result of the request that `work` returns
 */
async function transact(mode, work) {
  const transaction = (await database()).transaction(["values", "days"], mode);
  return new Promise((resolve, reject) => {
    const request = work(transaction.objectStore("values"), transaction.objectStore("days"));
    transaction.oncomplete = () => resolve(request ? request.result : /** @type {T} */ (undefined));
    transaction.onabort = () => reject(transaction.error);
  });
}

/**
 * @param {Name} name
 * @returns {Promise<any>} undefined where there is none
 */
export function get(name) {
  return transact("readonly", (values) => values.get(name));
}

/**
 * @param {Name} name
 * @param {Device|Pass|Pending|{offset: number, at: number}|{at: number}} value
 * @returns {Promise<void>}
 */
export async function put(name, value) {
  await transact("readwrite", (values) => values.put(value, name));
}

/**
 * @param {Name} name
 * @returns {Promise<void>}
 */
export async function remove(name) {
  await transact("readwrite", (values) => values.delete(name));
}

/** @returns {Promise<Day[]>} in order of day */
export function allDays() {
  return transact("readonly", (values, days) => days.getAll());
}

/**
 * @param {Day[]} rows
 * @returns {Promise<void>}
 */
export async function putDays(rows) {
  await transact("readwrite", (values, days) => rows.forEach((row) => days.put(row)));
}

/**
 * Take an answer as a whole: the pass, the device and every day's strip change together, a pending check ends.
 * @param {Device} device
 * @param {Pass} pass
 * @param {Day[]} rows all days that stay; the others are forgotten
 * @returns {Promise<void>}
 */
export async function replacePass(device, pass, rows) {
  await transact("readwrite", (values, days) => {
    values.put(device, "device");
    values.put(pass, "pass");
    values.delete("pending");
    days.clear();
    rows.forEach((row) => days.put(row));
  });
}
