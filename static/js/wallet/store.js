/**
 * What the wallet keeps on the phone, in IndexedDB: single values, one row a holder (the phone's owner, and those whose
 * passes are carried beside), one row a holder and day with its key and strip, and the visits that wait to be told.
 * Private keys are CryptoKey objects that cannot be exported; the browser stores them as such.
 * @module
 */

/**
 * @typedef {object} Day
 * @property {string} day YYYY-MM-DD in Seoul
 * @property {CryptoKeyPair} keys of this day and this holder alone
 * @property {Uint8Array} [strip] what the agency signed for the day
 * @property {number} [nbf] seconds
 * @property {number} [exp] seconds
 * @property {0|1} [pass]
 * @property {0|1|2} [phone] 0 verified, 1 grace, 2 outage extension
 * @property {string|null} [basis]
 * @property {string|null} [until] YYYY-MM-DD
 * @property {string} [mark] by which we ask whether anything has changed since it was signed
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
 * @property {{since: number}|null} [outage] open when it was fetched; ms
 * @property {Turn|null} [ended] without a pass on the day of fetching: what ended last, and its last day
 * @property {Turn|null} [starts] without one: what begins next, and its first day
 * @property {number} fetchedAt ms of the server's clock
 * @property {number} refreshAt ms: from when on it may be fetched again
 * @property {boolean} [withdrawn] the agency's key that signed its strips is good no more
 * @property {boolean} [outdated] the agency would sign something else now: to be fetched as soon as we let it
 * @property {number} [newsAt] ms: when to ask next whether it would
 * @property {Change} [changed] what was different when it was fetched last, until the citizen has read it
 * @property {number} [notBefore] ms: an attempt failed, none that can wait is made before
 * @property {string} [phone] for the next check; the owner's alone
 * @property {boolean} [gone] the agency does not know this device any more
 */

/** @typedef {{kind: "gained"|"lost"|"until"|"anew", at: number}} Change `at`: ms of the server's clock */
/** @typedef {{basis: string, on: string}} Turn `on`: YYYY-MM-DD */

/**
 * Somebody whose pass this phone carries.
 * @typedef {object} Holder
 * @property {string} id OWN, or the citizen id of a child or a parent
 * @property {Device} device of this holder alone
 * @property {Pass} [pass] absent before the first check
 * @property {"child"|"parent"} [relation] to the phone's owner
 * @property {number} [addedAt] ms, the order in which they were added
 * @property {Record<string, any>} [page] what the agency told last on the holder's own page
 */

/** @typedef {{name: string, birthDate: string}} Identity */

/**
 * What was asked for: a code to a number.
 * @typedef {object} Asked
 * @property {string} phone
 * @property {Identity} [identity] absent when a known device renews
 * @property {string} [verification] a check to add one more code to
 */

/**
 * A check that has begun and waits for its code; lives through a reload.
 * @typedef {object} Begun
 * @property {string} verification
 * @property {string} phone
 * @property {number} startedAt ms of the server's clock
 * @property {boolean} [more] codes were added to it: those before stay good
 * @property {boolean} [anew] it came in place of another: codes of that one are no longer good
 * @property {Identity} [identity]
 */

/**
 * @typedef {object} Place where somebody stands in the waiting room
 * @property {number} position 1 is next
 * @property {number} wait_s about so long
 * @property {number} pace_s when to ask again
 * @property {"green"|"yellow"|"orange"|"red"} colour how crowded it is
 */

/** @typedef {{asked: Asked, since: number, place?: Place}} InLine a place in the waiting room as it was at `since`, ms of
 *   the server's clock */
/**
 * What was signed for one of those who check in by a poster.
 * @typedef {object} Guest
 * @property {string} holder
 * @property {string} name masked
 * @property {boolean} passes as the strip says
 * @property {Uint8Array} strip
 * @property {number} t the second of the tap
 * @property {Uint8Array} proof
 * @property {boolean} [alone] sits alone, without a pass
 */

/**
 * A visit that waits to be told; in the order of the taps.
 * @typedef {object} Visit
 * @property {number} [id] given by the store
 * @property {string} poster the code
 * @property {string} name of the venue
 * @property {string} region
 * @property {"in"|"out"} direction
 * @property {number} at ms of the tap
 * @property {Guest[]} guests
 */

/** @typedef {"pending"|"waiting"|"clock"|"consent"|"chosen"|"safe"|"keys"|"here"|"poster"|"refused"|"speaks"} Name */

export const OWN = "own";
const NAME = "munjigi-wallet";
const VERSION = 3;
const STORES = ["values", "holders", "strips", "visits"];
let opening = /** @type {Promise<IDBDatabase>|null} */ (null);

/** @returns {Promise<IDBDatabase>} */
function database() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = ({ oldVersion }) => upgrade(request, oldVersion);
    request.onsuccess = () => {
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  });
  return opening;
}

/**
 * @param {IDBOpenDBRequest} request
 * @param {number} from 0 where there was nothing
 * @returns {void}
 */
function upgrade({ result, transaction }, from) {
  if (from < 1) result.createObjectStore("values");
  if (from < 2) result.createObjectStore("holders", { keyPath: "id" });
  if (from < 2) result.createObjectStore("strips", { keyPath: ["holder", "day"] });
  result.createObjectStore("visits", { keyPath: "id", autoIncrement: true });
  if (from === 1) takeOver(result, transaction);
}

