/**
 * The phone's own Back, by gesture, key or arrow: from a screen with a way back it does what that screen's button does,
 * where it would leave the wallet. One entry of the history stands for all such screens.
 * @module
 */

let leaving = false;

/** @returns {HTMLButtonElement|undefined} the button that leads back from the screen on show: the last that is not hidden */
function wayBack() {
  const screen = document.getElementById(`screen-${document.body.dataset.screen}`);
  const buttons = /** @type {HTMLButtonElement[]} */ ([...(screen?.querySelectorAll("[data-back]") ?? [])]);
  return buttons.findLast((button) => !button.hidden);
}

/**
 * Another screen is on show: the history has the entry where there is a way back, and only there.
 * @returns {void}
 */
export function keepWayBack() {
  if (leaving) return; // once we are there it is looked at again
  const inside = Boolean(history.state?.inside);
  if (wayBack() && !inside) history.pushState({ inside: true }, "");
  if (wayBack() || !inside) return;
  leaving = true;
  history.back();
}

addEventListener("popstate", ({ state }) => {
  if (leaving) {
    leaving = false;
    keepWayBack();
  } else if (state?.inside) keepWayBack(); // forward, where nothing is any more
  else if (!location.hash) wayBack()?.click(); // a hash is a poster's
});

/** The way past the header leaves no entry behind, which a Back would be lost on. */
document.querySelector(".skip")?.addEventListener("click", (event) => {
  event.preventDefault();
  document.getElementById("main")?.focus();
});
