/* Systolic from the baseline to the end of the window, as inline SVG: the clinic's limit band grey, T+40 dashed,
   the end of the window solid, a mark for each dose. Read by eye only; the numbers stand beside it. */

import { fill, setAttribute, svg } from "./dom.js";
import { MINUTE_MS, time } from "./format.js";

const WIDTH = 400;
const HEIGHT = 60;
const EDGE = 9;
const USUAL_WINDOW_MIN = 120;
const LOWEST_SHOWN = 100;
const HIGHEST_SHOWN = 172;
const CHECK_AFTER_DOSE_MIN = 40;

/** Where everything of `panel` lies, in minutes since watched_from and mmHg. `band` is [low|null, high|null]. */
export function layout(panel, band) {
  const from = time(panel.watched_from);
  const since = (iso) => (iso && from !== null ? (time(iso) - from) / MINUTE_MS : null);
  const dose = since(panel.dose_started_at);
  const end = since(panel.window_ends_at);
  const points = panel.trace;
  const lastMinute = points.length ? points[points.length - 1][0] : 0;
  const systolic = points.map((point) => point[1]);
  return {
    points,
    doses: panel.doses,
    check: dose === null ? null : dose + CHECK_AFTER_DOSE_MIN,
    end,
    until: Math.max((end ?? (dose ?? 0) + USUAL_WINDOW_MIN) * 1.04, lastMinute * 1.02, 1),
    low: Math.min(LOWEST_SHOWN, ...systolic),
    high: Math.max(HIGHEST_SHOWN, ...systolic),
    band: band ?? [null, null],
  };
}

export function makeSparkline() {
  return svg("svg", {
    class: "spark",
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    preserveAspectRatio: "none",
    "aria-hidden": "true",
  });
}

/** Draw `panel` on `node`; drawn anew only when its trace, window, doses or band changed. */
export function updateSparkline(node, panel, band, stale) {
  setAttribute(node, "data-look", stale ? "stale" : "plain");
  const where = layout(panel, band);
  fill(node, where, () => marks(where));
}

function marks(where) {
  const x = (minute) => (EDGE + (Math.max(minute, 0) / where.until) * (WIDTH - 2 * EDGE)).toFixed(1);
  const y = (value) => (HEIGHT - EDGE - ((value - where.low) / (where.high - where.low)) * (HEIGHT - 2 * EDGE)).toFixed(1);
  const upright = (minute, name) =>
    svg("line", { class: name, x1: x(minute), x2: x(minute), y1: 0, y2: HEIGHT, "vector-effect": "non-scaling-stroke" });
  const [low, high] = where.band;
  const top = high === null ? 0 : Number(y(high));
  const bottom = low === null ? HEIGHT : Number(y(low));
  const drawn = [svg("rect", { class: "spark-band", x: 0, width: WIDTH, y: top, height: Math.max(0, bottom - top) })];
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
