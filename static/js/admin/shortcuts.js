// The desk's keys, listed on the page behind "?". Single keys do nothing while somebody types, and can be switched off
// for a browser (WCAG 2.1.4). A classic script: unfold's page frame loads it without type="module".
document.addEventListener("DOMContentLoaded", () => {
  const OFF = "munjigi-desk-keys-off";
  const PAUSE = 1200; // milliseconds between the two keys of a pair
  const node = document.getElementById("shortcuts");
  /** @type {Record<string, string>} keys → address */
  const leads = node ? JSON.parse(node.textContent) : {};
  /** @type {{key: string, at: number}} */
  let before = { key: "", at: 0 };

  const off = () => {
    try {
      return localStorage.getItem(OFF) === "yes";
    } catch {
      return false;
    }
  };

  const box = document.getElementById("keys-off");
  if (box instanceof HTMLInputElement) {
    box.checked = off();
    box.addEventListener("change", () => localStorage.setItem(OFF, box.checked ? "yes" : "no"));
  }

  /** @param {EventTarget | null} target */
  const typing = (target) => target instanceof Element && target.closest("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]");

  const search = () => document.querySelector('#searchbar, .desk-search input:not([type=hidden]), #content input[type=search], .desk-filter input:not([type=hidden])');

  const rows = () => [...document.querySelectorAll("#result_list .data-row")]
    .map((row) => row.querySelector("th a[href], td a[href]"))
    .filter((link) => link?.getClientRects().length);

  /** @param {number} step */
  const move = (step) => {
    const links = rows();
    const here = links.indexOf(document.activeElement?.closest?.(".data-row")?.querySelector("th a[href], td a[href]"));
    const next = here < 0 ? (step > 0 ? 0 : links.length - 1) : here + step;
    links[Math.max(0, Math.min(next, links.length - 1))]?.focus();
    return links.length > 0;
  };

  /** @type {Record<string, () => boolean>} key → does it, and whether there was anything to do */
  const deeds = {
    "/": () => { const field = search(); field?.focus(); field?.select?.(); return Boolean(field); },
    j: () => move(1),
    k: () => move(-1),
    n: () => { const link = document.querySelector('#content ~ * .addlink, a.addlink, a[href$="/add/"]'); link?.click(); return Boolean(link); },
    f: () => { const open = document.querySelector('[x-on\\:click="filterOpen = true"]'); open?.click(); return Boolean(open); },
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "s" && (event.ctrlKey || event.metaKey) && !event.altKey) {
      const save = document.querySelector('#content form [name="_save"], #content form [name="_continue"], .desk-ask [type=submit], .submit-row [name="_save"], [name="_save"]');
      if (save instanceof HTMLElement) { event.preventDefault(); save.click(); }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || off() || typing(event.target)) return;
    const pair = event.timeStamp - before.at < PAUSE ? `${before.key} ${event.key}` : "";
    const address = leads[pair] ?? leads[event.key];
    before = { key: event.key, at: event.timeStamp };
    if (address) { event.preventDefault(); location.assign(address); return; }
    if (deeds[event.key]?.()) event.preventDefault();
  });
});
