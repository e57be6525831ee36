// Draws the figures that came with the page, each in its place.

import { Chart } from "./chart.js";
import { embedded } from "./dom.js";

const PAPER_PX = { width: 640 }; // A4 and Letter both leave this much between their margins and the card's edges

for (const node of document.querySelectorAll("[data-figure]")) {
  void new Chart(node, PAPER_PX).show(embedded(node.dataset.figure));
}
