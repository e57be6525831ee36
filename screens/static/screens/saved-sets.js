// What was saved at this chair: the newest set below the form, earlier ones and replaced versions behind it.

import { clockTime } from "./clinic-clock.js";
import { openDialog } from "./dialog.js";
import { el, fill } from "./dom.js";
import { icon } from "./icons.js";
import { remarks, setWords } from "./set-words.js";

const byNewest = (a, b) => Date.parse(b.measured_at) - Date.parse(a.measured_at) || b.version - a.version;

export function showSaved(node, readings, wiring) {
  const charted = readings.filter((reading) => reading.source !== "device").sort(byNewest);
  const current = charted.filter((reading) => !reading.superseded_by);
  fill(node, [charted, wiring.mayCorrect], () => {
    if (!current.length) return [];
    const [newest] = current;
    const replaced = charted.find((reading) => reading.id === newest.supersedes);
    return [
      el("div.saved-line", {}, icon("check"), el("div", {}, el("b", {}, `Saved ${clockTime(newest.measured_at)}`), setLine(newest, replaced))),
      wiring.mayCorrect && el("button.button", { type: "button", onclick: () => wiring.correct(newest) }, "Correct"),
      charted.length > 1 && el("button.button", { type: "button", onclick: () => openSaved(charted, wiring) }, "Earlier"),
    ];
  });
}

const setLine = (reading, replaced) =>
  el("p.saved-words", {}, setWords(reading), replaced && [" was ", el("s.superseded", {}, setWords(replaced))]);

function openSaved(charted, { correct, mayCorrect }) {
  const correctIt = (reading) => {
    dialog.close();
    correct(reading);
  };
  const entry = (reading) =>
    el(
      "li",
      {},
      el(
        "div",
        {},
        el("p", {}, el("b", {}, clockTime(reading.measured_at)), ` by ${reading.recorded_by}`, reading.late && el("span.tag", {}, "late")),
        reading.superseded_by ? el("s.superseded", {}, setWords(reading)) : el("p", {}, setWords(reading)),
        reading.supersedes && el("p.quiet", {}, `corrected: ${reading.reason}`),
        remarks(reading).map((words) => el("p.quiet", {}, words)),
      ),
      mayCorrect && !reading.superseded_by && el("button.button", { type: "button", onclick: () => correctIt(reading) }, "Correct"),
    );
  const dialog = openDialog("saved-dialog", "Sets charted here", [el("ul.saved-list", {}, charted.map(entry))]);
}
