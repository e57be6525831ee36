// NEWS2 as the server worked it out: the score with its seven inputs, or what is missing. Nothing is scored here, nothing
// is coloured: the bands are the Royal College's words, and a score is no flag.

import { take } from "./acts.js";
import { clockTime } from "./clinic-clock.js";
import { el, fill } from "./dom.js";
import { MINUTE_MS, ago } from "./format.js";
import { icon } from "./icons.js";

const ACT = { act: "alertness", label: "Chart alertness and oxygen", allowed: true };

/** "3 missing: air or oxygen, consciousness, temperature". */
const missingWords = (set) => `${set.missing.length} missing: ${set.missing.map(lowered).join(", ")}`;
const lowered = (label) => (label.startsWith("SpO") ? label : label.charAt(0).toLowerCase() + label.slice(1));
const aged = (set, now) => `${clockTime(set.at)}, ${ago((now - Date.parse(set.at)) / MINUTE_MS)}`;

/** "Clinical risk low–medium: 3 for systolic by itself". */
function riskWords(set) {
  const alone = set.threes.length ? `, 3 for ${set.threes.map(lowered).join(" and ")}` : "";
  return `clinical risk ${set.risk}${alone}`;
}

const minute = (now) => Math.floor(now / MINUTE_MS);
/** The session page's card. */
export function showNews2(node, detail, now, done) {
  const { news2, panel } = detail;
  fill(node, [news2, minute(now), panel?.values.sedation], () => {
    const { newest, last_complete: last } = news2;
    const whole = newest?.total !== null && newest !== null;
    return [
      el(
        "div.news2-head",
        {},
        el("h2", { id: "news2-title" }, "NEWS2"),
        news2.too_young
          ? el("p", {}, "Not scored: NEWS2 is for patients of 16 and over.")
          : el("p.news2-total", {}, el("b", {}, whole ? newest.total : "incomplete"), ` · ${headWords(newest, whole, now)}`),
        news2.charts &&
          el(
            "button.button.no-print",
            { type: "button", onclick: (event) => void chartAlertness(detail, now, event.currentTarget, done) },
            "Alertness and oxygen…",
          ),
      ),
      newest && el("ul.news2-parts", { "aria-label": "Inputs of the newest set" }, newest.parts.map(partNode)),
      newest?.remark && el("p.strong", {}, icon("triangle-alert"), ` ${newest.remark}`),
      last && el("p", {}, `Last complete score: ${last.total}, ${riskWords(last)}, at ${aged(last, now)}.`),
      el("p.news2-notes", {}, notesOf(news2).join(" · ")),
    ];
  });
}

function headWords(newest, whole, now) {
  if (!newest) return "nothing charted yet";
  return whole ? `${riskWords(newest)} · ${aged(newest, now)}` : `${missingWords(newest)} · ${aged(newest, now)}`;
}

function partNode({ label, words, points }) {
  const missing = words === null;
  return el(
    "li.news2-part",
    { data: { ...(missing && { missing: "" }), ...(points === 3 && { three: "" }) } },
    el("span.news2-label", {}, label),
    el("b", {}, missing ? "missing" : words),
    !missing && el("span.news2-points", {}, points === null ? "not scored" : `${points} ${points === 1 ? "point" : "points"}`),
  );
}

function notesOf(news2) {
  const counted = news2.newest?.dissociation_counts_as_confusion ?? news2.dissociation_counts_as_confusion;
  return [
    "All seven within 5 minutes, else no score",
    `SpO₂ scale ${news2.spo2_scale}${news2.scale_signed_by ? ` (88–92 %), signed by ${news2.scale_signed_by}` : ""}`,
    `Expected dissociation counts as new confusion: ${counted ? "yes" : "no"} (the clinic’s setting)`,
    "Consciousness as charted, never from MOAA/S",
    "Read beside the clinic’s limits; it raises no flag",
    news2.not_for,
    news2.acknowledged,
  ];
}

/** The bedside's one line: the score, or what it lacks. */
export function showNews2Line(node, detail, now) {
  const { news2 } = detail;
  fill(node, [news2, minute(now)], () => {
    if (news2.too_young) return [];
    const { newest, last_complete: last } = news2;
    const whole = newest !== null && newest.total !== null;
    const before = last ? ` · last ${last.total} at ${clockTime(last.at)}` : "";
    const words = newest === null ? "nothing charted yet" : whole ? `${riskWords(newest)} · ${clockTime(newest.at)}` : missingWords(newest) + before;
    return [el("b", {}, `NEWS2 ${whole ? newest.total : "incomplete"}`), ` · ${words}`];
  });
}

/** Ask for alertness and oxygen; `done` takes the session's new detail. */
export const chartAlertness = (detail, now, button, done) => take(ACT, { ...detail, now }, { button, done, failed: () => {} });
