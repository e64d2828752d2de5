/**
 * Asking for a code: it is sent, or the waiting room gives a place in line.
 * @module
 */
import { call, Problem } from "./api.js";
import { now } from "./clock.js";
import { put, remove } from "./store.js";

/**
 * @param {import("./store.js").Asked} asked
 * @returns {Promise<{begun?: import("./store.js").Begun, place?: import("./store.js").Place}>} the one or the other; both
 *   live through a reload
 * @throws {Problem}
 */
export async function begin(asked) {
  const { phone, identity, verification } = asked;
  try {
    const answer = await call("POST", "/verifications", { phone, ...(verification && { verification }) });
    const more = Boolean(verification) && answer.verification === verification;
    const anew = Boolean(verification) && !more;
    const begun = { verification: answer.verification, phone, identity, more, anew, startedAt: now() };
    await put("pending", begun);
    await remove("waiting");
    return { begun };
  } catch (problem) {
    if (!(problem instanceof Problem) || problem.code !== "waiting") throw problem;
    await put("waiting", { asked, since: now(), place: problem.body.waiting });
    return { place: problem.body.waiting };
  }
}
