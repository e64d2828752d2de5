/**
 * "This scanner": everything that is chosen on the device, on one sheet behind the PIN.
 * @module
 */

import { endLock, hasPin, handAsks, lockNow, setHandAsks, stayOpen, whenLocked } from "./lock.js";
import { choosePin, permit } from "./pin.js";
import { change, settings } from "./settings.js";
import { isMuted, setMuted, setVolume, sound } from "./sounds.js";
import { say } from "./texts.js";
import { showMuted } from "./view.js";

const byId = (id) => document.getElementById(id);
const sheet = () => /** @type {HTMLDialogElement} */ (byId("settings"));
const box = (id) => /** @type {HTMLInputElement} */ (byId(id));

/**
 * @param {object} page
 * @param {(id: string) => void} page.onCamera
 * @param {(area: import("./frame.js").Area) => void} page.onArea
 */
export function wireSettings({ onCamera, onArea }) {
  byId("settings-open").addEventListener("click", open);
  sheet().addEventListener("close", lockNow);
  sheet().addEventListener("input", stayOpen);
  sheet().addEventListener("pointerdown", stayOpen);
  whenLocked(() => sheet().close(""));
  byId("camera-choice").addEventListener("change", ({ target }) => {
    const id = /** @type {HTMLSelectElement} */ (target).value;
    change({ camera: id });
    onCamera(id);
  });
  for (const radio of areas()) {
    radio.addEventListener("change", () => {
      const area = /** @type {import("./frame.js").Area} */ (radio.value);
      change({ area });
      onArea(area);
    });
  }
  wireSound();
  wireLock();
  showSettings();
}

const areas = () => /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("[name=area]"));

function wireSound() {
  box("sound-on").addEventListener("change", ({ target }) => mute(!(/** @type {HTMLInputElement} */ (target).checked)));
  byId("mute").addEventListener("click", () => mute(!isMuted()));
  box("volume").addEventListener("change", () => {
    const volume = Number(box("volume").value) / 100;
    setVolume(volume);
    change({ volume });
    sound("NO_PASS");
  });
  byId("try-pass").addEventListener("click", () => sound("PASS"));
  byId("try-chime").addEventListener("click", () => sound("NO_PASS"));
}

async function mute(muted) {
  setMuted(muted);
  await change({ muted });
  showSettings();
}

function wireLock() {
  byId("pin-set").addEventListener("click", async () => {
    await choosePin();
    showSettings();
  });
  byId("pin-end").addEventListener("click", async () => {
    await endLock();
    showSettings();
    byId("pin-set").focus();
  });
  box("pin-hand").addEventListener("change", () => setHandAsks(box("pin-hand").checked));
}

async function open() {
  if (!(await permit("settings"))) return;
  showSettings();
  sheet().showModal();
}

/** What is chosen, as it stands. */
export function showSettings() {
  const { area, muted, volume } = settings();
  for (const radio of areas()) radio.checked = radio.value === area;
  byId("viewfinder").dataset.area = area;
  box("sound-on").checked = !muted;
  box("volume").value = String(Math.round(volume * 100));
  setMuted(muted);
  setVolume(volume);
  showMuted(muted);
  byId("locked").hidden = !hasPin();
  byId("pin-about").textContent = say(hasPin() ? "pin_is_set" : "pin_is_not_set");
  byId("pin-set").textContent = say(hasPin() ? "pin_change" : "pin_choose");
  byId("pin-end").hidden = byId("pin-hand-label").hidden = !hasPin();
  box("pin-hand").checked = handAsks();
}