/**
 * The first version knew one pass, in single values and one row a day: it becomes the owner's. All or nothing, like
 * every upgrade; the keys move as they are.
 * @param {IDBDatabase} base
 * @param {IDBTransaction} transaction
 * @returns {void}
 */
function takeOver(base, transaction) {
  const [values, holders, strips] = ["values", "holders", "strips"].map((name) => transaction.objectStore(name));
  const device = values.get("device");
  const pass = values.get("pass");
  const days = transaction.objectStore("days").getAll();
  days.onsuccess = () => {
    if (device.result) holders.put({ id: OWN, device: device.result, ...(pass.result && { pass: pass.result }) });
    for (const row of days.result) strips.put({ holder: OWN, ...row });
    values.delete("device");
    values.delete("pass");
    base.deleteObjectStore("days");
  };
}

/**
 * Run `work` in one transaction; settled once it is durable.
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(values: IDBObjectStore, holders: IDBObjectStore, strips: IDBObjectStore, visits: IDBObjectStore) =>
 *   IDBRequest<T>|void} work
 * @returns {Promise<T>} the result of the request that `work` returns
 */
async function transact(mode, work) {
  const transaction = (await database()).transaction(STORES, mode);
  return new Promise((resolve, reject) => {
    const request = work(...STORES.map((name) => transaction.objectStore(name)));
    transaction.oncomplete = () => resolve(request ? request.result : /** @type {T} */ (undefined));
    transaction.onabort = () => reject(transaction.error);
  });
}

/**
 * @param {string} holder
 * @returns {IDBKeyRange} all days of the holder
 */
function daysOf(holder) {
  return IDBKeyRange.bound([holder], [holder, []]);
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
 * @param {any} value
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

/**
 * @param {string} id
 * @returns {Promise<Holder|undefined>}
 */
export function holder(id) {
  return transact("readonly", (values, holders) => holders.get(id));
}

/** @returns {Promise<Holder[]>} everybody with a pass on this phone: the owner, then the others as they were added */
export async function carried() {
  const all = await transact("readonly", (values, holders) => holders.getAll());
  return all.filter(({ pass }) => pass).sort((one, other) => (one.addedAt ?? 0) - (other.addedAt ?? 0));
}

/** @returns {Promise<Holder|undefined>} whose pass is on the screen; without a choice the owner */
export async function chosen() {
  const everybody = await carried();
  const id = (await get("chosen")) ?? OWN;
  return everybody.find((one) => one.id === id) ?? everybody[0];
}

/**
 * @param {Holder} changed
 * @returns {Promise<void>}
 */
export async function putHolder(changed) {
  await transact("readwrite", (values, holders) => holders.put(changed));
}

/**
 * @param {string} id of the holder
 * @returns {Promise<Day[]>} in order of day
 */
export function allDays(id) {
  return transact("readonly", (values, holders, strips) => strips.getAll(daysOf(id)));
}

/**
 * @param {string} id of the holder
 * @param {Day[]} rows
 * @returns {Promise<void>}
 */
export async function putDays(id, rows) {
  await transact("readwrite", (values, holders, strips) => rows.forEach((row) => strips.put({ ...row, holder: id })));
}

/**
 * Take an answer as a whole: the pass, the device and every day's strip of a holder change together.
 * @param {Holder} changed
 * @param {Day[]} rows all days that stay; the others are forgotten
 * @returns {Promise<void>}
 */
export async function replacePass(changed, rows) {
  await transact("readwrite", (values, holders, strips) => {
    holders.put(changed);
    strips.delete(daysOf(changed.id));
    rows.forEach((row) => strips.put({ ...row, holder: changed.id }));
  });
}

/**
 * Forget a holder's pass and keys on this phone.
 * @param {string} id
 * @returns {Promise<void>}
 */
export async function forget(id) {
  await transact("readwrite", (values, holders, strips) => {
    holders.delete(id);
    strips.delete(daysOf(id));
  });
}

/**
 * Keep a visit until it is told, and that it is where one is, as one.
 * @param {Visit} visit
 * @param {object|null} here what is shown of where one is; null after leaving
 * @returns {Promise<number>} its id
 */
export async function keepVisit(visit, here) {
  return /** @type {Promise<number>} */ (
    transact("readwrite", (values, holders, strips, visits) => {
      if (here) values.put(here, "here");
      else values.delete("here");
      return visits.add(visit);
    })
  );
}

/** @returns {Promise<Visit[]>} those that wait, in the order of the taps */
export function keptVisits() {
  return transact("readonly", (values, holders, strips, visits) => visits.getAll());
}

/**
 * @param {number} id
 * @returns {Promise<void>}
 */
export async function dropVisit(id) {
  await transact("readwrite", (values, holders, strips, visits) => visits.delete(id));
}

/**
 * Forget everybody and everything, as on a phone that never had a pass.
 * @returns {Promise<void>}
 */
export async function forgetAll() {
  await transact("readwrite", (...stores) => stores.forEach((store) => store.clear()));
}
