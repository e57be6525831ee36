/* Systolic from the baseline to the end of the window, as inline SVG: the clinic's limit band grey, T+40 dashed,
   the end of the window solid, a mark for each dose, and faint behind it the typical range in published groups.
   Read by eye only; the numbers stand beside it. */

import { fill, setAttribute, svg } from "./dom.js";
import { MINUTE_MS, time } from "./format.js";

const WIDTH = 400;
const HEIGHT = 60;
const EDGE = 9;
const USUAL_WINDOW_MIN = 120;
const LOWEST_SHOWN = 100;
const HIGHEST_SHOWN = 172;
const CHECK_AFTER_DOSE_MIN = 40;

/**
 * Where everything of `panel` lies, in minutes since watched_from and mmHg. `band` is [low|null, high|null], `typical` the
 * route's response: its words, and rows of [minute since the dose, mean, low|null, high|null], changes from baseline.
 */
export function layout(panel, band, typical) {
  const from = time(panel.watched_from);
  const since = (iso) => (iso && from !== null ? (time(iso) - from) / MINUTE_MS : null);
  const dose = since(panel.dose_started_at);
  const end = since(panel.window_ends_at);
  const points = panel.trace;
  const lastMinute = points.length ? points[points.length - 1][0] : 0;
  const systolic = points.map((point) => point[1]);
  const until = Math.max((end ?? (dose ?? 0) + USUAL_WINDOW_MIN) * 1.04, lastMinute * 1.02, 1);
  return {
    points,
    doses: panel.doses,
    check: dose === null ? null : dose + CHECK_AFTER_DOSE_MIN,
    end,
    until,
    typical: typicalOf(panel.baseline?.systolic, dose, typical?.rows, until),
    low: Math.min(LOWEST_SHOWN, ...systolic),
    high: Math.max(HIGHEST_SHOWN, ...systolic),
    band: band ?? [null, null],
  };
}

/** The typical response around a patient's own baseline; nothing without one, nor before the dose: no guess. */
function typicalOf(baseline, dose, rows, until) {
  if (baseline === null || baseline === undefined || dose === null || !rows) return [];
  const around = (change) => (change === null ? null : baseline + change);
  return rows
    .filter(([minute]) => dose + minute <= until)
    .map(([minute, mean, low, high]) => ({ minute: dose + minute, mean: around(mean), low: around(low), high: around(high) }));
}

export function makeSparkline() {
  return svg("svg", {
    class: "spark",
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    preserveAspectRatio: "none",
    "aria-hidden": "true",
  });
}

/** Draw `panel` on `node`, anew only when its trace, window, doses, band or baseline changed; true with a typical range. */
export function updateSparkline(node, panel, { band, typical }, stale) {
  setAttribute(node, "data-look", stale ? "stale" : "plain");
  const where = layout(panel, band, typical);
  fill(node, where, () => marks(where));
  return where.typical.length > 0;
}

function marks(where) {
  const x = (minute) => (EDGE + (Math.max(minute, 0) / where.until) * (WIDTH - 2 * EDGE)).toFixed(1);
  const y = (value) => (HEIGHT - EDGE - ((value - where.low) / (where.high - where.low)) * (HEIGHT - 2 * EDGE)).toFixed(1);
  const upright = (minute, name) =>
    svg("line", { class: name, x1: x(minute), x2: x(minute), y1: 0, y2: HEIGHT, "vector-effect": "non-scaling-stroke" });
  const [low, high] = where.band;
  const top = high === null ? 0 : Number(y(high));
  const bottom = low === null ? HEIGHT : Number(y(low));
  const band = svg("rect", { class: "spark-band", x: 0, width: WIDTH, y: top, height: Math.max(0, bottom - top) });
  const drawn = [band, ...typicalMarks(where.typical, x, y)];
  if (where.check !== null) drawn.push(upright(where.check, "spark-check"));
  if (where.end !== null) drawn.push(upright(where.end, "spark-end"));
  for (const minute of where.doses) {
    drawn.push(svg("path", { class: "spark-dose", d: `M${x(minute)} ${HEIGHT}v-13`, "vector-effect": "non-scaling-stroke" }));
  }
  if (where.points.length) {
    const path = where.points.map(([minute, value], index) => `${index ? "L" : "M"}${x(minute)} ${y(value)}`).join("");
    const [minute, value] = where.points[where.points.length - 1];
    // A line of no length with round ends stays a round dot however the picture is stretched.
    const dot = `M${x(minute)} ${y(value)}h0.01`;
    drawn.push(svg("path", { class: "spark-line", d: path, "vector-effect": "non-scaling-stroke" }));
    drawn.push(svg("path", { class: "spark-now", d: dot, "vector-effect": "non-scaling-stroke" }));
  }
  return drawn;
}

/** The typical range between two faint edges; where no spread is published, the mean alone. */
function typicalMarks(points, x, y) {
  if (!points.length) return [];
  const path = (some, value) => some.map((point, index) => `${index ? "L" : "M"}${x(point.minute)} ${y(value(point))}`).join("");
  const line = (name, d) => svg("path", { class: name, d, "vector-effect": "non-scaling-stroke" });
  if (points.some(({ low, high }) => low === null || high === null)) return [line("spark-typical-mean", path(points, (point) => point.mean))];
  const upper = path(points, (point) => point.high);
  const lower = path([...points].reverse(), (point) => point.low).replace("M", "L");
  return [line("spark-typical", `${upper}${lower}Z`)];
}
