/* The ring of the next set: the arc is the time that is left, a full disc with a clock means overdue. */

import { setAttribute, svg } from "./dom.js";
import { MINUTE_MS, time } from "./format.js";

const RADIUS = 20;
const LENGTH = 2 * Math.PI * RADIUS;
const USUAL_INTERVAL_MIN = 15;
const USUAL_RECHECK_MIN = 5;
const RECHECK_GRACE_MIN = 2;

/** {phase: "waiting"|"due"|"overdue", minutes, share, postponed}: minutes until due, or since; share of the
    interval left; whether somebody put the set off. */
export function dueNow(due, now) {
  const left = (time(due.at) - now) / MINUTE_MS;
  const share = Math.max(0, Math.min(1, left / (due.every_min ?? USUAL_INTERVAL_MIN)));
  const postponed = Boolean(due.postponed);
  if (left > 0) return { phase: "waiting", minutes: Math.ceil(left), share, postponed };
  return { phase: now < time(due.overdue_at) ? "due" : "overdue", minutes: Math.floor(-left), share, postponed };
}

/** The same of one measurement that is to be repeated at `at`, waited for since `from` (both ms). */
export function recheckNow(at, now, from = at - USUAL_RECHECK_MIN * MINUTE_MS) {
  const left = (at - now) / MINUTE_MS;
  const share = Math.max(0, Math.min(1, (at - now) / Math.max(1, at - from)));
  if (left > 0) return { phase: "waiting", minutes: Math.ceil(left), share, postponed: false };
  return { phase: -left < RECHECK_GRACE_MIN ? "due" : "overdue", minutes: Math.floor(-left), share, postponed: false };
}

/** An empty ring; drawn by updateRing. */
export function makeRing() {
  const track = svg("circle", { class: "ring-track", cx: 24, cy: 24, r: RADIUS });
  const arc = svg("circle", { class: "ring-arc", cx: 24, cy: 24, r: RADIUS, transform: "rotate(-90 24 24)" });
  const hands = svg("path", { class: "ring-hands", d: "M24 13v11l8 5" });
  return svg("svg", { class: "ring", viewBox: "0 0 48 48", "aria-hidden": "true" }, track, arc, hands);
}

/** Draw `state` (of dueNow) on `ring`; a due set shows the clock's hands, an overdue one a full disc as well,
    one that was put off a ticked track. */
export function updateRing(ring, state) {
  setAttribute(ring, "data-phase", state.phase);
  setAttribute(ring, "data-postponed", Boolean(state.postponed));
  const drawn = (state.share * LENGTH).toFixed(1);
  setAttribute(ring.querySelector(".ring-arc"), "stroke-dasharray", `${drawn} ${LENGTH.toFixed(1)}`);
}
