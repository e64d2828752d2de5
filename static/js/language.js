/**
 * The language switch on pages that must survive without a network: sends the form quietly, so that a missing server
 * leaves the page standing instead of showing the browser's error.
 * @module
 */

/**
 * @param {(reason: Error) => void} onFailure told when the server could not be reached
 * @param {(language: string) => Promise<void>} [changed] what else is to know of it before the page is loaded anew
 * @returns {void}
 */
export function guardLanguageSwitch(onFailure, changed) {
  const form = /** @type {HTMLFormElement|null} */ (document.querySelector("form[data-language]"));
  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = new FormData(form, event.submitter);
    try {
      const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" });
      if (answer.type !== "opaqueredirect" && !answer.ok) throw new Error(String(answer.status));
      await changed?.(String(body.get("language"))).catch(() => undefined);
      location.assign(String(body.get("next")));
    } catch (reason) {
      onFailure(/** @type {Error} */ (reason));
    }
  });
}
