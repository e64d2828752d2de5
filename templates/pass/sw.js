{% autoescape off %}/**
 * Keeps the shell of the wallet on the phone, so that it opens without us. The page and its files are one set, named by
 * its version: the set is taken whole or not at all, and a page in use never meets a file of another set.
 */
const CACHE = "munjigi-pass-{{ version }}";
const PAGE = "/pass/";
const ASSETS = {{ assets }};
const PATIENCE_MS = 8000;

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && url.pathname === PAGE) event.respondWith(page(request, url));
  else if (ASSETS.includes(url.pathname)) event.respondWith(asset(request));
});

async function install() {
  const cache = await caches.open(CACHE);
  await cache.addAll([...ASSETS, new Request(PAGE, { cache: "reload" })]);
  await self.skipWaiting();
}

async function activate() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("munjigi-pass-") && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

/** The kept page at once; after a change of language (`?fresh`) the server's, if it answers. */
async function page(request, url) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(PAGE);
  if (kept && !url.searchParams.has("fresh")) return kept;
  try {
    const answer = await fetch(PAGE, { cache: "reload", signal: AbortSignal.timeout(PATIENCE_MS) });
    if (!answer.ok && kept) return kept;
    if (answer.ok) await cache.put(PAGE, answer.clone());
    return answer;
  } catch (reason) {
    if (kept) return kept;
    throw reason;
  }
}

async function asset(request) {
  const kept = await caches.match(request.url);
  return kept ?? fetch(request);
}
{% endautoescape %}
