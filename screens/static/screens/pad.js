// The number pad. Its keys never take the focus: what is typed goes to the field that has it.

import { el } from "./dom.js";

const DIGITS = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

/**
 * Build the twelve keys into `node`.
 *
 * @param {(key: string) => void} pressed a digit, "." , "delete" or "next"
 */
export function buildPad(node, pressed) {
  const key = (name, words, classes = "") =>
    el(`button.pad-key${classes}`, { type: "button", tabindex: "-1", data: { key: name }, onclick: () => pressed(name) }, words);
  node.addEventListener("pointerdown", (event) => event.preventDefault());
  node.append(
    ...DIGITS.map((digit) => key(digit, digit)),
    key("delete", "Delete", ".pad-word"),
    key("0", "0"),
    key("next", "Next", ".pad-word"),
  );
}
