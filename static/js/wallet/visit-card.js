/**
 * Where one is checked in: the card that the staff may look at, with a clock that a screenshot does not have, and the
 * line about it beside the pass.
 * @module
 */
import { now } from "./clock.js";
import { get, keptVisits, remove } from "./store.js";
import { countText, hasText, momentText, text, timeText } from "./texts.js";
import { announce, currentScreen, element, isHeld, notice, showError, showScreen, whileBusy } from "./view.js";
import { prepareSending, send } from "./visit-send.js";
import { tapAlone, tapOut } from "./visit-tap.js";

/** After this long nobody is still where they checked in, and it is forgotten. */
const HERE_MS = 12 * 3600_000;
const ICONS = { green: "check", blue: "check", red: "cross", amber: "warn", kept: "info" };

let timer = 0;
/** @type {() => Promise<void>} */
let onBack;

/**
 * @param {{back: () => Promise<void>}} then
 * @returns {void}
 */
export function prepareCard(then) {
  onBack = then.back;
  element("visited-back").addEventListener("click", back);
  element("visit-show").addEventListener("click", () => showCard());
  element("visit-alone").addEventListener("click", () => tap("visit-alone", tapAlone, () => showCard()));
  for (const id of ["visit-out", "pass-visit-out"]) element(id).addEventListener("click", () => leave(id));
  element("refused-seen").addEventListener("click", forgetRefused);
  prepareSending(changed);
}

/** @returns {Promise<void>} what is known has changed: the card or the line that shows it */
async function changed() {
  if (currentScreen() === "visited") await showCard({ focus: null });
  else await showLine();
}

/** @returns {Promise<import("./visit-tap.js").Here|null>} where one is, if anywhere */
async function whereNow() {
  const here = await get("here");
  if (!here || now() - here.at < HERE_MS) return here ?? null;
  await remove("here");
  return null;
}

/**
 * Beside the pass: where one is checked in, what waits to be sent, what was not stored.
 * @returns {Promise<void>}
 */
export async function showLine() {
  const here = await whereNow();
  const waiting = (await keptVisits()).length;
  const inside = Boolean(here) && outcome(here).in;
  element("pass-visit").hidden = !inside;
  if (inside) element("pass-visit-text").textContent = text("visit_at", { name: here.name, time: timeText(here.at) });
  element("pass-kept").hidden = !waiting;
  element("pass-kept-text").textContent = waiting ? countText("visits_kept", waiting) : "";
  const refused = /** @type {import("./visit-send.js").Refusal[]} */ ((await get("refused")) ?? []);
  element("pass-refused").hidden = !refused.length;
  element("pass-refused-text").replaceChildren(...refused.map(refusedLine));
}

/**
 * @param {import("./visit-send.js").Refusal} refusal
 * @returns {HTMLElement}
 */
function refusedLine({ name, at, code }) {
  const line = document.createElement("p");
  line.textContent = text("visit_refused", { name, time: momentText(at), why: whyText(code) });
  return line;
}

/**
 * @param {string} code
 * @returns {string}
 */
function whyText(code) {
  return text(hasText(`visit_why_${code}`) ? `visit_why_${code}` : "visit_why_other");
}

/** @returns {Promise<void>} */
async function forgetRefused() {
  await remove("refused");
  await showLine();
  element("pass-status").focus();
}

/**
 * The card of where one is; the pass where one is nowhere.
 * @param {{focus?: string|null}} [options]
 * @returns {Promise<void>}
 */
export async function showCard(options) {
  const here = await whereNow();
  if (!here) {
    await back();
    return;
  }
  const found = outcome(here);
  element("visited-card").dataset.colour = found.colour;
  element("visited-icon").className = `icon visit__icon icon--${ICONS[found.colour]}`;
  element("visited-title").textContent = text(found.title);
  element("visited-name").textContent = here.name;
  element("visited-region").textContent = here.region;
  element("visited-since").textContent = text(found.in ? "visited_since" : "visited_asked", { time: timeText(secondOf(here)) });
  element("visited-people").replaceChildren(...here.who.map((one, index) => personLine(one, here.answers?.[index], here)));
  element("visited-notices").replaceChildren(...found.told.map(([kind, words]) => notice(kind, words)));
  element("visit-alone").hidden = !here.answers?.some(({ alone }) => alone);
  element("visit-out").hidden = !found.in;
  showError("visited-error", "");
  startClock();
  showScreen("visited", options);
}

