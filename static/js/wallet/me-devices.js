/**
 * Phones and apps that carry the pass, on the own page; what a partner's app carries can be ended from here.
 * @module
 */
import { asProblem, call } from "./api.js";
import { fetchEach } from "./issue.js";
import { factList, head, make } from "./me-words.js";
import { carried, putHolder } from "./store.js";
import { momentText, text } from "./texts.js";
import { announce, element, isHeld, problemText, showError, whileBusy } from "./view.js";

/** @type {() => Promise<import("./store.js").Holder>} */
let holderNow;
/** @type {() => Promise<void>} */
let onEnded;

/**
 * @param {{whose: () => Promise<import("./store.js").Holder>, ended: () => Promise<void>}} with_ whose page it is, and
 *   what is done when a pass was ended
 * @returns {void}
 */
export function prepareDevices({ whose, ended }) {
  holderNow = whose;
  onEnded = ended;
}

/**
 * @param {Record<string, any>} device
 * @returns {HTMLElement}
 */
export function deviceRow(device) {
  const row = make("li", "", "card me__card");
  const { app, ended, of } = device;
  row.append(head(nameOf(device), ended ? text("me_device_over") : ""));
  row.append(factList([
    [text("me_device_since"), momentText(device.since)],
    [text("me_device_seen"), momentText(device.seen)],
    [text("me_device_ended"), ended && momentText(ended)],
  ]));
  if (app && !ended) row.append(ending(app, of?.citizen));
  return row;
}

/**
 * @param {Record<string, any>} device
 * @returns {string}
 */
function nameOf({ app, here, of }) {
  if (of) return text("me_device_app_of", { app: app.name, name: of.masked_name });
  return app ? text("me_device_app", { app: app.name }) : text(here ? "me_device_here" : "me_device_other");
}

/**
 * A button, and behind it what it means and the question.
 * @param {{name: string, device: string}} app
 * @param {string} [ward] whose pass it is, where it is not one's own
 * @returns {HTMLElement}
 */
function ending(app, ward) {
  const place = make("div", "", "stack stack--small");
  const ask = button(text("me_app_end"), "");
  const question = make("div", "", "stack stack--small");
  const sure = button(text("me_app_end_sure"), "button--danger");
  const keep = button(text("me_app_keep"), "button--quiet");
  const error = make("p", "", "field__error");
  error.id = `me-app-error-${app.device}`;
  error.setAttribute("role", "alert");
  question.hidden = true;
  question.append(make("p", text(ward ? "me_app_end_means_ward" : "me_app_end_means", { app: app.name }), "small"), sure, keep);
  place.append(ask, question, error);
  /** @param {boolean} asked */
  const turn = (asked) => {
    ask.hidden = asked;
    question.hidden = !asked;
    (asked ? sure : ask).focus();
  };
  ask.addEventListener("click", () => turn(true));
  keep.addEventListener("click", () => turn(false));
  sure.addEventListener("click", () => end(app, ward, sure, error.id));
  return place;
}

/**
 * The strips here end with those of the app, so new ones are fetched at once: also at the next opening, should the
 * answer get lost.
 * @param {{name: string, device: string}} app
 * @param {string|undefined} ward
 * @param {HTMLButtonElement} pressed
 * @param {string} error
 * @returns {Promise<void>}
 */
async function end(app, ward, pressed, error) {
  if (isHeld(pressed)) return;
  showError(error, "");
  try {
    await whileBusy(pressed, text("me_app_ending"), async () => {
      const current = await holderNow();
      const touched = (await carried()).filter(({ id, pass }) => !pass.gone && (!ward || id === ward));
      for (const one of touched) await putHolder({ ...one, pass: { ...one.pass, refreshAt: 0 } });
      await call("POST", `/pass/apps/${app.device}/end`, {}, current.device);
      await fetchEach(touched);
    });
  } catch (reason) {
    const problem = asProblem(reason);
    if (problem.code !== "already_ended") {
      showError(error, problemText(problem));
      return;
    }
  }
  announce(text("me_app_ended", { app: app.name }));
  await onEnded();
  element("me-devices-title").focus();
}

/**
 * @param {string} words
 * @param {string} kind
 * @returns {HTMLButtonElement}
 */
function button(words, kind) {
  const made = /** @type {HTMLButtonElement} */ (make("button", words, `button button--wide ${kind}`.trim()));
  made.type = "button";
  return made;
}
