/**
 * The camera: opened, chosen, lost and found again, released when the page is hidden; ten pictures a second go to the
 * reader, fewer where the device cannot keep up, and never one while another is being read.
 * @module
 */

import { cameras } from "./cameras.js";
import { sight } from "./sight.js";

const EVERY_MS = 100;
/** A camera that another program holds is asked for again after this. */
const AGAIN_MS = 5000;
const SIZE = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };

/** @typedef {"off"|"starting"|"on"|"refused"|"absent"|"busy"|"paused"|"insecure"} CameraState */
/**
 * @typedef {object} Told what the page is told
 * @property {CameraState} state
 * @property {import("./cameras.js").Camera[]} all
 * @property {string} current the id of the camera that is on, "" where none is
 * @property {boolean} torch whether it has a light
 */

const REASONS = {
  NotAllowedError: "refused",
  SecurityError: "refused",
  NotFoundError: "absent",
  OverconstrainedError: "absent",
};

/**
 * @param {object} page
 * @param {HTMLVideoElement} page.video
 * @param {string} page.reader the worker's address
 * @param {string} page.wasm
 * @param {(text: string) => void} page.onCode called for every picture with a code
 * @param {(told: Told) => void} page.onState
 * @param {(id: string) => void} page.onChoice somebody chose another camera
 */
export function camera({ video, reader, wasm, onCode, onState, onChoice }) {
  const eye = sight(reader, wasm);
  let chosen = "";
  /** @type {import("./frame.js").Area} */
  let area = "wide";
  let wanted = false;
  let opening = 0;
  let again = 0;
  let lit = false;
  /** @type {MediaStream|null} */
  let stream = null;
  /** @type {CameraState} */
  let state = "off";

  async function look() {
    if (!stream || document.hidden || video.readyState < video.HAVE_CURRENT_DATA) return;
    const from = stream;
    const seen = await eye.read(video, video.videoWidth, video.videoHeight, area);
    if (!seen || stream !== from) return;
    document.body.dataset.frames = String(Number(document.body.dataset.frames ?? 0) + 1);
    document.body.dataset.decoder = seen.by;
    if (seen.text !== null) onCode(seen.text);
  }
  setInterval(look, EVERY_MS);

  const track = () => stream?.getVideoTracks()[0] ?? null;

  async function tell(next) {
    state = next;
    const all = await cameras().catch(() => []);
    if (state !== next) return;
    const current = track()?.getSettings?.().deviceId ?? "";
    onState({ state, all, current, torch: Boolean(track()?.getCapabilities?.().torch) });
  }

  function release() {
    opening += 1;
    clearTimeout(again);
    for (const one of stream?.getTracks() ?? []) one.stop();
    stream = null;
    lit = false;
    video.srcObject = null;
  }

  function stop() {
    wanted = false;
    if (state === "off") return;
    release();
    tell("off");
  }

  /** A refused camera is asked for again only when somebody says so, when one is plugged in or permission is given. */
  async function start(anew = false) {
    if (stream || (wanted && !anew)) return;
    wanted = true;
    if (!navigator.mediaDevices?.getUserMedia) return tell(isSecureContext ? "absent" : "insecure");
    release();
    const mine = opening;
    tell("starting");
    try {
      const got = await open(chosen);
      if (mine !== opening) return got.getTracks().forEach((one) => one.stop());
      take(got);
      await video.play();
      if (mine === opening) await tell("on");
    } catch (reason) {
      if (mine === opening) failed(/** @type {Error} */ (reason));
    }
  }

  function take(got) {
    stream = got;
    video.srcObject = got;
    const one = got.getVideoTracks()[0];
    // Pulled out, permission withdrawn, or taken for good; muted is the system's way to lend it to somebody else.
    one.addEventListener("ended", () => stream === got && lost());
    one.addEventListener("mute", () => stream === got && tell("paused"));
    one.addEventListener("unmute", () => stream === got && tell("on"));
    one.applyConstraints?.({ advanced: [/** @type {any} */ ({ focusMode: "continuous" })] }).catch(() => {});
  }

  function lost() {
    release();
    if (wanted) start(true);
  }

  function failed(reason) {
    release();
    const found = REASONS[reason.name] ?? "busy";
    tell(found);
    if (found === "busy") again = setTimeout(() => wanted && !stream && start(true), AGAIN_MS);
  }

  /** @param {string} id */
  async function choose(id) {
    chosen = id;
    if (!wanted) return;
    release();
    await start(true);
  }

  /** The one after the one that is on. */
  async function turn() {
    const all = await cameras();
    const current = track()?.getSettings().deviceId;
    const next = all[(all.findIndex(({ id }) => id === current) + 1) % all.length];
    if (!next) return;
    onChoice(next.id);
    await choose(next.id);
  }

  /** @returns {Promise<boolean>} whether the light is on now */
  async function light() {
    try {
      await track()?.applyConstraints({ advanced: [/** @type {any} */ ({ torch: !lit })] });
      lit = !lit;
    } catch {
      // it stays as it is
    }
    return lit;
  }

  // Plugged in or out: the one that was chosen comes back into use.
  navigator.mediaDevices?.addEventListener?.("devicechange", async () => {
    if (!wanted) return;
    const all = await cameras();
    const current = track()?.getSettings?.().deviceId;
    if (!stream) start(true);
    else if (chosen && current !== chosen && all.some(({ id }) => id === chosen)) choose(chosen);
    else tell(state);
  });
  watchPermission((given) => {
    if (wanted && given && !stream) start(true);
    if (wanted && !given && stream) lost();
  });

  return {
    start, stop, turn, light, choose,
    /** @param {import("./frame.js").Area} next */
    setArea: (next) => (area = next),
    /** @param {string} id before the first start */
    remember: (id) => (chosen = id),
  };
}

/** @param {string} id "" for the one that looks away from the user @returns {Promise<MediaStream>} */
async function open(id) {
  const ask = (video) => navigator.mediaDevices.getUserMedia({ audio: false, video: { ...SIZE, ...video } });
  if (!id) return ask({ facingMode: "environment" });
  try {
    return await ask({ deviceId: { exact: id } });
  } catch (reason) {
    // The chosen one is gone: any other is better than none.
    if (REASONS[/** @type {Error} */ (reason).name] !== "absent") throw reason;
    return ask({ facingMode: "environment" });
  }
}

/** @param {(given: boolean) => void} onChange */
async function watchPermission(onChange) {
  try {
    const status = await navigator.permissions.query({ name: /** @type {any} */ ("camera") });
    status.addEventListener("change", () => onChange(status.state === "granted"));
  } catch {
    // this browser does not tell; the next start does
  }
}