/**
 * @param {import("./visit-tap.js").Here} here
 * @returns {number} ms; of the earlier tap where this one was the same visit
 */
function secondOf({ at, answers }) {
  const known = answers?.find(({ answer }) => answer === "known");
  return known?.at ? known.at * 1000 : at;
}

/**
 * What became of a visit, worst first: the colour is that of the door.
 * @param {import("./visit-tap.js").Here} here
 * @returns {{colour: string, title: string, in: boolean, told: ["info"|"warning"|"danger", string][]}}
 */
function outcome({ answers, refused, who }) {
  if (refused) return { colour: "amber", title: "visited_refused", in: false, told: [["warning", whyText(refused)]] };
  if (!answers) {
    const kept = /** @type {["info", string]} */ (["info", text("visited_kept")]);
    const lacking = who.some(({ passes }) => !passes);
    return { colour: "kept", title: "visited_kept_title", in: true, told: lacking ? [kept, ["warning", text("visited_no_pass")]] : [kept] };
  }
  const turned = answers.filter(({ answer }) => answer === "counted");
  if (turned.some(({ colour }) => colour === "red")) {
    const void_ = turned.some(({ verdict }) => verdict === "REVOKED");
    const words = turned.some(({ alone }) => alone) ? "visited_red_alone" : void_ ? "visited_void" : "visited_red";
    return { colour: "red", title: "visited_red_title", in: turned.length < answers.length, told: [["danger", text(words)]] };
  }
  if (turned.length) return { colour: "amber", title: "visited_amber_title", in: turned.length < answers.length, told: [["warning", text("visited_amber")]] };
  const refusals = answers.filter(({ answer }) => answer === "refused");
  if (refusals.length) {
    const told = refusals.map(({ reason }) => /** @type {["warning", string]} */ (["warning", whyText(reason)]));
    return { colour: "amber", title: "visited_refused", in: refusals.length < answers.length, told };
  }
  const known = answers.every(({ answer }) => answer === "known");
  const passes = answers.every(({ verdict }) => verdict === "PASS");
  return { colour: passes ? "green" : "blue", title: known ? "visited_known" : "visited_title", in: true, told: [] };
}

/**
 * @param {{name: string, passes: boolean}} one
 * @param {import("./visit-send.js").Answered} [answer]
 * @param {import("./visit-tap.js").Here} here
 * @returns {HTMLElement}
 */
function personLine({ name, passes }, answer, here) {
  const line = document.createElement("li");
  const who = document.createElement("strong");
  who.textContent = name;
  const what = document.createElement("span");
  const asked = !here.answers || !answer?.verdict || answer.verdict !== "ENTRY";
  if (answer?.verdict === "REVOKED") what.textContent = text("visited_pass_void");
  else what.textContent = asked ? text(passes ? "visited_pass" : "visited_pass_none") : text("visited_entry");
  line.append(who, " ", what);
  return line;
}

/** @returns {void} */
function startClock() {
  clearInterval(timer);
  const locale = document.documentElement.lang === "en" ? "en-GB" : "ko";
  const format = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium", timeZone: "Asia/Seoul" });
  const tick = () => {
    if (currentScreen() !== "visited" && timer) clearInterval(timer);
    element("visited-clock").textContent = format.format(new Date(now()));
  };
  timer = 0;
  tick();
  timer = setInterval(tick, 1000);
}

/** @returns {Promise<void>} */
async function back() {
  clearInterval(timer);
  await onBack();
}

/**
 * @param {string} id of the button
 * @returns {Promise<void>}
 */
async function leave(id) {
  await tap(id, tapOut, async () => {
    await back();
    announce(text("visit_left"));
  });
}

/**
 * @param {string} id of the button
 * @param {(here: import("./visit-tap.js").Here) => Promise<boolean>} deed
 * @param {() => Promise<void>} done
 * @returns {Promise<void>}
 */
async function tap(id, deed, done) {
  const button = element(id);
  const here = await whereNow();
  if (isHeld(button) || !here) return;
  const error = id === "pass-visit-out" ? "pass-visit-error" : "visited-error";
  showError(error, "");
  if (await whileBusy(button, text("visit_checking"), () => deed(here))) await done();
  else showError(error, text("visit_no_strip"));
}

/** @returns {Promise<void>} what waited is sent, and told beside the pass */
export async function resumeVisits() {
  await showLine();
  await send();
}
