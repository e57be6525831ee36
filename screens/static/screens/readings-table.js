// The chart's twin: the same values as a table, newest on top. Superseded versions stay, struck through.

import { clockTime } from "./clinic-clock.js";
import { el, fill } from "./dom.js";
import { iconOf } from "./flag-words.js";
import { number } from "./format.js";
import { icon } from "./icons.js";
import { ruleMet } from "./limits.js";
import { pressureWords, remarks } from "./set-words.js";
import { sedationWords } from "./vital-fields.js";

const STREAM_STEP_MS = 5 * 60_000;

/**
 * The rows worth a line: all that people charted and all with a remark, and of a streaming monitor one in
 * five minutes.
 *
 * @param {Array} readings any order
 * @returns {Array} newest first
 */
export function tableRows(readings, { every = false } = {}) {
  const newestFirst = [...readings].sort((a, b) => Date.parse(b.measured_at) - Date.parse(a.measured_at) || b.version - a.version);
  if (every) return newestFirst;
  let nextStream = Infinity;
  return newestFirst.filter((row) => {
    const at = Date.parse(row.measured_at);
    const spoken = row.source !== "device" || row.late || row.superseded_by || row.supersedes || remarks(row).length > 0;
    if (spoken) return true;
    if (at > nextStream) return false;
    nextStream = at - STREAM_STEP_MS;
    return true;
  });
}

/**
 * @param {HTMLElement} body the tbody
 * @param {{zeroAt: number|null, limits: Object, mayCorrect: boolean, correct: (row: Object) => void}} wiring
 */
export function showReadings(body, rows, { zeroAt, limits, mayCorrect, correct }) {
  fill(body, [rows, zeroAt], () => rows.map((row) => rowNode(row, { zeroAt, limits, mayCorrect, correct })));
}

function rowNode(row, { zeroAt, limits, mayCorrect, correct }) {
  const old = Boolean(row.superseded_by);
  const value = (vital) => valueCell(row, vital, limits);
  return el(
    old ? "tr.old-version" : "tr",
    {},
    el(
      "th",
      { scope: "row" },
      el("time", { datetime: row.measured_at }, clockTime(row.measured_at)),
      zeroAt !== null && el("span.since-dose", {}, sinceDose(row.measured_at, zeroAt)),
      !old && el("span.age", { data: { ageOf: row.measured_at } }),
    ),
    pressureCell(row, limits),
    value("mean"),
    value("heart_rate"),
    value("respiratory_rate"),
    value("spo2"),
    value("temperature"),
    value("etco2"),
    el("td", {}, struck(row, row.sedation === null || row.sedation === undefined ? null : sedationWords(row.sedation))),
    el("td", {}, row.recorded_by, row.source === "device" && el("span.quiet", {}, " (monitor)")),
    el("td.remarks", {}, remarkNodes(row)),
    el(
      "td.no-print",
      {},
      mayCorrect && !old && el("button.button.button-small", { type: "button", onclick: () => correct(row) }, icon("pencil"), "Correct"),
    ),
  );
}

function sinceDose(at, zeroAt) {
  const minutes = Math.round((Date.parse(at) - zeroAt) / 60_000);
  return `T${minutes < 0 ? "−" : "+"}${Math.abs(minutes)}`;
}

function pressureCell(row, limits) {
  const priority = strongest(row, ["systolic", "diastolic"], limits);
  return el("td.number", {}, marked(priority, struck(row, pressureWords(row))));
}

function valueCell(row, vital, limits) {
  const known = row[vital] !== null && row[vital] !== undefined;
  if (!known && row.doubtful?.[vital]) return el("td.number", {}, el("span.not-used", { title: row.doubtful[vital] }, "×"));
  return el("td.number", {}, marked(strongest(row, [vital], limits), struck(row, known ? number(row[vital]) : null)));
}

function strongest(row, vitals, limits) {
  if (row.superseded_by) return null;
  const met = vitals.map((vital) => (row[vital] === null || row[vital] === undefined ? null : ruleMet(vital, Number(row[vital]), limits)));
  const priorities = met.filter(Boolean).map((rule) => rule.priority);
  return ["high", "medium"].find((priority) => priorities.includes(priority)) ?? null;
}

/** A value outside a limit: bold, with the icon and the word of its priority. */
function marked(priority, content) {
  if (!priority || content === "—") return content;
  return el("span.outside", { data: { state: priority } }, iconOf(priority), el("span.said", {}, `${priority} limit: `), content);
}

function struck(row, words) {
  if (words === null) return "—";
  return row.superseded_by ? el("s.superseded", {}, words) : words;
}

function remarkNodes(row) {
  return [
    row.late && el("span.tag", {}, `late, received ${clockTime(row.received_at)}`),
    row.superseded_by && el("span.tag", {}, "replaced"),
    row.supersedes && el("span.tag", {}, `corrected: ${row.reason}`),
    ...remarks(row).map((words) => el("span.remark", {}, words)),
  ];
}
