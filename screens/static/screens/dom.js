/* Small pieces for making elements and for touching only what changed. */

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) setAttribute(node, name, value);
  node.append(...children);
  return node;
}

/** An HTML element; attributes of null or false are left out, children may be nodes or strings. */
export const el = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);

/** The same for SVG. */
export const svg = (tag, attributes = {}, ...children) =>
  fill(document.createElementNS(SVG, tag), attributes, children);

/** Set, or with null or false remove, an attribute; nothing is touched when it already reads so. */
export function setAttribute(node, name, value) {
  if (value === null || value === undefined || value === false) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
  } else {
    const text = value === true ? "" : String(value);
    if (node.getAttribute(name) !== text) node.setAttribute(name, text);
  }
}

export function setHidden(node, hidden) {
  if (node.hidden !== hidden) node.hidden = hidden;
}

const wordsOf = new WeakMap();

/** Plain text into `node`, with the 2 of SpO2 lowered by the type's own means; nothing is touched when the words are the same. */
export function setWords(node, words) {
  if (wordsOf.get(node) === words) return;
  wordsOf.set(node, words);
  const parts = words.split(/SpO[2₂]/);
  node.replaceChildren(
    ...parts.flatMap((part, index) => (index === 0 ? [part] : ["SpO", el("sub", {}, "2"), part])).filter((part) => part !== ""),
  );
}

const keyOf = new WeakMap();

/** Replace the children of `node` with `make()` when `key` differs from the last call's. */
export function setKeyed(node, key, make) {
  if (keyOf.get(node) === key) return;
  keyOf.set(node, key);
  node.replaceChildren(...make());
}
