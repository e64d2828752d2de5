// Makes what unfold binds to a click on plain elements reachable by keyboard and named for screen readers, and has what
// opens a menu tell whether it is open.
// A classic script: unfold's page frame loads it without type="module".
document.addEventListener("alpine:initialized", () => {
  document.querySelectorAll("[x-on\\:click]").forEach((element) => {
    const opens = /^\s*(\w+) = (?:!\s*\1|true)\s*$/.exec(element.getAttribute("x-on:click") ?? "");
    if (!opens) return;
    window.Alpine.effect(() => {
      element.setAttribute("aria-expanded", String(Boolean(window.Alpine.evaluate(element, opens[1]))));
    });
  });
});

document.addEventListener("DOMContentLoaded", () => {
  const node = document.getElementById("keyboard-texts");
  /** @type {Record<string, string>} an icon's ligature → its name in words */
  const names = node ? JSON.parse(node.textContent) : {};

  /** @param {Element} element */
  const dress = (element) => {
    if (element.matches("button, input, select, textarea, a[href], [tabindex]") || element === document.body) return;
    element.setAttribute("tabindex", "0");
    element.setAttribute("role", "button");
    const name = names[element.textContent.trim()];
    if (name) element.setAttribute("aria-label", name);
    element.addEventListener("keydown", (event) => {
      if (event.target !== element || (event.key !== "Enter" && event.key !== " ")) return;
      event.preventDefault();
      element.click();
      setTimeout(enterMenu, 200);
    });
  };

  /** A menu that was opened hangs at the end of the page: the focus goes there, as the eye does. */
  const enterMenu = () => {
    const links = [...document.querySelectorAll("body > nav a[href]")];
    links.find((link) => link.getClientRects().length)?.focus();
  };

  document.querySelectorAll("[x-on\\:click]").forEach(dress);
  const content = document.getElementById("content");
  content?.setAttribute("role", "main");
  content?.setAttribute("tabindex", "-1"); // so that the way past the menu takes the focus along
  document.querySelectorAll("table :is(input, select, textarea):not([type=hidden])").forEach((field) => {
    if (field.labels?.length || field.hasAttribute("aria-label")) return; // unfold's rows within a form have none
    const cell = field.closest("td");
    const head = field.closest("table")?.querySelectorAll("thead th")[cell?.cellIndex ?? -1];
    if (head?.textContent.trim()) field.setAttribute("aria-label", head.textContent.trim());
  });
  document.querySelectorAll(".material-symbols-outlined:not([role])").forEach((icon) => {
    const holder = icon.closest("a, button, [role=button]");
    const alone = holder && holder.textContent.trim() === icon.textContent.trim();
    if (alone && !holder.hasAttribute("aria-label")) {
      const ligature = icon.textContent.trim();
      holder.setAttribute("aria-label", names[ligature] || holder.title || ligature);
    }
    icon.setAttribute("aria-hidden", "true");
  });
});
