/**
 * A USB scanner types what it read, fast, and ends with Enter: caught anywhere on the page, whatever has the focus and
 * whatever input language is on. Only a field that has the focus takes its keys itself, unless it is for digits alone.
 * @module
 */

/** Between two keys, milliseconds: of any scanner, and within one of our codes, which nothing slow begins with. */
const FAST_MS = 300;
const WITHIN_CODE_MS = 1000;
const PREFIX = "MJ1:";
/** Less than this is no scanner's reading, unless it begins as our codes do. */
const SHORTEST = 12;

const SHIFTED = { Digit4: "$", Digit5: "%", Digit8: "*", Equal: "+", Semicolon: ":" };
const PLAIN = { Space: " ", Minus: "-", Period: ".", Slash: "/" };

/** The character of a key, in capitals; by its place on the keyboard where a Korean layout would write a jamo. */
function character(event) {
  if (/^[\x20-\x7e]$/.test(event.key)) return event.key.toUpperCase();
  const [, letter] = /^Key([A-Z])$/.exec(event.code) ?? [];
  const [, digit] = /^(?:Digit|Numpad)(\d)$/.exec(event.code) ?? [];
  if (event.shiftKey && SHIFTED[event.code]) return SHIFTED[event.code];
  return letter ?? digit ?? PLAIN[event.code] ?? "";
}

const SWITCHES = ["radio", "checkbox", "range"];

/** Where a code may be meant to go. A code typed at a field for digits (a PIN, a count) is a guest before the door, and so
 * is one typed where a switch was touched last. */
const isField = (target) => target instanceof HTMLTextAreaElement
  || (target instanceof HTMLInputElement && target.inputMode !== "numeric" && !SWITCHES.includes(target.type));

/**
 * @param {(text: string) => void} onCode
 */
export function listenToKeys(onCode) {
  let typed = "";
  let last = -Infinity;

  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.key === "Shift") return;
    if (event.timeStamp - last > (typed.startsWith(PREFIX) ? WITHIN_CODE_MS : FAST_MS)) typed = "";
    last = event.timeStamp;
    if (event.key === "Enter") {
      const text = typed;
      typed = "";
      // A field sends itself; everywhere else the scanner's Enter must not press what has the focus.
      if (isField(event.target) || (text.length < SHORTEST && !text.startsWith(PREFIX))) return;
      stop(event);
      onCode(text);
      return;
    }
    typed += character(event);
    // The space within a code must not press a button either.
    if (typed.startsWith(PREFIX) && !isField(event.target)) stop(event);
  }, { capture: true });

  addEventListener("keyup", (event) => {
    if (typed.startsWith(PREFIX) && !isField(event.target)) event.preventDefault();
  }, { capture: true });

  addEventListener("paste", (event) => {
    if (isField(event.target)) return;
    const text = event.clipboardData?.getData("text/plain").trim();
    if (text) onCode(text);
  });
}

function stop(event) {
  event.preventDefault();
  event.stopPropagation();
}
