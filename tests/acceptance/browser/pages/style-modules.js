// A service worker that answers the import of a style sheet with a module that links the style sheet.
const MODULE = `
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = import.meta.url;
  document.head.append(link);
`;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  if (event.request.destination === "script" && new URL(event.request.url).pathname.endsWith(".css")) {
    event.respondWith(new Response(MODULE, { headers: { "Content-Type": "text/javascript" } }));
  }
});
