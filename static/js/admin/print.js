// The "Print" buttons, which pages keep hidden where nothing would happen without this module.
for (const button of document.querySelectorAll("[name=print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
