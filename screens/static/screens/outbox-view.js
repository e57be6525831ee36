// "All sent", or loudly what is not: how many, at which chairs, and why.

import { clockTime } from "./clinic-clock.js";
import { openDialog } from "./dialog.js";
import { el, fill } from "./dom.js";
import { icon } from "./icons.js";
import { setWords } from "./set-words.js";

export function showOutbox(button, entries, { author, drop }) {
  const refused = entries.filter((entry) => entry.refusal);
  button.dataset.unsent = entries.length;
  button.dataset.state = refused.length ? "refused" : entries.length ? "unsent" : "sent";
  button.onclick = entries.length ? () => openOutbox(entries, { author, drop }) : null;
  fill(button, entries, () => {
    if (!entries.length) return [icon("check"), "All sent"];
    const chairs = [...new Set(entries.map((entry) => entry.chair))].join(", ");
    const words = refused.length ? `${refused.length} refused` : `${entries.length} not yet sent`;
    return [icon("triangle-alert"), el("span", {}, el("b", {}, words), el("span.nowrap", {}, ` chair ${chairs}`))];
  });
}

function openOutbox(entries, { author, drop }) {
  const dropAndClose = (id) => {
    dialog.close();
    drop(id);
  };
  const list = entries.map((entry) => entryNode(entry, { author, drop: dropAndClose }));
  const dialog = openDialog("outbox-dialog", "Not yet sent", [el("ul.outbox-list", {}, list)]);
}

function entryNode(entry, { author, drop }) {
  const words = entry.body.readings.map((reading) => setWords(reading)).join("; ");
  const waits =
    entry.author === author
      ? "Kept on this tablet; sent as soon as the server answers."
      : `Saved by ${entry.authorName}: it is sent when ${entry.authorName} signs in here.`;
  return el(
    "li",
    {},
    el("p", {}, el("b", {}, `Chair ${entry.chair}, ${clockTime(entry.savedAt)}`)),
    el("p", {}, words),
    entry.refusal
      ? [
          el("p.form-error", {}, icon("triangle-alert"), `The server refused it: ${entry.refusal.words}`),
          el("p.quiet", {}, "Enter the set again with the right values, then discard this one."),
          el("button.button", { type: "button", onclick: () => drop(entry.id) }, "Discard"),
        ]
      : el("p.quiet", {}, waits),
  );
}
