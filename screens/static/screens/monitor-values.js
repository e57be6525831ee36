// Taking over what the bedside monitor has already sent: which values are fresh, and how they are charted.

const STREAMED_FRESH_MS = 3 * 60_000;
const PRESSURE_FRESH_MS = 10 * 60_000; // a cuff measures by its interval, not by the second
const SAME_MOMENT_MS = 60_000;
const PRESSURES = ["systolic", "diastolic", "mean"];
const TAKEN = [...PRESSURES, "heart_rate", "respiratory_rate", "spo2", "temperature", "etco2"];

/**
 * The monitor's newest value of each vital that is fresh enough to be charted as this set. A vital that
 * somebody has charted since is left out.
 *
 * @param {Array} readings rows of the readings list, any order
 * @param {number} now milliseconds
 * @returns {Object<string, {value: number, at: string}>}
 */
export function freshFromMonitor(readings, now) {
  const found = {};
  for (const vital of TAKEN) {
    const newest = newestOf(vital, readings);
    if (newest?.source !== "device") continue;
    const age = now - Date.parse(newest.measured_at);
    const limit = PRESSURES.includes(vital) ? PRESSURE_FRESH_MS : STREAMED_FRESH_MS;
    if (age >= 0 && age <= limit) found[vital] = { value: Number(newest[vital]), at: newest.measured_at };
  }
  // A mean belongs to the pressures it was measured with.
  if (!found.systolic || !found.diastolic) delete found.mean;
  return found;
}

function newestOf(vital, readings) {
  let newest = null;
  for (const row of readings) {
    if (row.superseded_by || row[vital] === null || row[vital] === undefined) continue;
    const laterMs = newest === null ? Infinity : Date.parse(row.measured_at) - Date.parse(newest.measured_at);
    // Of one moment, what a person charted stands before what the monitor sent.
    if (laterMs > 0 || (laterMs === 0 && row.source === "staff")) newest = row;
  }
  return newest;
}

/**
 * Part taken values into those charted at the set's time and those that keep the monitor's moment.
 *
 * A value moves by less than a minute or not at all: at a later moment one measurement would count as
 * two, and confirm itself.
 *
 * @param {Object<string, {value: number, at: string}>} taken
 * @param {number} setAt milliseconds
 * @returns {{together: Object<string, number>, apart: Object<string, Object<string, number>>}} apart: by moment
 */
export function partByMoment(taken, setAt) {
  const together = {};
  const apart = {};
  for (const [vital, { value, at }] of Object.entries(taken)) {
    if (Math.abs(setAt - Date.parse(at)) < SAME_MOMENT_MS) together[vital] = value;
    else (apart[at] ??= {})[vital] = value;
  }
  return { together, apart };
}
