// The service worker for pushed notifications, and for nothing else: it keeps no page and answers no request.
// What it is given names chair and priority. A newer one of the same flag takes the place of the one before.

self.addEventListener("push", (event) => {
  const told = event.data.json();
  event.waitUntil(
    self.registration.showNotification(told.title, {
      body: told.body,
      tag: told.flag ?? told.id,
      renotify: true,
      requireInteraction: told.priority === "high",
      data: { path: told.path },
    }),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(show(event.notification.data.path));
});

/** The page in a window that is open already, else in a new one. */
async function show(path) {
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const open = windows.find((one) => new URL(one.url).pathname === path);
  return open ? open.focus() : self.clients.openWindow(path);
}
