{% autoescape off %}/**
 * A poster's address on a phone that has the wallet: into the wallet at once, with or without a network.
 */
self.addEventListener("install", (event) => event.waitUntil(self.skipWaiting()));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { pathname } = new URL(event.request.url);
  const code = /^\/v\/([\w-]+)$/.exec(pathname)?.[1];
  if (event.request.mode === "navigate" && code) event.respondWith(Response.redirect(`{{ wallet }}#v=${code}`));
});
{% endautoescape %}
