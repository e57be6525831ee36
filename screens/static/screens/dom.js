/* Elements made from data, and touched only where they changed. Text is always a text node, so what people wrote is
   never markup. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make one element.
 *
 * @param {string} name tag, with classes after dots: "li.entry.late"
 * @param {Object} attributes `on…` listeners, `data` an object of data attributes, true for a bare
 *   attribute; null, undefined and false leave one out
 * @param {...(Node|string|null|false|Array)} children
 */
export function el(name, attributes = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const node = document.createElement(tag);
  if (classes.length) node.classList.add(...classes);
  return furnish(node, attributes, children);
}

/** The same for SVG; a tag without classes. */
export const svg = (tag, attributes = {}, ...children) => furnish(document.createElementNS(SVG, tag), attributes, children);

function furnish(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "data") Object.assign(node.dataset, value);
    else setAttribute(node, key, value);
  }
  node.append(...drawn(children));
  return node;
}

const drawn = (children) => children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);

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

const shown = new WeakMap();

/**
 * Replace what a node holds, only when its data changed: a finger may rest on a button in it, and a
 * button replaced between press and release takes no click.
 */
export function fill(node, data, build) {
  const key = JSON.stringify(data);
  if (shown.get(node) === key) return;
  shown.set(node, key);
  node.replaceChildren(...drawn([build()]));
}

/** Run one act of a button; it is inert until the act ends, so a second tap sends nothing. */
export async function whileInert(button, act) {
  if (button.getAttribute("aria-busy") === "true") return undefined;
  button.setAttribute("aria-busy", "true");
  try {
    return await act();
  } finally {
    button.removeAttribute("aria-busy");
  }
}

/** The JSON a template wrote with `json_script`, or null where the page came without. */
export function embedded(id) {
  const node = document.getElementById(id);
  return node ? JSON.parse(node.textContent) : null;
}
