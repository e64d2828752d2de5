/**
 * Reads QR codes out of camera frames, in a worker, so that the page never stutters.
 * In: {data: ArrayBuffer of RGBA, width, height}. Out: the text, or null where there is none.
 * @module
 */

import { decodeQR } from "../../vendor/qr/decode.js";

self.addEventListener("message", ({ data: { data, width, height } }) => {
  let text = null;
  try {
    text = decodeQR({ data: new Uint8ClampedArray(data), width, height });
  } catch {
    // most frames hold no code
  }
  self.postMessage(text);
});
