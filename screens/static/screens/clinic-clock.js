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

/** The moment of a clinic's wall time, day "2026-11-23" and time "10:40", in milliseconds since 1970. */
export function atClinicTime(day, time) {
  const wanted = Date.parse(`${day}T${time}:00Z`);
  // Twice: the first guess may lie on the other side of a change to or from summer time.
  return [0, 1].reduce((at) => wanted - offsetAt(at), wanted);
}

/** How far the clinic's wall time is ahead of UTC, in milliseconds. */
const offsetAt = (at) => Date.parse(`${dayOf(at)}T${clock(at, zone)}:00Z`) - Math.floor(at / 60_000) * 60_000;
