// When work in the background is over, the page that shows its bar fetches itself anew with what came of it; not under the
// hands of somebody who has begun to write there: the bar says that it is over, and what was typed stays.
// A classic script: unfold's page frame loads it without type="module".
(() => {
  let written = false;
  document.addEventListener("input", () => { written = true; });
  document.addEventListener("job-over", () => {
    if (!written) window.location.reload();
  });
})();
