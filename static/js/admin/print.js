// The "Print" button of the backup codes.
for (const button of document.querySelectorAll("[name=print]")) {
  button.addEventListener("click", () => window.print());
}
