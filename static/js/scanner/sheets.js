/**
 * The sheets over the door (dialogs): opened, closed by their own button, Escape or a tap beside them. A verdict closes
 * whatever is open; while one is open the camera judges nobody.
 * @module
 */

/** @returns {HTMLDialogElement[]} */
const open = () => [...document.querySelectorAll(/** @type {"dialog"} */ ("dialog[open]"))];

export const isSheetOpen = () => open().length > 0;

/** @returns {void} */
export function closeSheets() {
  for (const sheet of open().reverse()) sheet.close("");
}

/** @returns {void} */
export function wireSheets() {
  for (const sheet of document.querySelectorAll("dialog")) {
    for (const button of sheet.querySelectorAll("[data-close]")) button.addEventListener("click", () => sheet.close(""));
    sheet.addEventListener("click", (event) => {
      if (event.target === sheet) sheet.close("");
    });
  }
}
