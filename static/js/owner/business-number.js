/**
 * While a business registration number (사업자등록번호) is typed: whether its ten digits fit together. The form works
 * without this module; the server looks again.
 * @module
 */

const WEIGHTS = [1, 3, 7, 1, 3, 7, 1, 3, 5];

/**
 * Whether ten digits are a business registration number: the last one is computed from the others.
 * @param {string} digits
 * @returns {boolean}
 */
export function fits(digits) {
  if (!/^\d{10}$/.test(digits)) return false;
  const sum = WEIGHTS.reduce((total, weight, n) => total + weight * Number(digits[n]), 0);
  return (10 - ((sum + Math.floor((Number(digits[8]) * 5) / 10)) % 10)) % 10 === Number(digits[9]);
}

/** @returns {void} */
function watch() {
  const input = document.querySelector("[data-business-number]");
  const state = document.getElementById("number-state");
  const told = document.getElementById("number-texts");
  if (!(input instanceof HTMLInputElement) || !state || !told) return;
  const texts = JSON.parse(told.textContent ?? "{}");
  const show = () => {
    const digits = input.value.replace(/\D/g, "");
    const right = fits(digits);
    state.textContent = digits.length < 10 ? "" : texts[right ? "right" : "wrong"];
    state.dataset.right = String(right);
  };
  input.addEventListener("input", show);
  input.addEventListener("blur", () => {
    const digits = input.value.replace(/\D/g, "");
    if (digits.length === 10) input.value = `${digits.slice(0, 3)}-${digits.slice(3, 5)}-${digits.slice(5)}`;
  });
  if (input.getAttribute("aria-invalid") !== "true") show(); // else the page has said already what is wrong
}

if (typeof document !== "undefined") watch();
