// Waiting for the escort: since when, for how long by the clinic's clock, and whom to call.

import { clockTime } from "./clinic-clock.js";
import { el } from "./dom.js";
import { MINUTE_MS, span } from "./format.js";

/** "Waiting for escort since 11:54 (12 min)", from an ISO time; the board says the same, and never the number. */
export const waitingWords = (since, now, timeOf = clockTime) =>
  `Waiting for escort since ${timeOf(since)} (${span((now - Date.parse(since)) / MINUTE_MS)})`;

/** What may change of the line without its data changing: whole minutes. */
export const waitingKey = (waiting, now) => waiting && [waiting, Math.floor((now - Date.parse(waiting.since)) / MINUTE_MS)];

/** The line for pages behind a sign-in: with the escort's name, and the number to tap. */
export function waitingLine(waiting, now) {
  const { since, escort, phone } = waiting;
  const number = phone ? el("a.nowrap", { href: `tel:${phone.replace(/[^0-9+]/g, "")}` }, `phone ${phone}`) : "no phone number";
  return el(
    "div.waiting",
    {},
    el("p", {}, el("b", {}, waitingWords(since, now))),
    el("p", {}, escort && `${escort} · `, number),
  );
}
