/**
 * Reads QR codes out of camera frames, in a worker, so that the page never stutters: by zxing-cpp as WebAssembly, and
 * where the browser has none of it (Lockdown Mode, for one) by a plain decoder, which reads fewer bad frames.
 * The browser's own BarcodeDetector is not used: whether there is one, and how well it reads, depends on the system and
 * on parts of it that may be missing or still to be downloaded.
 *
 * The worker's name is the address of the WebAssembly. In: {data: ArrayBuffer of RGBA, width, height, inverted}.
 * Out: {text: the code's or null, ms: what reading took, by: "zxing" or "plain"}.
 * @module
 */

import { decodeQR } from "../../vendor/qr/decode.js";
import { prepareZXingModule, readBarcodes } from "../../vendor/zxing/reader/index.js";

/**
 * One code of one kind. A QR is found at any angle anyway; what rotating would turn is for bars. Half the size as well
 * (below the threshold nothing is halved): that evens noise out, and small codes are read at the full one.
 */
const OPTIONS = {
  formats: ["QRCode"],
  maxNumberOfSymbols: 1,
  textMode: "Plain",
  tryHarder: true,
  tryRotate: false,
  tryInvert: false,
  tryDownscale: true,
  downscaleThreshold: 400,
  downscaleFactor: 2,
};

const ready = prepareZXingModule({
  overrides: { locateFile: () => self.name },
  fireImmediately: true,
}).then(() => ({ read: byZxing, by: "zxing" }), () => ({ read: plainly, by: "plain" }));

async function byZxing(image, inverted) {
  const [found] = await readBarcodes(image, { ...OPTIONS, tryInvert: inverted });
  return found?.text ?? null;
}

function plainly(image) {
  try {
    return decodeQR(image);
  } catch {
    return null; // most frames hold no code
  }
}

self.addEventListener("message", async ({ data: { data, width, height, inverted } }) => {
  const { read, by } = await ready;
  const start = performance.now();
  const text = await read({ data: new Uint8ClampedArray(data), width, height }, inverted);
  self.postMessage({ text, ms: performance.now() - start, by });
});
