/**
 * The scanner page. It opens with what the device holds and asks the server for nothing before the door is open.
 * @module
 */

import { seoulDay } from "../passcode.js";
import { camera } from "./camera.js";
import { hear } from "./channel.js";
import { loadClock, nowMs, timeOfDay } from "./clock.js";
import { loadContact, offlineSince, sentAt } from "./contact.js";
import { admitWithoutCode, closeDoor, openDoor, seen, typed } from "./door.js";
import { openSafeNumber, showDirection, wireDoorSheets } from "./door-sheets.js";
import { listenToKeys } from "./keyboard.js";
import { endLock, loadLock } from "./lock.js";
import { fetchedAt, isFresh, loadManifest, manifest, revocationsGood } from "./manifest.js";
import { keepManifestFresh, refreshManifest } from "./manifest.js";
import { keepNothingOld } from "./old.js";
import { codeFromAddress, loadPairing, pair, pairing, pairingCode } from "./pairing.js";
import { wirePin } from "./pin.js";
import { tally, unkeptCount } from "./queue.js";
import { lastRefused, loadRefused } from "./refused.js";
import { safeNumber } from "./safe-number.js";
import { change, loadSettings, settings } from "./settings.js";
import { showSettings, wireSettings } from "./settings-view.js";
import { closeSheets, isSheetOpen, wireSheets } from "./sheets.js";
import { keepAwake, keepShell, offerFullScreen } from "./shell.js";
import { loadShown } from "./shown.js";
import { allowSound, isBlocked, isMuted } from "./sounds.js";
import { room, scansLeft } from "./storage.js";
import { listenForLoss } from "./store.js";
import { say, sayCount } from "./texts.js";
import { startUploads } from "./upload.js";
import * as view from "./view.js";

const REPAINT_MS = 10_000;
const NOBODYS = ["unknown_safe_number", "ended_safe_number"];
const ROOM_EVERY_MS = 60_000;
/** A window that was closed a moment ago still holds the lock of the one that sends. */
const SETTLED_MS = 5000;

const byId = (id) => document.getElementById(id);
let sending = false;
let failed = false;
/** The browser deleted what waited here. */
let lost = false;
let pairingAgain = false;
let showing = false;
/** Scans that still fit on the device, null while there is plenty of room. @type {number|null} */
let fitting = null;
/** @type {ReturnType<typeof camera>} */
let eye;
/** @type {ReturnType<typeof view.pairingForm>} */
let form;

async function start() {
  listenForLoss(deleted);
  const code = codeFromAddress();
  await loadPairing();
  await Promise.all([loadClock(), loadContact(), loadLock(), loadManifest(), loadRefused(), loadSettings(), loadShown()]);
  wire();
  await settle();
  keepManifestFresh();
  startUploads(() => {
    sending = true;
    paint();
  });
  if (code) offerCode(code);
  addEventListener("hashchange", () => {
    const next = codeFromAddress();
    if (next) offerCode(next);
  });
  keepAwake();
  await keepShell();
  await measureRoom();
  setInterval(measureRoom, ROOM_EVERY_MS);
  keepNothingOld();
}

function wire() {
  const { reader, wasm } = document.body.dataset;
  eye = camera({
    video: /** @type {HTMLVideoElement} */ (byId("camera")), reader, wasm, onState: view.showCamera,
    onCode: (text) => isSheetOpen() || seen(text),
    onChoice: (id) => change({ camera: id }),
  });
  eye.remember(settings().camera);
  eye.setArea(settings().area);
  openDoor({ state: doorSays, last: view.showLast, failed: wentWrong });
  form = view.pairingForm({ onCode: pairWith, onBack: stopPairing });
  listenToKeys((text) => isDoorOpen() && typed(text));
  wireSheets();
  wireDoorSheets(paint);
  wirePin(pairAgain);
  wireSettings({ onCamera: eye.choose, onArea: eye.setArea });
  for (const kind of ["queue", "contact", "manifest"]) hear(kind, paint);
  for (const kind of ["lock", "settings"]) hear(kind, showSettings);
  hear("settings", showDirection);
  addEventListener("beforeunload", (event) => unkeptCount() > 0 && event.preventDefault());
  hear("pairing", () => {
    if (pairing()?.trouble === "revoked_scanner") closeDoor();
    loadManifest().then(settle);
  });
  setInterval(paint, REPAINT_MS);
  document.addEventListener("visibilitychange", () => (document.hidden ? eye.stop() : settle()));
  byId("typed-form").addEventListener("submit", checkTyped);
  byId("hand-open").addEventListener("click", () => admitWithoutCode().catch(wentWrong));
  byId("camera-again").addEventListener("click", () => eye.start(true));
  byId("camera-turn").addEventListener("click", () => eye.turn());
  byId("torch").addEventListener("click", async () => view.showLight(await eye.light()));
  byId("typed-open").addEventListener("click", openTyped);
  byId("refused-open").addEventListener("click", openRefused);
  byId("pair-open").addEventListener("click", pairAgain);
  offerFullScreen(byId("full"), view.showFull);
  allowSound();
}

