// The service worker of the field pages: keeps the shell, so that it opens without a network. What people wrote lies in
// IndexedDB, which nothing here touches; a new version replaces the shell and nothing else.
"use strict";
const CACHE = "bihuan-field-" + VERSION;

const keep = async () => {
  const cache = await caches.open(CACHE);
  for (const url of FILES) {
    const answer = await fetch(new Request(url, { cache: "reload", credentials: "same-origin" }));
    // whoever is signed out is led elsewhere; that page is not the shell
    if (answer.ok && !answer.redirected) await cache.put(url, answer);
  }
};

self.addEventListener("install", (event) => {
  event.waitUntil(keep());
  self.skipWaiting();
});

self.addEventListener("activate", (event) =>
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys())
        if (name.startsWith("bihuan-field-") && name !== CACHE) await caches.delete(name);
      await self.clients.claim();
    })(),
  ),
);

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (event.request.mode === "navigate" && url.pathname === FILES[0]) {
    event.respondWith(
      (async () => {
        try {
          const answer = await fetch(event.request);
          if (answer.ok && !answer.redirected) (await caches.open(CACHE)).put(FILES[0], answer.clone());
          return answer;
        } catch (error) {
          const kept = await caches.match(FILES[0]);
          if (kept) return kept;
          throw error;
        }
      })(),
    );
  } else if (FILES.includes(url.pathname)) {
    event.respondWith(
      (async () => (await caches.match(event.request, { ignoreSearch: true })) || fetch(event.request))(),
    );
  }
});
