// The dose as charted: how much is calculated to have run by now, at what rate, until when. We chart, we drive no pump.

import { clockTime } from "./clinic-clock.js";
import { el, fill } from "./dom.js";

const HOUR_MS = 3_600_000;

/**
 * What the screen says of the dose: [name, words] rows; empty before the first dose.
 *
 * @param {Object} session the detail; its `dose` holds planned_mg, calculated_mg, flows, boluses, rate_ml_per_h,
 *   rate_mg_per_h, planned_devices, devices_given and rest_until
 */
function doseRows(session, now) {
  if (!session.dose_started_at) return [];
  const { dose } = session;
  const given = session.protocol.route === "nasal" ? nasalRows(session, dose, now) : infusionRows(session, dose, now);
  return [...given, ["Earliest release", clockTime(session.earliest_release_at ?? session.window_ends_at)]];
}

function nasalRows(session, dose, now) {
  const rests = session.state === "dosing" && dose.rest_until && Date.parse(dose.rest_until) - now;
  return [
    ["Devices given", `${dose.devices_given} of ${dose.planned_devices}`],
    ["Planned", `${Number(dose.planned_mg)} mg`],
    rests > 0 && ["Rest before the next", `${minutesAndSeconds(rests)} until ${clockTime(dose.rest_until)}`],
    rests <= 0 && rests !== false && rests !== null && ["Next device", "rest is over"],
    session.dose_ended_at ? ["Last device", clockTime(session.dose_ended_at)] : ["First device", clockTime(session.dose_started_at)],
  ].filter(Boolean);
}

const minutesAndSeconds = (ms) => `${Math.floor(ms / 60_000)}:${String(Math.floor((ms % 60_000) / 1000)).padStart(2, "0")} min`;

function infusionRows(session, dose, now) {
  const decimals = Number.isInteger(dose.planned_mg) ? 0 : 1; // 38.5 of 38.5, never 39 of 38.5
  const given = givenMg(dose, now);
  const rows = [["Calculated", `${given.toFixed(decimals)} of ${dose.planned_mg} mg`]];
  if (!session.dose_ended_at) rows.push(["Remaining", `${Math.max(0, dose.planned_mg - given).toFixed(decimals)} mg`]);
  if (session.state === "held") rows.push(["Rate", "paused"]);
  else if (dose.rate_mg_per_h) rows.push(["Rate", dose.rate_ml_per_h ? `${dose.rate_ml_per_h.toFixed(1)} mL/h` : `${dose.rate_mg_per_h} mg/h`]);
  rows.push(session.dose_ended_at ? ["Ended", clockTime(session.dose_ended_at)] : ["Planned end", clockTime(session.planned_end_at)]);
  return rows;
}

/** The sum that the server makes, moved on to now: every stretch at its rate, up to what was ordered, and the boluses. */
function givenMg(dose, now) {
  const boluses = dose.boluses.reduce((sum, bolus) => sum + bolus.mg, 0);
  const run = dose.flows.reduce((sum, flow) => {
    const until = Math.min(now, flow.until ? Date.parse(flow.until) : now);
    return sum + (Math.max(0, until - Date.parse(flow.from)) / HOUR_MS) * flow.mg_per_h;
  }, 0);
  const had = dose.boluses.filter(({ at }) => Date.parse(at) <= now).reduce((sum, bolus) => sum + bolus.mg, 0);
  return Math.min(run, dose.planned_mg - boluses) + had;
}

export function showDose(node, session, now) {
  const rows = doseRows(session, now);
  fill(node, rows, () => rows.map(([name, words]) => el("div.dose-row", {}, el("span", {}, name), el("b", {}, words))));
}
