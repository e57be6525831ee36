// The step that is due at this chair: label, when, its window counted from the dose, what it still lacks.

import { clockTime } from "./clinic-clock.js";
import { el, fill } from "./dom.js";
import { MINUTE_MS, span } from "./format.js";
import { mayPostpone, postponedWords } from "./postpone.js";
import { dueNow, makeRing, updateRing } from "./ring.js";
import { VITALS } from "./vital-fields.js";

/** "in 2 min", "due now", "overdue 6 min". */
export function dueWords(due, now) {
  const state = dueNow(due, now);
  if (state.phase === "waiting") return `in ${span(state.minutes)}`;
  if (state.phase === "due") return "due now";
  return `overdue ${span(state.minutes)}`;
}

/** `postpone` is what the button for it does; without one there is no button. */
export function showDue(node, panel, session, now, postpone = null) {
  const due = panel?.due ?? null;
  const state = due && dueNow(due, now);
  const since = session.dose_started_at && Math.floor((now - Date.parse(session.dose_started_at)) / MINUTE_MS);
  node.dataset.phase = state?.phase ?? "none";
  const later = due && postpone && mayPostpone(due, now);
  fill(node, [due, state?.phase, state?.minutes, since, later], () => {
    if (!due) return [el("p", {}, "No set is due.")];
    const ring = makeRing();
    updateRing(ring, state);
    return [
      el("div.due-ring", {}, ring, typeof since === "number" && el("span", {}, sinceDose(since))),
      el(
        "div.due-words",
        {},
        el("p.due-when", {}, el("b", {}, due.label), el("span.due-phase", {}, dueWords(due, now))),
        el("p", {}, `${clockTime(due.at)}, window `, el("span.nowrap", {}, windowWords(due, session))),
        due.missing.length > 0 && el("p.due-missing", {}, `needs ${missingWords(due.missing)}`),
        due.postponed && el("p.due-postponed", {}, postponedWords(due)),
      ),
      later && el("button.button.due-later", { type: "button", onclick: () => postpone(due) }, "5 min later…"),
    ];
  });
}

/** "T+25–35"; "T−10 to T+20" where it opens before the dose; by the clock as long as there is none. */
function windowWords(due, session) {
  if (!session.dose_started_at) return `${clockTime(due.opens_at)}–${clockTime(due.closes_at)}`;
  const minute = (at) => Math.round((Date.parse(at) - Date.parse(session.dose_started_at)) / MINUTE_MS);
  const [opens, closes] = [minute(due.opens_at), minute(due.closes_at)];
  return opens < 0 ? `${sinceDose(opens)} to ${sinceDose(closes)}` : `T+${opens}–${closes}`;
}

const sinceDose = (minutes) => (minutes < 0 ? `T−${-minutes}` : `T+${minutes}`);

function missingWords(missing) {
  if (FULL_SET.every((vital) => missing.includes(vital))) return "the full set";
  const pressures = missing.includes("systolic") && missing.includes("diastolic");
  const others = missing.filter((vital) => !(pressures && ["systolic", "diastolic"].includes(vital)));
  const words = [pressures && "BP", ...others.map((vital) => (vital === "sedation" ? "sedation" : VITALS[vital].name))].filter(Boolean);
  return words.join(", ");
}

const FULL_SET = ["systolic", "diastolic", "heart_rate", "respiratory_rate", "spo2", "sedation"];
