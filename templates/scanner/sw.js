{% autoescape off %}/**
 * Keeps the shell of the scanner on the device, so that a door opens without us. Pages and files are one set, named by its
 * version and taken whole or not at all. A new set is what the next start opens; a page that is open goes on with the set
 * it came with, which stays beside the new one. No question about versions ever stands before a start.
 */
const CACHE = "munjigi-scanner-{{ version }}";
const CHOICE = "munjigi-scanner-language";
const HOME = "/scanner/";
const LANGUAGE = "{{ language }}";
const PAGES = {{ pages }};
/** @type {Promise<Cache>|undefined} */
let opened;
const ASSETS = new Set({{ assets }});

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && url.pathname === HOME) event.respondWith(page(request, url));
  else if (ASSETS.has(url.pathname + url.search)) event.respondWith(asset(request));
});

/** Without cookies: the pages are the same for everybody, and asking for them must not change anybody's language. */
async function install() {
  const cache = await caches.open(CACHE);
  const pages = Object.values(PAGES).map((address) => new Request(address, { cache: "reload", credentials: "omit" }));
  await cache.addAll([...ASSETS, ...pages]);
  await self.skipWaiting();
}

/** The set before this one stays: an open page may still ask for a file of it. */
async function activate() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("munjigi-scanner-") && name !== CACHE && name !== CHOICE);
  await Promise.all(old.slice(0, -1).map((name) => caches.delete(name)));
  await self.clients.claim();
}

/** The kept page of the language that the address or the last choice names. */
async function page(request, url) {
  const language = url.searchParams.get("language") ?? (await choice());
  const cache = await caches.open(CACHE);
  return (await cache.match(PAGES[language] ?? PAGES[LANGUAGE], { ignoreVary: true })) ?? fetch(request);
}

async function choice() {
  const cache = await caches.open(CHOICE);
  const kept = await cache.match(HOME);
  return kept ? kept.text() : LANGUAGE;
}

/** This set's file; a page that came with another set finds its own in that one. */
async function asset(request) {
  opened ??= caches.open(CACHE);
  const own = await (await opened).match(request.url, { ignoreVary: true });
  return own ?? (await caches.match(request.url, { ignoreVary: true })) ?? fetch(request);
}
{% endautoescape %}
