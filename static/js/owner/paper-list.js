/**
 * Typing a list in by the keyboard alone: Enter goes on to the next line, Ctrl and Enter save; each field is looked at
 * when it is left, times get their colon, and leaving the page with lines that are not saved asks first. The form works
 * without this module; the server looks again.
 * @module
 */

const form = document.querySelector("[data-paper-list]");
const texts = document.getElementById("line-texts")?.dataset ?? {};

/** @param {string} text @returns {string|null} "1230" as "12:30"; null for what is no time of day */
export function time(text) {
  const found = /^([01]?\d|2[0-3]):?([0-5]\d)$/.exec(text.trim());
  if (found) return `${found[1].padStart(2, "0")}:${found[2]}`;
  return /^24:?00$/.test(text.trim()) ? "00:00" : null;
}

/** @param {string} text @returns {string|null} without gaps; null for what has not the shape of a safe number */
export function safeNumber(text) {
  const plain = text.normalize("NFKC").replace(/[\s\-·.]/g, "");
  return /^(?=(?:.*[가-힣]){2})(?=(?:.*\d){4})[가-힣\d]{6}$/.test(plain) ? plain : null;
}

/** @param {string} text @returns {string|null} */
const people = (text) => (/^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= 200 ? text : null);

/** @type {Record<string, [(text: string) => string|null, string|undefined]>} */
const MEMBERS = {
  time: [time, texts.time], safe: [safeNumber, texts.safe], people: [people, texts.people], left: [time, texts.time],
};

/** @param {HTMLInputElement} input */
function judge(input) {
  const [read, said] = MEMBERS[input.name.split("-")[0]];
  const good = input.value.trim() === "" ? "" : read(input.value);
  if (good !== null) input.value = good;
  input.toggleAttribute("aria-invalid", false);
  if (good === null) input.setAttribute("aria-invalid", "true");
  const line = input.closest("[data-line]");
  const wrong = line?.querySelector(".owner-line__wrong");
  if (!wrong) return;
  if (good === null) {
    wrong.textContent = said ?? "";
    input.setAttribute("aria-describedby", wrong.id);
  } else if (!line?.querySelector("[aria-invalid]")) wrong.textContent = "";
}

/** @param {HTMLFormElement} lines */
function watch(lines) {
  const fields = () => [...lines.querySelectorAll("[data-line] input")];
  let typed = false;
  lines.addEventListener("input", () => (typed = true));
  lines.addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement && target.closest("[data-line]")) judge(target);
  });
  lines.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || !(event.target instanceof HTMLInputElement)) return;
    event.preventDefault();
    if (event.ctrlKey || event.metaKey) return lines.requestSubmit();
    const all = fields();
    const line = event.target.closest("[data-line]");
    const next = line ? all.find((field) => field.closest("[data-line]") === line.nextElementSibling) : all[0];
    if (next instanceof HTMLElement) next.focus();
    else lines.querySelector("button")?.focus();
  });
  lines.addEventListener("submit", () => (typed = false));
  addEventListener("beforeunload", (event) => {
    if (typed) event.preventDefault();
  });
  const first = lines.querySelector("[aria-invalid]") ?? fields()[0];
  if (first instanceof HTMLElement) first.focus();
}

if (form instanceof HTMLFormElement) watch(form);
