/**
 * The citizen's own page.
 * @module
 */
import { showScreen } from "./view.js";

/**
 * @param {{back: () => void}} then `back` shows the pass again
 * @returns {Promise<void>}
 */
export async function open({ back }) {
  showScreen("me");
  addEventListener("popstate", () => back(), { once: true });
}
