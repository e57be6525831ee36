// Parts of a page built from data, with their listeners. Text is always a text node, so what people wrote
// is never markup.

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
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "data") Object.assign(node.dataset, value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
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
  node.replaceChildren(...[build()].flat(Infinity).filter(Boolean));
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
