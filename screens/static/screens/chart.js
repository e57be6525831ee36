// Hands the server's figure to Plotly. The figure names colours as custom properties of the stylesheet;
// here they become the values of day, night or paper.

import { readJson } from "./api.js";

const CONFIG = { displayModeBar: false, displaylogo: false, responsive: true };
const ROOM_FOR_NAMES_PX = 560; // in less, what lies behind the curve is named by the legend alone
const PAPER_PX = { width: 690, height: 560 }; // A4 and Letter both leave this much between their margins

/** Every chart of the page, so that paper and day and night come to all of them at once. */
const charts = new Set();
let screenTheme = null; // set only while printing

/** A figure in its place; `paper` is its size on paper, in px. */
export class Chart {
  #node;
  #paper;
  #figure = null;

  constructor(node, paper) {
    this.#node = node;
    this.#paper = paper;
    charts.add(this);
  }

  async show(figure) {
    this.#figure = figure;
    await this.redraw();
  }

  async redraw() {
    if (!this.#figure || !window.Plotly) return;
    const properties = getComputedStyle(document.documentElement);
    const { data, layout } = withValues(this.#figure, (name) => properties.getPropertyValue(name).trim());
    const size = screenTheme === null ? {} : this.#paper;
    const wide = (size.width ?? this.#node.clientWidth) >= ROOM_FOR_NAMES_PX;
    const annotations = layout.annotations?.filter(({ name }) => wide || name !== "typical");
    await window.Plotly.react(this.#node, data, { ...layout, annotations, ...size }, CONFIG);
  }
}

/** The chart of one session, drawn by the server. */
export class SessionChart extends Chart {
  #url;

  constructor(node, url) {
    super(node, PAPER_PX);
    this.#url = url;
  }

  async refresh() {
    await this.show(await readJson(this.#url));
  }
}

const root = document.documentElement;
const redrawAll = () => charts.forEach((chart) => void chart.redraw());
new MutationObserver(() => screenTheme === null && redrawAll()).observe(root, { attributeFilter: ["data-theme"] });
addEventListener("beforeprint", () => {
  screenTheme = root.dataset.theme;
  root.dataset.theme = "day";
  redrawAll();
});
addEventListener("afterprint", () => {
  root.dataset.theme = screenTheme;
  screenTheme = null;
  redrawAll();
});

/** The same figure with each "var(--name)" replaced by what it stands for. */
function withValues(part, read) {
  if (typeof part === "string") return part.startsWith("var(") ? read(part.slice(4, -1)) : part;
  if (Array.isArray(part)) return part.map((item) => withValues(item, read));
  if (part === null || typeof part !== "object") return part;
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, withValues(value, read)]));
}
