/**
 * The scanner page. It opens with what the device holds and asks the server for nothing before the door is open.
 * @module
 */

import { camera } from "./camera.js";
import { hear } from "./channel.js";
import { loadClock, nowMs, timeOfDay } from "./clock.js";
import { loadContact, offlineSince, sentAt } from "./contact.js";
import { admitWithoutCode, closeDoor, openDoor, seen, typed } from "./door.js";
import { listenToKeys } from "./keyboard.js";
import { fetchedAt, isFresh, loadManifest, manifest, revocationsGood } from "./manifest.js";
import { keepManifestFresh, refreshManifest } from "./manifest.js";
import { codeFromAddress, loadPairing, pair, pairing, pairingCode } from "./pairing.js";
import { tally } from "./queue.js";
import { keepAwake, keepShell } from "./shell.js";
import { loadShown } from "./shown.js";
import { allowSound, isBlocked, isMuted, setMuted } from "./sounds.js";
import { getState, setState } from "./store.js";
import { say, sayCount } from "./texts.js";
import { startUploads } from "./upload.js";
import * as view from "./view.js";

const REPAINT_MS = 10_000;

const byId = (id) => document.getElementById(id);
let sending = false;
let kept = true;
let pairingAgain = false;
let showing = false;
/** @type {ReturnType<typeof camera>} */
let eye;
/** @type {ReturnType<typeof view.pairingForm>} */
let form;

async function start() {
  const code = codeFromAddress();
  await loadPairing();
  await Promise.all([loadClock(), loadContact(), loadManifest(), loadShown()]);
  setMuted(Boolean(await getState("muted")));
  view.showMuted(isMuted());
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
}

function wire() {
  eye = camera(byId("camera"), document.body.dataset.reader, seen, view.showCamera);
  openDoor({ state: doorSays, last: view.showLast, failed: notKept });
  form = view.pairingForm({ onCode: pairWith, onBack: stopPairing });
  listenToKeys((text) => isDoorOpen() && typed(text));
  for (const kind of ["queue", "contact", "manifest"]) hear(kind, paint);
  hear("pairing", () => {
    if (pairing()?.trouble === "revoked_scanner") closeDoor();
    loadManifest().then(settle);
  });
  setInterval(paint, REPAINT_MS);
  document.addEventListener("visibilitychange", () => (document.hidden ? eye.stop() : settle()));
  byId("typed-form").addEventListener("submit", checkTyped);
  byId("hand-open").addEventListener("click", () => admitWithoutCode().catch(notKept));
  byId("camera-again").addEventListener("click", () => eye.start(true));
  byId("camera-turn").addEventListener("click", () => eye.turn());
  byId("pair-open").addEventListener("click", pairAgain);
  byId("mute").addEventListener("click", toggleSound);
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
  view.showTally(now);
  view.showLink(offlineSince(), now.waiting);
  view.showKept(now.waiting);
  view.showAbout(paired, manifest(), { sentAt: sentAt(), fetchedAt: fetchedAt() });
  view.showNotices(notices(paired, now));
}

/** @returns {{kind: "info"|"warning"|"danger", text: string}[]} what somebody at the door should know, worst first */
function notices(paired, { dead, foreign }) {
  const all = [];
  const add = (kind, text) => all.push({ kind, text });
  if (!kept) add("danger", say("not_kept"));
  if (paired.trouble === "unknown_scanner") add("danger", say("unknown_scanner"));
  if (manifest()?.outage) add("info", say("outage"));
  if (manifest() === null) add("warning", say("no_data"));
  else if (!isFresh()) add("warning", say("stale_data", { time: timeOfDay(fetchedAt() ?? nowMs()) }));
  if (!revocationsGood()) add("warning", say("bad_list"));
  if (dead.length > 0) add("warning", sayCount("not_sent", dead.length));
  if (foreign > 0) add("info", sayCount("foreign", foreign));
  if (!sending && navigator.locks) add("info", say("second_window"));
  if (isBlocked() && !isMuted()) add("info", say("sound_blocked"));
  return all;
}

function notKept(reason) {
  if (reason) console.error(reason);
  kept = false;
  paint().catch(() => {});
}

function checkTyped(event) {
  event.preventDefault();
  const field = /** @type {HTMLInputElement} */ (byId("typed-code"));
  const text = field.value.trim();
  field.value = "";
  if (text) typed(text);
}

async function toggleSound() {
  setMuted(!isMuted());
  view.showMuted(isMuted());
  await setState("muted", isMuted());
}

/** A code from the address pairs a new device at once; one that is paired already asks first. */
function offerCode(code) {
  const paired = pairing();
  if (paired && !paired.trouble) pairAgain();
  form.offer(code, !paired || Boolean(paired.trouble));
}

function pairAgain() {
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
