// The clinic's clock and zone. The server's time may run scaled in a demonstration, and a tablet's own clock
// may be wrong: times shown and charted are the server's, carried on by the browser's steady clock.

import { clock } from "./format.js";

let zone = document.documentElement.dataset.zone || document.querySelector("[data-zone]")?.dataset.zone;
let serverAt = Date.now();
let heardAt = performance.now();
let rate = 1;

/** Take the server's word: {now: iso, rate}. */
export function setClock(said, clinicZone = zone) {
  if (said?.now) {
    serverAt = Date.parse(said.now);
    heardAt = performance.now();
    rate = said.rate ?? 1;
  }
  zone = clinicZone;
}

/** The clinic's time now, in milliseconds since 1970. */
export const now = () => serverAt + (performance.now() - heardAt) * rate;

/** "10:42" in the clinic's zone, from an ISO time or milliseconds. */
export const clockTime = (at) => clock(typeof at === "string" ? Date.parse(at) : at, zone);

/** "23 Nov" in the clinic's zone. */
export const dayWords = (at) =>
  new Intl.DateTimeFormat("en-GB", { timeZone: zone, day: "numeric", month: "short", year: "numeric" }).format(new Date(at));

/** "2026-11-23" in the clinic's zone. */
export const dayOf = (at) => new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(new Date(at));
