// Hands the server's figure to Plotly. The figure names colours as custom properties of the stylesheet;
// here they become the values of day, night or paper.

import { readJson } from "./api.js";

const CONFIG = { displayModeBar: false, displaylogo: false, responsive: true };
const ROOM_FOR_NAMES_PX = 560; // in less, what lies behind the curve is named by the legend alone
const PAPER_PX = { width: 690, height: 560 }; // A4 and Letter both leave this much between their margins

export class SessionChart {
  #node;
  #url;
  #figure = null;
  #screenTheme = null; // set only while printing

  constructor(node, url) {
    this.#node = node;
    this.#url = url;
    const root = document.documentElement;
    const redraw = () => this.#screenTheme === null && void this.#draw();
    new MutationObserver(redraw).observe(root, { attributeFilter: ["data-theme"] });
    addEventListener("beforeprint", () => {
      this.#screenTheme = root.dataset.theme;
      root.dataset.theme = "day";
      void this.#draw(PAPER_PX);
    });
    addEventListener("afterprint", () => {
      root.dataset.theme = this.#screenTheme;
      this.#screenTheme = null;
      void this.#draw();
    });
  }

  async refresh() {
    this.#figure = await readJson(this.#url);
    await this.#draw();
  }

  async #draw(size = {}) {
    if (!this.#figure || !window.Plotly) return;
    const properties = getComputedStyle(document.documentElement);
    const { data, layout } = withValues(this.#figure, (name) => properties.getPropertyValue(name).trim());
    const wide = (size.width ?? this.#node.clientWidth) >= ROOM_FOR_NAMES_PX;
    const annotations = layout.annotations?.filter(({ name }) => wide || name !== "typical");
    await window.Plotly.react(this.#node, data, { ...layout, annotations, ...size }, CONFIG);
  }
}

/** The same figure with each "var(--name)" replaced by what it stands for. */
function withValues(part, read) {
  if (typeof part === "string") return part.startsWith("var(") ? read(part.slice(4, -1)) : part;
  if (Array.isArray(part)) return part.map((item) => withValues(item, read));
  if (part === null || typeof part !== "object") return part;
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, withValues(value, read)]));
}
