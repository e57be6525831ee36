// The dose as charted: how much is calculated to have run by now, at what rate, until when. We chart, we drive no pump.

import { clockTime } from "./clinic-clock.js";
import { MINUTE_MS } from "./format.js";
import { el, fill } from "./parts.js";

/**
 * What the screen says of the dose: [name, words] rows; empty before the first dose.
 *
 * @param {Object} session the detail; its `dose` holds dose_mg, concentration_mg_per_ml, planned_devices,
 *   devices_given, paused_s and held_at
 */
export function doseRows(session, now) {
  if (!session.dose_started_at) return [];
  const { dose } = session;
  const given = session.protocol.route === "nasal" ? nasalRows(session, dose) : infusionRows(session, dose, now);
  return [...given, ["Earliest release", clockTime(session.earliest_release_at ?? session.window_ends_at)]];
}

function nasalRows(session, dose) {
  return [
    ["Devices given", `${dose.devices_given} of ${dose.planned_devices}`],
    ["Planned", `${Number(dose.dose_mg)} mg`],
    session.dose_ended_at ? ["Last device", clockTime(session.dose_ended_at)] : ["First device", clockTime(session.dose_started_at)],
  ];
}

function infusionRows(session, dose, now) {
  const whole = Number(dose.dose_mg);
  const start = Date.parse(session.dose_started_at);
  const planned = Date.parse(session.planned_end_at);
  const pausedMs = (dose.paused_s ?? 0) * 1000;
  // A resume moves the planned end by the pause, so the running time is what lies between without it.
  const runningMs = planned - start - pausedMs;
  const until = Math.min(session.dose_ended_at ? Date.parse(session.dose_ended_at) : now, dose.held_at ? Date.parse(dose.held_at) : Infinity);
  const share = runningMs > 0 ? Math.min(1, Math.max(0, (until - start - pausedMs) / runningMs)) : 1;
  const concentration = Number(dose.concentration_mg_per_ml);
  const rows = [["Calculated", `${Math.round(whole * share)} of ${whole} mg`]];
  if (concentration > 0 && runningMs > 0 && !session.dose_ended_at) {
    const mlPerHour = whole / concentration / (runningMs / (60 * MINUTE_MS));
    rows.push(["Rate", dose.held_at ? "paused" : `${mlPerHour.toFixed(1)} mL/h`]);
  }
  rows.push(session.dose_ended_at ? ["Ended", clockTime(session.dose_ended_at)] : ["Planned end", clockTime(planned)]);
  return rows;
}

export function showDose(node, session, now) {
  const rows = doseRows(session, now);
  fill(node, rows, () => rows.map(([name, words]) => el("div.dose-row", {}, el("span", {}, name), el("b", {}, words))));
}
