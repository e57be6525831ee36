// Symptom chips: a tap charts the symptom by itself, with its time. "No symptoms" comes first.

import { writeJson } from "./api.js";
import { clockTime } from "./clinic-clock.js";
import { openDialog } from "./dialog.js";
import { el, whileInert } from "./dom.js";
import { icon } from "./icons.js";

const FIRST = [
  ["none", "No symptoms"],
  ["dizzy", "Dizzy"],
  ["nausea", "Nausea"],
  ["dissociation", "Dissociation"],
];
const MORE = [
  ["vomiting", "Vomiting"],
  ["headache", "Headache"],
  ["severe-headache", "Severe headache"],
  ["anxious", "Anxious"],
  ["distress", "Distress"],
  ["fainting", "Fainting"],
  ["blurred-vision", "Visual change"],
  ["chest-pain", "Chest pain"],
  ["breathlessness", "Breathlessness"],
  ["neurological-sign", "Neurological sign"],
  ["seizure", "Seizure"],
  ["unresponsive", "Unresponsive"],
];
const SEVERITIES = [
  ["mild", "Mild"],
  ["moderate", "Moderate"],
  ["severe", "Severe"],
];
const SHOWN_FOR_MS = 15 * 60_000;

/**
 * @param {HTMLElement} node
 * @param {{session: string, charted: (detail: Object) => void, failed: (words: string) => void}} wiring
 */
export function buildSymptoms(node, { session, charted, failed }) {
  const chart = (button, body) =>
    whileInert(button, async () => {
      try {
        charted(await writeJson(`/api/v1/sessions/${session}/symptom/`, body));
      } catch (error) {
        failed(`Symptom not charted: ${error.message}`);
      }
    });
  const chip = ([code, words]) =>
    el("button.chip", { type: "button", data: { symptom: code }, onclick: (event) => void chart(event.currentTarget, { code }) }, words);
  const more = el("button.chip", { type: "button", onclick: () => openMore(chart) }, "More…");
  node.append(...FIRST.map(chip), more);
}

/** Mark the chips charted a short while ago, with their time. */
export function markCharted(node, events, now) {
  const latest = {};
  for (const event of events) {
    if (event.kind === "symptom" && now - Date.parse(event.at) < SHOWN_FOR_MS) latest[event.details?.code] ??= event.at;
  }
  for (const button of node.querySelectorAll("[data-symptom]")) {
    const at = latest[button.dataset.symptom];
    const words = [...FIRST, ...MORE].find(([code]) => code === button.dataset.symptom)[1];
    if (button.dataset.at === (at ?? "")) continue;
    button.dataset.at = at ?? "";
    button.setAttribute("aria-pressed", String(Boolean(at)));
    button.replaceChildren(...(at ? [icon("check"), `${words} ${clockTime(at)}`] : [words]));
  }
}

function openMore(chart) {
  let severity = null;
  const severities = SEVERITIES.map(([code, words]) =>
    el("button.chip", { type: "button", "aria-pressed": "false", onclick: () => chooseSeverity(code) }, words),
  );
  function chooseSeverity(code) {
    severity = severity === code ? null : code;
    severities.forEach((button, index) => button.setAttribute("aria-pressed", String(SEVERITIES[index][0] === severity)));
  }
  const chip = ([code, words]) =>
    el(
      "button.chip",
      {
        type: "button",
        onclick: (event) => void chart(event.currentTarget, severity ? { code, severity } : { code }).then(() => dialog.close()),
      },
      words,
    );
  const dialog = openDialog("symptom-dialog", "Chart a symptom", [
    el("div.field", {}, el("span.label", {}, "How strong (optional, first)"), el("div.row", {}, severities)),
    el("div.field", {}, el("span.label", {}, "A tap saves it, with the time"), el("div.row", {}, [...FIRST.slice(1), ...MORE].map(chip))),
  ]);
}
