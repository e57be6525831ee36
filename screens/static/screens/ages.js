/* How old a value is, and whether it may still look alive. Pure.

   A number is plain until its set is overdue (due time and grace), then grey and struck, and gone after three
   intervals. A vital that the due set does not need keeps looking alive until three intervals have passed. */

import { MINUTE_MS, time } from "./format.js";

const USUAL_INTERVAL_MIN = 15;
const USUAL_GRACE_MIN = 5;
const INTERVALS_UNTIL_GONE = 3;

const PARTS = { bp: ["systolic", "diastolic"] };

/** The newest value shown for `vital` ("bp" is systolic with diastolic) as {at, values} in ms, or null. */
export function latest(panel, vital) {
  const names = PARTS[vital] ?? [vital];
  const found = names.map((name) => panel.values[name] ?? null);
  const times = found.filter(Boolean).map((one) => time(one.at));
  if (times.length === 0) return null;
  // The halves of a pair may come in two rows: a pair is as old as its older half.
  return { at: Math.min(...times), values: found.map((one) => one?.value ?? null) };
}

/** Why `vital` could not be measured, when that is newer than its last value: {reason, at} or null. */
export function absence(panel, vital) {
  const names = PARTS[vital] ?? [vital];
  const said = names.map((name) => panel.absent?.[name]).find(Boolean);
  if (!said) return null;
  const at = time(said.at);
  const known = latest(panel, vital);
  return known && known.at > at ? null : { reason: said.reason, at };
}

/** "plain", "stale" or "gone" for `vital` at `now` (ms); `minutes` is the age, null when never measured. */
export function age(panel, vital, now) {
  const known = latest(panel, vital);
  if (known === null) return { look: "never", minutes: null, at: null };
  const minutes = Math.max(0, (now - known.at) / MINUTE_MS);
  return { look: look(panel, vital, minutes, now), minutes, at: known.at };
}

function look(panel, vital, minutes, now) {
  const due = panel.due;
  const interval = due?.every_min ?? USUAL_INTERVAL_MIN;
  if (minutes >= interval * INTERVALS_UNTIL_GONE) return "gone";
  if (due === null || due === undefined) return minutes >= interval + USUAL_GRACE_MIN ? "stale" : "plain";
  const needed = (PARTS[vital] ?? [vital]).some((name) => due.missing.includes(name));
  const before = now - minutes * MINUTE_MS < time(due.opens_at);
  return needed && before && now >= time(due.overdue_at) ? "stale" : "plain";
}

/** Minutes that the set has been overdue at `now`, or null while it is not. */
export function overdueMinutes(panel, now) {
  if (!panel.due || now < time(panel.due.overdue_at)) return null;
  return (now - time(panel.due.at)) / MINUTE_MS;
}
