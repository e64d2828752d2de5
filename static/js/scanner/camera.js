/**
 * The camera as a reader of codes: the middle square of about ten frames a second goes to a worker.
 * @module
 */

const EVERY_MS = 100;
const SIDE = 640;

/** @typedef {"off"|"starting"|"on"|"refused"|"absent"|"busy"|"insecure"} CameraState */

const REASONS = {
  NotAllowedError: "refused",
  SecurityError: "refused",
  NotFoundError: "absent",
  NotReadableError: "busy",
};

/**
 * @param {HTMLVideoElement} video
 * @param {string} readerUrl the worker's address
 * @param {(text: string) => void} onCode called for every frame with a code
 * @param {(state: CameraState, cameras: number) => void} onState
 * @returns {{start: (again?: boolean) => Promise<void>, stop: () => void, turn: () => Promise<void>}}
 */
export function camera(video, readerUrl, onCode, onState) {
  // Made once and kept: a later version of the page must not meet this window in the middle of a shift.
  const reader = new Worker(readerUrl, { type: "module" });
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIDE;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  let facing = "environment";
  let reading = false;
  let wanted = false;
  /** @type {MediaStream|null} */
  let stream = null;

  reader.addEventListener("message", ({ data }) => {
    reading = false;
    if (data !== null && stream) onCode(data);
  });

  setInterval(() => {
    if (reading || !stream || video.readyState < video.HAVE_CURRENT_DATA || document.hidden) return;
    const side = Math.min(video.videoWidth, video.videoHeight);
    if (!side) return;
    const size = Math.min(side, SIDE);
    const [left, top] = [(video.videoWidth - side) / 2, (video.videoHeight - side) / 2];
    context.drawImage(video, left, top, side, side, 0, 0, size, size);
    const { data } = context.getImageData(0, 0, size, size);
    reading = true;
    reader.postMessage({ data: data.buffer, width: size, height: size }, [data.buffer]);
  }, EVERY_MS);

  function stop() {
    wanted = false;
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
    video.srcObject = null;
    onState("off", 0);
  }

  /** A refused camera is asked for again only when somebody says so, or when one is plugged in. */
  async function start(again = false) {
    if (stream || (wanted && !again)) return;
    wanted = true;
    if (!navigator.mediaDevices?.getUserMedia) {
      onState(isSecureContext ? "absent" : "insecure", 0);
      return;
    }
    onState("starting", 0);
    try {
      const got = await open(facing);
      if (!wanted || stream) {
        for (const track of got.getTracks()) track.stop();
        return;
      }
      stream = got;
      for (const track of got.getTracks()) track.addEventListener("ended", lost);
      video.srcObject = got;
      await video.play();
      onState("on", await countCameras());
    } catch (reason) {
      onState(REASONS[/** @type {Error} */ (reason).name] ?? "busy", 0);
    }
  }

  function lost() {
    stream = null;
    video.srcObject = null;
    if (wanted) start(true);
  }

  async function turn() {
    facing = facing === "environment" ? "user" : "environment";
    stop();
    await start();
  }

  navigator.mediaDevices?.addEventListener("devicechange", () => wanted && start(true));
  return { start, stop, turn };
}

async function open(facing) {
  const size = { width: { ideal: 1280 }, height: { ideal: 720 } };
  return navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: facing, ...size } });
}

async function countCameras() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter(({ kind }) => kind === "videoinput").length;
}
