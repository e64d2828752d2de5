/**
 * From a picture to the text of the code in it: cut, made smaller, read in a worker, one at a time.
 * @module
 */

import { cropOf, FIRST_PACE, paceAfter, SIDES } from "./frame.js";

/** A worker that does not answer for this long was lost (a browser short of memory ends it): another one is made. */
const LOST_MS = 5000;
/** Every third picture without a code is looked at as a negative as well: some people's screens show colours reversed. */
const INVERTED_EVERY = 3;

/**
 * @typedef {object} Sight
 * @property {string|null} text
 * @property {number} drawn milliseconds on the page
 * @property {number} read milliseconds in the worker
 * @property {number} side of what was read, in pixels
 * @property {"zxing"|"plain"} by
 */

/**
 * @param {string} readerUrl the worker's address
 * @param {string} wasmUrl
 * @returns {{read: (picture: CanvasImageSource, width: number, height: number, area: import("./frame.js").Area)
 *   => Promise<Sight|null>}} `read` gives null while it is busy with the picture before: none pile up
 */
export function sight(readerUrl, wasmUrl) {
  // Made at once and kept: a later version of the page must not meet this window in the middle of a shift.
  const made = () => new Worker(readerUrl, { type: "module", name: wasmUrl });
  let worker = made();
  let busy = false;
  let frames = 0;
  let pace = FIRST_PACE;
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });

  function draw(picture, width, height, area) {
    const { left, top, side } = cropOf(width, height, area);
    const size = Math.min(side, SIDES[pace.rung]);
    if (canvas.width !== size) canvas.width = canvas.height = size;
    context.drawImage(picture, left, top, side, side, 0, 0, size, size);
    return context.getImageData(0, 0, size, size);
  }

  function answer(image, inverted) {
    const { data, width, height } = image;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => finish(reject, new Error("the reader was lost")), LOST_MS);
      const told = ({ data: found }) => finish(resolve, found);
      const failed = (event) => finish(reject, new Error(event.message ?? "the reader failed"));
      function finish(how, value) {
        clearTimeout(timer);
        worker.removeEventListener("message", told);
        worker.removeEventListener("error", failed);
        how(value);
      }
      worker.addEventListener("message", told);
      worker.addEventListener("error", failed);
      worker.postMessage({ data: data.buffer, width, height, inverted }, [data.buffer]);
    });
  }

  async function read(picture, width, height, area) {
    if (busy || !width || !height) return null;
    busy = true;
    const start = performance.now();
    try {
      const image = draw(picture, width, height, area);
      const drawn = performance.now() - start;
      frames += 1;
      const { text, ms, by } = await answer(image, frames % INVERTED_EVERY === 0);
      pace = paceAfter(pace, drawn + ms);
      return { text, drawn, read: ms, side: image.width, by };
    } catch (reason) {
      console.error(reason);
      worker.terminate();
      worker = made();
      return null;
    } finally {
      busy = false;
    }
  }

  return { read };
}
