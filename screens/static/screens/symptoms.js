// Symptom chips: a tap charts the symptom by itself, with its time. "No symptoms" comes first. A chip of a symptom that
// goes on is pressed and bears its onset; a tap on it asks how strong it is, what was done, or whether it is gone.
// Which chips there are comes from the server: they are the clinic's.

import { chips as choiceOf } from "./acts.js";
import { writeJson } from "./api.js";
import { clockTime } from "./clinic-clock.js";
import { openDialog } from "./dialog.js";
import { el, fill, whileInert } from "./dom.js";
import { icon } from "./icons.js";

const NONE = { code: "none", text: "No symptoms" };
const IN_ROW = 3;
const SEVERITIES = [
  ["mild", "Mild"],
  ["moderate", "Moderate"],
  ["severe", "Severe"],
];
const NONE_SHOWN_FOR_MS = 15 * 60_000;

let wiring = null;

/**
 * @param {HTMLElement} node
 * @param {{session: string, chips: Array, charted: (detail: Object) => void, failed: (words: string) => void}} how
 */
export function buildSymptoms(node, how) {
  wiring = how;
  showSymptoms(node, { symptoms: [], events: [] }, 0);
}

/** Draw the row: the chips of what goes on are pressed, with their onset. */
export function showSymptoms(node, detail, now) {
  const open = new Map(detail.symptoms.filter((episode) => !episode.gone_at).map((episode) => [episode.code, episode]));
  const inRow = wiring.chips.slice(0, IN_ROW);
  const elsewhere = [...open.keys()].filter((code) => !inRow.some((chip) => chip.code === code)).length;
  const none = open.size ? null : noneAt(detail.events, now);
  fill(node, [[...open.values()], none], () => [
    drawn(NONE, none, (button) => chart(button, { code: NONE.code })),
    inRow.map((chip) => symptomChip(chip, open)),
    el(
      "button.chip",
      { type: "button", "aria-pressed": elsewhere ? "true" : null, onclick: () => openMore(open) },
      elsewhere ? `More… ${elsewhere} open` : "More…",
    ),
  ]);
}

/** When "No symptoms" was charted, while that is recent; null otherwise. */
function noneAt(events, now) {
  const said = events.filter((event) => event.kind === "symptom" && event.details?.code === NONE.code);
  const at = said.map((event) => event.at).sort((a, b) => Date.parse(b) - Date.parse(a))[0];
  return at && now - Date.parse(at) < NONE_SHOWN_FOR_MS ? at : null;
}

function symptomChip(chip, open, then = () => {}, severity = () => null) {
  const episode = open.get(chip.code);
  return drawn(chip, episode?.onset_at, async (button) => {
    if (episode) {
      then();
      openEpisode(episode);
      return;
    }
    const strong = severity();
    if (await chart(button, strong ? { code: chip.code, severity: strong } : { code: chip.code })) then();
  });
}

const drawn = (chip, at, tapped) =>
  el(
    "button.chip",
    {
      type: "button",
      data: { symptom: chip.code },
      "aria-pressed": String(Boolean(at)),
      onclick: (event) => void tapped(event.currentTarget),
    },
    at ? [icon("check"), `${chip.text} ${clockTime(at)}`] : chip.text,
  );

const chart = (button, body) => send(button, "symptom", body);

/** Chart it; true when it is charted. */
const send = (button, act, body) =>
  whileInert(button, async () => {
    try {
      wiring.charted(await writeJson(`/api/v1/sessions/${wiring.session}/${act}/`, body));
      return true;
    } catch (error) {
      wiring.failed(`Symptom not charted: ${error.message}`);
      return false;
    }
  });

function openMore(open) {
  const severity = choiceOf(SEVERITIES, "symptom-severity");
  const close = () => dialog.close();
  const dialog = openDialog("symptom-dialog", "Chart a symptom", [
    el("div.field", {}, el("span.label", {}, "How strong (optional, first)"), severity.node),
    el(
      "div.field",
      {},
      el("span.label", {}, "A tap saves it, with the time"),
      el("div.row", {}, wiring.chips.map((chip) => symptomChip(chip, open, close, severity.read))),
    ),
  ]);
}

/** A symptom that goes on: stronger or weaker, what was done, or gone. */
function openEpisode(episode) {
  const severity = choiceOf(SEVERITIES, "episode-severity");
  const action = el("input.input", { id: "episode-action", type: "text", autocomplete: "off", maxlength: 200 });
  const gone = el("button.button", { type: "button" }, icon("check"), `${episode.text} is gone`);
  const written = () => (action.value.trim() ? { action: action.value.trim() } : {});
  const done = (ok) => ok && dialog.close();
  gone.addEventListener("click", () => void send(gone, "resolve-symptom", { of: episode.entry, ...written() }).then(done));
  const standing = [episode.severity ? `Last charted as ${episode.severity}.` : "No severity charted.", ...episode.actions.map((words) => `${words}.`)];
  const dialog = openDialog(
    "symptom-dialog",
    `${episode.text}, since ${clockTime(episode.onset_at)}`,
    [
      el("p.quiet", {}, standing.join(" ")),
      el("div.field", {}, el("span.label", {}, "How strong now"), severity.node),
      el("div.field", {}, el("label", { for: "episode-action" }, "What was done"), action),
      gone,
    ],
    { send: "Save", submit: () => goOn(dialog, episode, severity.read(), written()) },
  );
}

async function goOn(dialog, episode, severity, written) {
  if (!severity && !written.action) {
    dialog.close();
    return;
  }
  const body = { code: episode.code, ...(severity ? { severity } : {}), ...written };
  if (await chart(dialog, body)) dialog.close();
}
