// The session's timeline: events, sets charted by people, corrections and flags in one list, newest on top.

import { clockTime } from "./clinic-clock.js";
import { el, fill } from "./dom.js";
import { icon } from "./icons.js";
import { setWords } from "./set-words.js";

const ICONS = {
  schedule: "calendar-days",
  "check-in": "log-in",
  start: "syringe",
  dose: "droplets",
  pause: "pause",
  resume: "play",
  stop: "square",
  symptom: "hand",
  "resolve-symptom": "check",
  medicine: "syringe",
  scale: "clipboard-list",
  "review-scale": "user-check",
  "adverse-event": "triangle-alert",
  alertness: "user-check",
  "oxygen-target": "pencil",
  note: "clipboard-list",
  gate: "clipboard-list",
  decide: "pencil",
  "leaving-check": "clipboard-list",
  readiness: "clipboard-check",
  "wait-escort": "users",
  postpone: "clock",
  "hand-over": "users",
  cover: "hand",
  "cover-taken": "user-check",
  "cover-ended": "check",
  release: "door-open",
  "move-chair": "armchair",
  gap: "clock-alert",
  set: "activity",
  correction: "pencil",
  flag: "triangle-alert",
  taken: "user-check",
  resolved: "circle-check",
};

/**
 * Everything that happened, newest first.
 *
 * @returns {Array<{at: string, kind: string, text: string, by: string, late: boolean, corrected: boolean,
 *   enteredAt: string|null, priority: string|null}>} enteredAt: when it was charted, where that was later
 */
export function timelineEntries({ events, readings, flags }) {
  const entries = [
    ...events.map(entryOfEvent),
    ...readings.flatMap(entriesOfReading),
    ...flags.flatMap(entriesOfFlag),
  ];
  return entries
    .map((entry) => ({ late: false, corrected: false, priority: null, enteredAt: null, by: "", ...entry }))
    .sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
}

/** One version of what was charted: what replaced it strikes it through, and a correction says why. */
function entryOfEvent(event) {
  const error = event.status === "entered-in-error";
  const why = event.version > 1 ? ` (${error ? "entered in error" : "corrected"}: ${event.reason})` : "";
  return {
    ...event,
    text: event.text + why,
    enteredAt: event.late || event.version > 1 ? event.recorded_at : null,
    late: event.late,
    corrected: event.superseded || error,
  };
}

function entriesOfReading(reading) {
  if (reading.source !== "staff") return [];
  const entered = { enteredAt: reading.late ? reading.received_at : null, late: reading.late };
  if (reading.supersedes) {
    const text = `Set of ${clockTime(reading.measured_at)} corrected, ${reading.reason.toLowerCase()}: ${setWords(reading)}`;
    return [{ at: reading.received_at, kind: "correction", text, by: reading.recorded_by }];
  }
  const corrected = Boolean(reading.superseded_by);
  return [{ at: reading.measured_at, kind: "set", text: setWords(reading), by: reading.recorded_by, corrected, ...entered }];
}

/** What only waits for its re-check, or never was more, has no priority yet. */
function entriesOfFlag(flag) {
  const waits = !flag.late && !flag.activated_at;
  const words = waits ? { text: `Re-check: ${flag.text}` } : { text: flag.text, priority: flag.priority };
  const entries = [{ at: flag.opened_at, kind: "flag", late: Boolean(flag.late), ...words }];
  if (flag.acknowledged_at) {
    entries.push({ at: flag.acknowledged_at, kind: "taken", text: `${flag.action || "I'm on it"}: ${flag.text}`, by: flag.acknowledged_by });
  }
  if (flag.resolved_at) {
    const cause = flag.resolved_cause ? ` (${flag.resolved_cause})` : "";
    entries.push({ at: flag.resolved_at, kind: "resolved", text: `Resolved${cause}: ${flag.text}` });
  }
  return entries;
}

/** Draw the list; unchanged entries leave the page as it is. */
export function showTimeline(list, entries) {
  fill(list, entries, () => (entries.length ? entries.map(entryNode) : [el("li.quiet", {}, "Nothing charted yet.")]));
}

function entryNode(entry) {
  return el(
    "li.timeline-entry",
    { data: { kind: entry.kind } },
    el("time.timeline-time", { datetime: entry.at }, clockTime(entry.at)),
    icon(ICONS[entry.kind] ?? "circle"),
    el(
      "div",
      {},
      el(entry.corrected ? "p.superseded" : "p", {}, entry.priority && priorityWord(entry.priority), entry.text),
      el(
        "p.timeline-by",
        {},
        entry.by,
        entry.late && el("span.tag", {}, entry.enteredAt ? `late, entered ${clockTime(entry.enteredAt)}` : "late"),
        !entry.late && entry.enteredAt && el("span.tag", {}, `entered ${clockTime(entry.enteredAt)}`),
        entry.corrected && el("span.tag", {}, entry.status === "entered-in-error" ? "counts no more" : "corrected"),
      ),
    ),
  );
}

const priorityWord = (priority) => el("b", {}, `${priority[0].toUpperCase()}${priority.slice(1)}: `);
