// The observation window as a bar: dose start, dose end, now, and the end of the window.

import { clockTime } from "./clinic-clock.js";
import { el, fill } from "./dom.js";

const NEAR = 0.2; // of the bar: closer marks share one label

/**
 * Where the marks stand, as shares of the bar; null before the first dose.
 *
 * @param {Object} session the detail
 * @param {number} now milliseconds of the clinic's clock
 */
function windowMarks(session, now) {
  if (!session.dose_started_at || !session.window_ends_at) return null;
  const start = Date.parse(session.dose_started_at);
  const end = Date.parse(session.window_ends_at);
  const doseEnd = session.dose_ended_at ?? session.planned_end_at;
  const last = Math.max(end, now);
  const share = (at) => Math.min(1, Math.max(0, (at - start) / (last - start)));
  return {
    now: share(now),
    end: share(end),
    doseEnd: doseEnd ? share(Date.parse(doseEnd)) : null,
    minutes: Math.max(0, Math.floor((now - start) / 60_000)),
  };
}

export function showWindowBar(node, session, now) {
  const marks = windowMarks(session, now);
  const shown = marks && { ...marks, now: Math.round(marks.now * 500) };
  fill(node, [shown, session.dose_ended_at, session.earliest_release_at, session.state], () =>
    marks ? bar(session, marks, now) : [el("p.quiet", {}, "The window begins with the dose.")],
  );
}

function bar(session, marks, now) {
  const ended = Boolean(session.dose_ended_at);
  const doseEnd = session.dose_ended_at ?? session.planned_end_at;
  const together = marks.doseEnd !== null && marks.doseEnd < NEAR;
  const over = now >= Date.parse(session.window_ends_at);
  const release = over
    ? `Window ended ${clockTime(session.window_ends_at)}`
    : `Earliest release ${clockTime(session.earliest_release_at ?? session.window_ends_at)}`;
  const doseEndWords = `${ended ? "Dose ended" : "Planned end of dose"} ${clockTime(doseEnd)}`;
  return [
    el(
      "div.window-track",
      {},
      place(el("span.window-dose", {}), "--to", marks.doseEnd ?? marks.now),
      place(el("span.window-past", {}), "--to", marks.now),
      place(el("span.window-end", {}), "--at", marks.end),
      place(el("span.window-now", {}, el("b", {}, `${clockTime(now)} · T+${marks.minutes}`)), "--at", marks.now),
    ),
    el(
      "div.window-words",
      {},
      el("span", {}, together ? `Dose ${clockTime(session.dose_started_at)}–${clockTime(doseEnd)}` : `Dose start ${clockTime(session.dose_started_at)}`),
      !together && marks.doseEnd !== null && place(el("span.window-dose-end", {}, doseEndWords), "--at", marks.doseEnd),
      el("b.window-release", {}, release),
    ),
  ];
}

function place(node, property, share) {
  node.style.setProperty(property, String(share));
  return node;
}
