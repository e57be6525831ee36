/* Icons of the vendored sprite, as elements. */

const SVG = "http://www.w3.org/2000/svg";
const sprite = document.querySelector('meta[name="icons"]')?.content ?? "";

/** The icon `name` of the sprite as an <svg>; `filled` paints its inside. Never read aloud: words stand beside it. */
export function icon(name, { filled = false } = {}) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", filled ? "icon icon-filled" : "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
}