const isDoorOpen = () => ["ready", "verdict"].includes(document.body.dataset.state);

/** @param {"ready"|"verdict"} state a verdict stands on the screen, or has gone from it */
function doorSays(state) {
  showing = state === "verdict";
  settle();
}

/** The screen that the pairing calls for. */
async function settle() {
  const paired = pairing();
  if (!paired || pairingAgain) view.showState("unpaired");
  else if (paired.trouble === "revoked_scanner") view.showState("revoked");
  else view.showState(showing ? "verdict" : "ready");
  if (isDoorOpen() && !document.hidden) eye.start();
  else eye.stop();
  await paint();
}

async function paint() {
  const paired = pairing();
  if (!paired) return;
  const now = await tally(paired.scanner);
  view.showTally({ ...now, inside: settings().direction === "both" ? Math.max(0, now.admitted - now.left) : null });
  view.showLink(offlineSince(), now.waiting);
  view.showKept(now.waiting, Boolean(paired.over));
  view.showAbout(paired, manifest(), { sentAt: sentAt(), fetchedAt: fetchedAt() });
  view.showNotices(notices(paired, now));
}

/** @returns {{kind: "info"|"warning"|"danger", text: string}[]} what somebody at the door should know, worst first */
function notices(paired, { dead, foreign, dropped }) {
  const all = [];
  const add = (kind, text) => all.push({ kind, text });
  if (unkeptCount() > 0) add("danger", sayCount("not_kept", unkeptCount()));
  if (lost) add("danger", say("deleted"));
  if (failed) add("danger", say("went_wrong"));
  if (fitting !== null) add("danger", sayCount("storage_low", fitting));
  if (paired.trouble === "unknown_scanner") add("danger", say("unknown_scanner"));
  if (manifest()?.outage) add("info", say("outage"));
  if (manifest() === null) add("warning", say("no_data"));
  else if (!isFresh()) add("warning", say("stale_data", { time: timeOfDay(fetchedAt() ?? nowMs()) }));
  if (!revocationsGood()) add("warning", say("bad_list"));
  const nobodys = unknownToday(dead);
  if (nobodys.length > 0) add("warning", sayCount("nobodys", nobodys.length, { time: timeOfDay(nobodys[0].at) }));
  if (dead.length > nobodys.length) add("warning", sayCount("not_sent", dead.length - nobodys.length));
  if (dropped > 0) add("warning", sayCount("dropped", dropped));
  if (foreign > 0) add("info", sayCount("foreign", foreign));
  if (!sending && navigator.locks && performance.now() > SETTLED_MS) add("info", say("second_window"));
  if (isBlocked() && !isMuted()) add("info", say("sound_blocked"));
  return all;
}

/** Guests of today whose safe number turned out to be nobody's, the last first: the door can still mend that. */
function unknownToday(dead) {
  const today = seoulDay(nowMs() / 1000);
  return dead.filter(({ at, reason }) => NOBODYS.includes(reason) && seoulDay(at / 1000) === today);
}

function wentWrong(reason) {
  console.error(reason);
  failed = true;
  paint().catch(() => {});
}

/** @param {boolean} all whether everything could be put back */
function deleted(all) {
  lost = lost || !all;
  paint().catch(() => {});
}

function checkTyped(event) {
  event.preventDefault();
  const field = /** @type {HTMLInputElement} */ (byId("typed-code"));
  const text = field.value.trim();
  field.value = "";
  closeSheets();
  if (safeNumber(text)) openSafeNumber(text);
  else if (text) typed(text);
}

function openTyped() {
  /** @type {HTMLDialogElement} */ (byId("typed")).showModal();
}

function openRefused() {
  view.showRefused(lastRefused());
  /** @type {HTMLDialogElement} */ (byId("refused")).showModal();
}

async function measureRoom() {
  const now = await room();
  fitting = scansLeft(now);
  view.showRoom(now);
  await paint();
}

/** A code from the address pairs a new device at once; one that is paired already asks first. */
function offerCode(code) {
  const paired = pairing();
  if (paired && !paired.trouble) pairAgain();
  form.offer(code, !paired || Boolean(paired.trouble));
}

function pairAgain() {
  closeSheets();
  pairingAgain = true;
  settle();
  form.instead(pairing()?.venue.name ?? null);
}

function stopPairing() {
  pairingAgain = false;
  settle();
}

async function pairWith(text) {
  const code = pairingCode(text);
  if (!code) return say("pair_shape");
  const wrong = await pair(code).catch(() => "pair_failed");
  if (wrong) return say(wrong);
  // Only somebody who may pair gets a code from the portal: it ends a PIN that nobody knows any more.
  await endLock();
  pairingAgain = false;
  form.instead(null);
  await loadManifest();
  await settle();
  byId("door-title").focus();
  await refreshManifest();
  return "";
}

start().catch((reason) => {
  console.error(reason);
  view.showNotices([{ kind: "danger", text: say("no_storage") }]);
  byId("screen-door").hidden = false;
});
