/**
 * What a verdict sounds like: a valid pass says "접종완료자입니다" (or rises brightly where the device has no Korean
 * voice of its own), anything else is a plain two-tone chime. Every sound has a visual twin on the verdict.
 * @module
 */

const SENTENCE = "접종완료자입니다";
/** Notes: frequency in Hz, start and length in seconds. */
const RISE = [[659, 0, 0.12], [880, 0.11, 0.12], [1319, 0.22, 0.3]];
const CHIME = [[740, 0, 0.28], [587, 0.26, 0.42]];
const LATEST_MS = 400;
/** Of full scale, at the highest volume: two notes never overlap enough to clip. */
const LOUDEST = 0.5;

/** @type {AudioContext|null} */
let audio = null;
let muted = false;
let volume = 1;

/** A browser lets a page sound only after it was touched. */
export function allowSound() {
  const wake = () => {
    audio ??= new AudioContext();
    if (audio.state === "suspended") audio.resume().catch(() => {});
  };
  for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, wake, { capture: true, passive: true });
  globalThis.speechSynthesis?.getVoices();
}

/** @param {boolean} value */
export function setMuted(value) {
  muted = value;
  if (value) globalThis.speechSynthesis?.cancel();
}

export const isMuted = () => muted;

/** @param {number} value 0 to 1 */
export function setVolume(value) {
  volume = Math.min(1, Math.max(0.01, value));
}

/** Only a voice on the device: one that needs a network would fall silent when the door needs it most. */
function koreanVoice() {
  return globalThis.speechSynthesis?.getVoices().find((voice) => voice.localService && /^ko\b/i.test(voice.lang));
}

/** @returns {boolean} whether the browser still waits for a touch before it lets us sound */
export const isBlocked = () => audio !== null && audio.state === "suspended";

async function play(notes) {
  audio ??= new AudioContext();
  if (audio.state === "suspended") {
    const asked = performance.now();
    await audio.resume().catch(() => {});
    // A sound that comes long after its verdict would be taken for the next one's.
    if (audio.state !== "running" || performance.now() - asked > LATEST_MS) return;
  }
  const start = audio.currentTime + 0.01;
  for (const [frequency, after, length] of notes) {
    const tone = audio.createOscillator();
    const level = audio.createGain();
    tone.type = "triangle";
    tone.frequency.value = frequency;
    level.gain.setValueAtTime(0.0001, start + after);
    level.gain.exponentialRampToValueAtTime(LOUDEST * volume, start + after + 0.015);
    level.gain.exponentialRampToValueAtTime(0.0001, start + after + length);
    tone.connect(level).connect(audio.destination);
    tone.start(start + after);
    tone.stop(start + after + length);
  }
}

/**
 * @param {string} verdict
 * @returns {"off"|"pass"|"rise"|"chime"} what sounds, for its visual twin
 */
export function sound(verdict) {
  if (muted) return "off";
  if (verdict !== "PASS") {
    play(CHIME);
    return "chime";
  }
  const voice = koreanVoice();
  if (!voice) {
    play(RISE);
    return "rise";
  }
  const sentence = new SpeechSynthesisUtterance(SENTENCE);
  sentence.voice = voice;
  sentence.lang = voice.lang;
  sentence.rate = 1.15;
  sentence.volume = volume;
  sentence.onerror = ({ error }) => ["canceled", "interrupted"].includes(error) || play(RISE);
  speechSynthesis.cancel();
  speechSynthesis.speak(sentence);
  return "pass";
}
