// A dialog over the page: a title, what it asks, Back. Escape closes it, and a closed one leaves the page.

import { el, whileInert } from "./dom.js";

/**
 * Open it; the focus goes to its first control, and back to where it was when it closes.
 *
 * @param {string} name its class
 * @param {string} title
 * @param {Array} content
 * @param {{send: string, submit: () => Promise<void>}|null} form the words of its dark button and what that does
 * @returns {HTMLDialogElement}
 */
export function openDialog(name, title, content, form = null) {
  const back = el("button.button", { type: "button", onclick: () => dialog.close() }, "Back");
  const send = form && el("button.button.button-primary", { type: "submit" }, form.send);
  const parts = [el("h2", { id: "dialog-title" }, title), content, el("div.row.dialog-buttons", {}, back, send)];
  const submit = (event) => {
    event.preventDefault();
    void whileInert(send, form.submit);
  };
  const dialog = el(
    `dialog.${name}`,
    { "aria-labelledby": "dialog-title", onclose: () => dialog.remove() },
    form ? el("form.stack", { method: "dialog", novalidate: true, onsubmit: submit }, parts) : el("div.stack", {}, parts),
  );
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
