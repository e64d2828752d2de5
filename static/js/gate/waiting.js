/**
 * The waiting page asks for its place at the pace that the server sets, and goes on when it is called. What it says comes
 * from the page; without it, or without scripts at all, the page reloads itself.
 * @module
 */

/** @typedef {{admitted: boolean, position: number, wait_s: number, pace_s: number, colour: string, time: number}} Place */

const PATIENCE_MS = 10_000;
const LONGEST_MS = 60_000;
const line = element("line");
const texts = JSON.parse(element("texts").textContent);
const colours = JSON.parse(element("colours").textContent);

let failures = 0;
let timer = 0;
let said = element("position").textContent;

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
function element(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/** @returns {Promise<void>} */
async function ask() {
  clearTimeout(timer);
  try {
    const answer = await fetch("/waiting/place", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.status === 410) return lost();
    if (!answer.ok) throw new Error(String(answer.status));
    const place = /** @type {Place} */ (await answer.json());
    failures = 0;
    element("trouble").hidden = true;
    if (place.admitted) return goOn();
    show(place);
    again(place.pace_s * 1000);
  } catch {
    failures += 1;
    tell(texts.offline);
    again(Math.min(LONGEST_MS, Number(line.dataset.pace) * 1000 * 2 ** failures));
  }
}

/**
 * Ask after about `pace` milliseconds, a fifth sooner or later, so that not all ask at once.
 * @param {number} pace
 * @returns {void}
 */
function again(pace) {
  clearTimeout(timer);
  timer = setTimeout(ask, pace * (0.8 + 0.4 * Math.random()));
}

/**
 * @param {Place} place
 * @returns {void}
 */
function show(place) {
  line.dataset.pace = String(place.pace_s);
  line.dataset.colour = place.colour;
  const position = place.position.toLocaleString(document.documentElement.lang);
  element("position").textContent = position;
  element("wait").textContent = waitText(place.wait_s);
  const sign = element("congestion").firstElementChild;
  sign.className = `congestion congestion--${place.colour}`;
  sign.lastChild.textContent = colours[place.colour];
  const time = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  element("asked").textContent = texts.asked.replace("{time}", time).replace("{n}", String(place.pace_s));
  if (position !== said && place.pace_s >= 10) {
    said = position;
    element("live").textContent = texts.place.replace("{n}", said).replace("{wait}", waitText(place.wait_s));
  }
}

/**
 * The estimate in the words of gate/views.py.
 * @param {number} seconds
 * @returns {string}
 */
function waitText(seconds) {
  const minutes = Math.round(seconds / 60);
  if (seconds < 60) return texts.wait_seconds;
  if (minutes < 60) return texts[minutes === 1 ? "wait_minutes_one" : "wait_minutes_other"].replace("{n}", String(minutes));
  return texts.wait_hours.replace("{h}", String(Math.floor(minutes / 60))).replace("{m}", String(minutes % 60));
}

/** @returns {void} */
function goOn() {
  tell(texts.admitted);
  element("go").hidden = false;
  location.replace(line.dataset.next);
}

/** @returns {void} */
function lost() {
  tell(texts.lost);
  line.hidden = true;
  element("go").hidden = false;
  element("go").focus();
}

/**
 * @param {string} words
 * @returns {void}
 */
function tell(words) {
  element("trouble").textContent = words;
  element("trouble").hidden = false;
}

addEventListener("online", () => void ask());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible" && failures > 0) void ask();
});
again(Number(line.dataset.pace) * 1000);
