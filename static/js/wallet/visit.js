/**
 * A poster was opened by the phone's camera: whose it is, in large letters, and one tap to check in.
 * @module
 */
import { decodePoster, isGenuine } from "../poster.js";
import { agencyKeys, fetchKeys } from "./agency.js";
import { asProblem, call } from "./api.js";
import { askServer, inDoubt, now } from "./clock.js";
import { carried, get, put, remove } from "./store.js";
import { text } from "./texts.js";
import { element, isHeld, notice, showError, showScreen, whileBusy } from "./view.js";
import { tapIn } from "./visit-tap.js";

/** A poster scanned before there was a pass is taken up once there is one, if that takes no longer. */
const LATER_MS = 2 * 3600_000;
const LANGUAGE = document.documentElement.lang === "en" ? "en" : "ko";

/**
 * @type {{code: string, name: string, region: string, category: string, genuine: boolean|null, state: string,
 *   asked: boolean}|null}
 */
let shown = null;
/** @type {{back: () => Promise<void>, getPass: () => void, done: () => Promise<void>}} */
let then;

/**
 * @param {typeof then} after `done` shows what was checked in
 * @returns {void}
 */
export function prepareVisit(after) {
  then = after;
  element("visit-in").addEventListener("click", checkIn);
  element("visit-back").addEventListener("click", leave);
  element("visit-get").addEventListener("click", () => then.getPass());
}

/** @returns {string|null} the code in this page's address, which then says nothing of it any more */
export function takeCode() {
  const code = /^#v=([\w-]{1,1024})$/.exec(location.hash)?.[1] ?? null;
  if (code) history.replaceState(null, "", location.pathname);
  return code;
}

/** @returns {Promise<string|null>} the code of a poster that was opened before there was a pass */
export async function takeKept() {
  const kept = await get("poster");
  if (kept) await remove("poster");
  return kept && now() - kept.at < LATER_MS ? kept.code : null;
}

/**
 * @param {string} code
 * @returns {Promise<void>}
 */
export async function openVisit(code) {
  const said = read(code);
  const named = { name: said?.name ?? "", region: said?.region ?? "", category: "" };
  shown = { code, ...named, genuine: said ? null : false, state: "", asked: false };
  if (said) shown.genuine = await isGenuine(said, await agencyKeys());
  const people = (await carried()).filter(({ pass }) => !pass.gone);
  if (!people.length) await put("poster", { code, at: now() });
  element("visit-have").hidden = !people.length;
  element("visit-none").hidden = Boolean(people.length);
  showPeople(people);
  showVenue();
  showError("visit-error", "");
  showScreen("visit");
  const opened = shown;
  await ask(code, said);
  opened.asked = true;
  if (shown === opened) showVenue();
}

/**
 * @param {string} code
 * @returns {import("../poster.js").PosterCode|null}
 */
function read(code) {
  try {
    return decodePoster(code);
  } catch {
    return null;
  }
}

/**
 * What the agency knows of the poster, where it can be reached; the tap never waits for it.
 * @param {string} code
 * @param {import("../poster.js").PosterCode|null} said
 * @returns {Promise<void>}
 */
async function ask(code, said) {
  const opened = shown;
  if (!said || opened.genuine === false) return;
  try {
    const { venue, state } = await call("GET", `/posters/${code}`);
    const [region, category] = [venue.region[LANGUAGE], venue.category[LANGUAGE]];
    Object.assign(opened, { name: venue.name, region, category, state, genuine: true });
  } catch (reason) {
    if (asProblem(reason).code === "unknown_poster") opened.genuine = false;
    else if (inDoubt()) await askServer();
  }
  if (opened.genuine === true && (await isGenuine(said, await agencyKeys())) === null) await fetchKeys({ anew: true });
}

/** @returns {void} */
function showVenue() {
  const { name, region, category, genuine, state, asked } = shown;
  const good = genuine !== false && (!state || state === "good");
  element("visit-lead").textContent = text(genuine === false ? "visit_false" : good ? "visit_here" : "visit_not_now");
  element("visit-name").textContent = genuine === false ? text("visit_false_title") : name;
  element("visit-region").textContent = genuine === false ? "" : [region, category].filter(Boolean).join(" · ");
  element("visit-in").hidden = element("visit-compare").hidden = !good;
  const holds = !element("visit-have").hidden;
  element("visit-back").textContent = text(good && holds ? "visit_not_here" : holds ? "visit_back" : "visit_back_none");
  element("visit-people").hidden = !good || element("visit-people").dataset.many !== "true";
  element("visit-notices").replaceChildren(...told(asked ? genuine : genuine ?? true, state));
}

/**
 * @param {boolean|null} genuine
 * @param {string} state
 * @returns {HTMLElement[]}
 */
function told(genuine, state) {
  if (genuine === false) return [notice("danger", text("visit_false_detail"))];
  if (state && state !== "good") return [notice("warning", text(`visit_${state}`))];
  return genuine === null ? [notice("info", text("visit_unsure"))] : [];
}

/**
 * @param {import("./store.js").Holder[]} people
 * @returns {void}
 */
function showPeople(people) {
  const place = element("visit-people");
  place.dataset.many = String(people.length > 1);
  place.querySelectorAll("label").forEach((label) => label.remove());
  for (const [index, one] of people.entries()) {
    const label = document.createElement("label");
    label.className = "consent";
    const box = document.createElement("input");
    box.type = "checkbox";
    box.name = "guest";
    box.value = one.id;
    box.checked = index === 0;
    const name = document.createElement("span");
    name.textContent = `${one.pass.maskedName} · ${text(`holder_${one.relation ?? "own"}`)}`;
    label.append(box, name);
    place.append(label);
  }
}

/** @returns {Promise<void>} */
async function checkIn() {
  const button = element("visit-in");
  if (isHeld(button)) return;
  const boxes = /** @type {HTMLInputElement[]} */ ([...element("visit-people").querySelectorAll("input")]);
  const holders = boxes.filter(({ checked }) => checked).map(({ value }) => value);
  showError("visit-error", holders.length ? "" : text("visit_nobody"));
  if (!holders.length) return;
  const { code: poster, name, region } = shown;
  try {
    const made = await whileBusy(button, text("visit_checking"), () => tapIn({ poster, name, region }, holders));
    if (made) await then.done();
    else showError("visit-error", text("visit_no_strip"));
  } catch {
    showError("visit-error", text("storage_closed"));
  }
}

/** @returns {Promise<void>} */
async function leave() {
  shown = null;
  await remove("poster");
  await then.back();
}
