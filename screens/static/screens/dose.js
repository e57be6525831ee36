// The dose as charted: how much is calculated to have run by now, at what rate, until when. We chart, we drive no pump.

import { clockTime } from "./clinic-clock.js";
import { el, fill } from "./dom.js";

/**
 * What the screen says of the dose: [name, words] rows; empty before the first dose.
 *
 * @param {Object} session the detail; its `dose` holds planned_mg, calculated_mg, rate_ml_per_h, paused_s,
 *   planned_devices and devices_given
 */
function doseRows(session, now) {
  if (!session.dose_started_at) return [];
  const { dose } = session;
  const given = session.protocol.route === "nasal" ? nasalRows(session, dose) : infusionRows(session, dose, now);
  return [...given, ["Earliest release", clockTime(session.earliest_release_at ?? session.window_ends_at)]];
}

function nasalRows(session, dose) {
  return [
    ["Devices given", `${dose.devices_given} of ${dose.planned_devices}`],
    ["Planned", `${Number(dose.planned_mg)} mg`],
    session.dose_ended_at ? ["Last device", clockTime(session.dose_ended_at)] : ["First device", clockTime(session.dose_started_at)],
  ];
}

function infusionRows(session, dose, now) {
  const running = session.state === "dosing";
  const decimals = Number.isInteger(dose.planned_mg) ? 0 : 1; // 38.5 of 38.5, never 39 of 38.5
  const rows = [["Calculated", `${calculatedMg(session, dose, now).toFixed(decimals)} of ${dose.planned_mg} mg`]];
  if (running && dose.rate_ml_per_h) rows.push(["Rate", `${dose.rate_ml_per_h.toFixed(1)} mL/h`]);
  if (session.state === "held") rows.push(["Rate", "paused"]);
  rows.push(session.dose_ended_at ? ["Ended", clockTime(session.dose_ended_at)] : ["Planned end", clockTime(session.planned_end_at)]);
  return rows;
}

/** While the infusion runs the amount moves on from the server's formula; else the server's own figure stands. */
function calculatedMg(session, dose, now) {
  if (session.state !== "dosing") return dose.calculated_mg ?? 0;
  const wholeMs = Date.parse(session.planned_end_at) - Date.parse(session.dose_started_at);
  const ranMs = now - Date.parse(session.dose_started_at) - dose.paused_s * 1000;
  // A resume moved the planned end by the pause: what runs is the time between without it.
  const share = ranMs / (wholeMs - dose.paused_s * 1000);
  return dose.planned_mg * Math.min(1, Math.max(0, share));
}

export function showDose(node, session, now) {
  const rows = doseRows(session, now);
  fill(node, rows, () => rows.map(([name, words]) => el("div.dose-row", {}, el("span", {}, name), el("b", {}, words))));
}
