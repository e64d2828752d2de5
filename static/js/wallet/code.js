/**
 * The code on the screen: made from the day's strip by the day's key, drawn as a QR. No request leaves the phone.
 * @module
 */
import { encodeCode, signProof } from "../passcode.js";
import { encodeQR } from "../../vendor/qr/index.js";

const SVG = "http://www.w3.org/2000/svg";
const QUIET_ZONE = 4;

/**
 * @param {import("./store.js").Day} row the strip in force
 * @param {number} nowMs by the server's clock
 * @returns {Promise<string>} "MJ1:…"
 */
export async function makeCode(row, nowMs) {
  const t = Math.floor(nowMs / 1000);
  return encodeCode(row.strip, t, await signProof(row.keys.privateKey, row.strip, t));
}

/**
 * @param {HTMLElement} element takes the drawing, and the text as `data-code`
 * @param {string} code
 * @returns {void}
 */
export function drawCode(element, code) {
  const rows = encodeQR(code, "raw", { ecc: "low", encoding: "alphanumeric", border: QUIET_ZONE });
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${rows.length} ${rows.length}`);
  svg.setAttribute("shape-rendering", "crispEdges");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", rows.map(runs).join(""));
  svg.append(path);
  element.replaceChildren(svg);
  element.dataset.code = code;
}

/**
 * One row of modules as bars.
 * @param {boolean[]} row
 * @param {number} y
 * @returns {string}
 */
function runs(row, y) {
  let bars = "";
  for (let x = 0; x < row.length; x += 1) {
    const start = x;
    while (row[x]) x += 1;
    if (x > start) bars += `M${start} ${y}h${x - start}v1h${start - x}z`;
  }
  return bars;
}
