/**
 * The device's cameras and what to call them.
 * @module
 */

import { say } from "./texts.js";

const BACK = /back|rear|environment|후면|뒤/i;
const FRONT = /front|user|face|전면|앞/i;

/** @typedef {{id: string, name: string}} Camera */

/** @param {{label: string}} device @returns {"back"|"front"|""} */
export function facing({ label }) {
  if (BACK.test(label)) return "back";
  return FRONT.test(label) ? "front" : "";
}

/**
 * Names in words: "Back camera", "Front camera", with a number where there are several; else what the maker calls it.
 * @param {{deviceId: string, label: string}[]} devices
 * @returns {Camera[]}
 */
export function named(devices) {
  const kinds = devices.map(facing);
  return devices.map(({ deviceId, label }, index) => {
    const kind = kinds[index];
    if (!kind) return { id: deviceId, name: label || say("camera_number", { n: index + 1 }) };
    const many = kinds.filter((other) => other === kind).length > 1;
    const n = kinds.slice(0, index + 1).filter((other) => other === kind).length;
    return { id: deviceId, name: many ? say(`camera_${kind}_number`, { n }) : say(`camera_${kind}`) };
  });
}

/** @returns {Promise<Camera[]>} without names and ids before the camera was allowed once */
export async function cameras() {
  const devices = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  return named(devices.filter(({ kind }) => kind === "videoinput"));
}
