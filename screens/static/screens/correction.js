// Correcting a charted value: a new version with a reason; the old one stays, struck and readable.

import { Refused, fieldErrors, writeJson } from "./api.js";
import { chips } from "./acts.js";
import { openDialog } from "./dialog.js";
import { el } from "./dom.js";
import { icon } from "./icons.js";
import { implausible } from "./limits.js";
import { FIELDS, NAME, SEDATION } from "./vital-fields.js";

const REASONS = ["Typed wrong", "Measured again", "Cuff or sensor was off", "Wrong patient"];

/**
 * Ask for the corrected fields and the reason, then post the new version.
 *
 * @param {Object} reading the newest version, as in the readings list
 * @param {{title: string, limits: Object, done: (answer: Object) => void}} wiring
 */
export function openCorrection(reading, { title, limits, done }) {
  const rows = FIELDS.filter(({ vital, more }) => !more || held(reading, vital)).map((field) => row(field, reading, limits));
  const sedation = sedationRow(reading);
  const reasons = chips(REASONS.map((words) => [words, words]), "correction-reasons", () => (words.value = ""));
  const words = el("input.input", { type: "text", "aria-label": "Reason in your words", placeholder: "or in your words" });
  words.addEventListener("input", reasons.clear);
  const trouble = el("div", { role: "alert" });
  const content = [
    el("p.quiet", {}, "The old value stays in the record, struck through."),
    el("div.correction-rows", {}, rows.map(({ node }) => node), sedation.node),
    el("div.field", {}, el("span.label", {}, "Reason"), reasons.node, words),
    trouble,
  ];
  const dialog = openDialog("correction-dialog", title, content, { send: "Save correction", submit });

  async function submit() {
    const changed = Object.assign({}, ...rows.map((field) => field.changed()), sedation.changed());
    const reason = words.value.trim() || reasons.read();
    if (!Object.keys(changed).length) return say("No value was changed.");
    if (!reason) return say("A reason is needed.");
    try {
      const answer = await writeJson(`/api/v1/readings/${reading.id}/correct/`, { ...changed, reason });
      dialog.close();
      return done(answer);
    } catch (error) {
      const byField = error instanceof Refused ? fieldErrors(error.body) : {};
      for (const field of rows) field.say(byField[field.vital] ?? "");
      return say(error.message);
    }
  }

  function say(text) {
    trouble.replaceChildren(el("p.form-error", {}, icon("triangle-alert"), el("span", {}, text)));
  }
}

const held = (reading, vital) => reading[vital] !== null && reading[vital] !== undefined;

function row({ vital, label, decimal }, reading, limits) {
  const before = held(reading, vital) ? String(Number(reading[vital])) : "";
  const id = `correct-${vital}`;
  const input = el("input.input", { id, type: "text", inputmode: decimal ? "decimal" : "numeric", value: before, autocomplete: "off" });
  const said = el("span.said-of-value", { "aria-live": "polite" });
  const number = () => Number(input.value.replace(",", "."));
  const isChanged = () => input.value.trim() !== "" && input.value.trim() !== before;
  input.addEventListener("input", () => {
    const problem = isChanged() && implausible(vital, number(), limits);
    if (problem) said.replaceChildren(problem.words);
    else said.replaceChildren(...(isChanged() && before ? ["was ", el("s.superseded", {}, before)] : []));
  });
  return {
    vital,
    node: el("div.correction-row", {}, el("label", { for: id }, label), input, said),
    changed: () => (isChanged() ? { [vital]: Number.isFinite(number()) ? number() : input.value.trim() } : {}),
    say: (words) => words && said.replaceChildren(words),
  };
}

function sedationRow(reading) {
  const before = held(reading, "sedation") ? Number(reading.sedation) : null;
  const select = el(
    "select.input",
    { id: "correct-sedation" },
    el("option", { value: "" }, "Not charted"),
    SEDATION.map(({ value, words }) => el("option", { value, selected: value === before }, words)),
  );
  return {
    node: el("div.correction-row", {}, el("label", { for: "correct-sedation" }, NAME.sedation), select),
    changed: () => (select.value !== "" && Number(select.value) !== before ? { sedation: Number(select.value) } : {}),
  };
}
