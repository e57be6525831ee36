// Acts on a session: which fields each takes, the dialog that asks for them, and the call.
// What the state allows, and what is missing, comes from the server with the session's detail.

import { Refused, fieldErrors, readJson, writeJson } from "./api.js";
import { clockTime } from "./clinic-clock.js";
import { openDialog } from "./dialog.js";
import { el, whileInert } from "./dom.js";
import { icon } from "./icons.js";
import { nameOf } from "./identity.js";

const REASONS = {
  hold: ["Blood pressure before the dose", "Patient unsure", "Prescriber asked to wait"],
  pause: ["Blood pressure", "Nausea or vomiting", "Patient asked", "Line or pump"],
  stop: ["Dose complete", "Blood pressure", "Patient asked", "Side effect"],
  cancel: ["Patient did not come", "Patient asked", "Prescriber decided", "Clinic reason"],
  transfer: ["Emergency services called", "Prescriber decided"],
};

/** The rows that people answer of one of the session's checklists. */
const itemsOf = (session, phase) => session.checklists[phase].items.filter((item) => item.answered_here);

/** Asked for by the server when something about a dose is unusual. */
const UNUSUAL = { name: "reason", label: "Reason, where the dose is unusual", type: "text" };
const DEVICES = { name: "planned_devices", label: "Devices planned (28 mg each)", type: "number-choice", choices: [1, 2, 3], required: true };
const OF_DEVICE = [
  { name: "lot", label: "Lot", type: "text" },
  { name: "expires_on", label: "Expires on", type: "date" },
  { name: "observed_by", label: "Observed by", type: "text" },
  UNUSUAL,
];

/** The order of an infusion. The server works it out as it is typed, so that it can be checked by hand. */
const infusionFields = ({ patient, protocol }) => [
  { name: "weight_kg", label: "Weight, kg", type: "number", value: patient.weight_kg },
  { name: "mg_per_kg", label: "Dose, mg per kg", type: "number" },
  { name: "dose_mg", label: "or dose, mg", type: "number" },
  { name: "duration_min", label: "Duration, minutes", type: "number", value: protocol.planned_dose_min },
  { name: "concentration_mg_per_ml", label: "Concentration, mg/mL", type: "number" },
  { name: "diluted", label: "The stock was diluted", type: "check" },
  UNUSUAL,
];

const OXYGEN = [
  [0, "Room air"],
  [2, "Oxygen 2 L/min"],
  [4, "4 L/min"],
];

const reason = (act) => [{ name: "reason", label: "Reason", type: "choice", choices: REASONS[act], required: true }];

/** The fields of one act's form; empty where a tap is all it needs. */
function fieldsOf(act, session) {
  const nasal = session.protocol.route === "nasal";
  const fields = {
    start: nasal ? [DEVICES, ...OF_DEVICE] : infusionFields(session),
    dose: nasal
      ? [{ name: "device", label: "Device number", type: "number-choice", choices: [1, 2, 3], required: true }, ...OF_DEVICE]
      : [
          { name: "rate_ml_per_h", label: "New rate, mL/h", type: "number" },
          { name: "bolus_mg", label: "or a bolus per order, mg", type: "number" },
        ],
    alertness: [
      { name: "consciousness", label: "Consciousness", type: "coded", choices: session.news2.consciousness.map(({ code, text }) => [code, text]), required: true },
      { name: "oxygen_l_min", label: "Air or oxygen", type: "amount", unit: "L/min", choices: OXYGEN, required: true },
    ],
    note: [{ name: "text", label: "Note", type: "long-text", required: true }],
    "move-chair": [{ name: "chair", label: "To chair", type: "chair", required: true }],
    readiness: [
      { name: "items", label: "Seen at the chair", type: "answers", items: itemsOf(session, "before_leaving") },
      { name: "escort", label: "Who takes the patient home", type: "text", required: true, value: session.escort },
      { name: "escort_phone", label: "Phone of the escort", type: "tel", value: session.escort_phone },
    ],
    "wait-escort": [
      { name: "escort", label: "Who takes the patient home", type: "text", value: session.escort },
      { name: "escort_phone", label: "Phone number to call", type: "tel", value: session.escort_phone },
    ],
    release: [
      { name: "reason", label: "Reason for leaving before the window's end", type: "text", required: true, only: "early" },
    ],
  };
  if (act in REASONS) return reason(act);
  const early = session.earliest_release_at && Date.parse(session.earliest_release_at) > session.now;
  return (fields[act] ?? []).filter((field) => field.only !== "early" || early);
}

const AT_ONCE = new Set(["check-in", "resume"]);
const SHOWN_ELSEWHERE = new Set(["symptom", "scale"]); // chips at the bedside; scales have their own page

const FIRST = ["check-in", "start", "resume", "pause", "stop", "readiness", "release", "wait-escort"];

/** Acts to offer as buttons: those allowed first, of these the ones that move the session on. */
export function offered(acts, route) {
  const first = route === "nasal" ? ["dose", ...FIRST] : FIRST;
  const rank = ({ act, allowed }) => (allowed ? 0 : 100) + (first.indexOf(act) + 1 || first.length + 1);
  return acts.filter((act) => !SHOWN_ELSEWHERE.has(act.act)).sort((a, b) => rank(a) - rank(b));
}

/** Send one act; the answer is the session's new detail. Refusals are thrown in the API's words. */
const perform = (sessionId, act, body) => writeJson(`/api/v1/sessions/${sessionId}/${act}/`, body);

/**
 * Do one act from its button: at once where nothing is to be asked, else by its dialog.
 *
 * @param {Object} offeredAct {act, label, allowed, missing}
 * @param {Object} session the detail, with `now` in milliseconds of the clinic's clock
 * @param {{button: HTMLElement, done: (detail: Object) => void, failed: (words: string) => void}} wiring
 */
export async function take(offeredAct, session, { button, done, failed }) {
  const simple = AT_ONCE.has(offeredAct.act) && offeredAct.allowed;
  if (!simple) {
    askFor(offeredAct, session, done);
    return;
  }
  await whileInert(button, async () => {
    try {
      done(await perform(session.id, offeredAct.act, {}));
    } catch (error) {
      failed(error.message);
    }
  });
}

function askFor(offeredAct, session, done) {
  const fields = fieldsOf(offeredAct.act, session).map((field) => ({ ...field, control: control(field, offeredAct.act) }));
  const time = timeChoice(session.now);
  const trouble = el("div", { role: "alert" });
  const content = [
    el("p.quiet", {}, nameOf(session.patient)),
    missingList(offeredAct.missing ?? []),
    offeredAct.act === "start" && gateWords(session),
    offeredAct.act === "alertness" && besideSedation(session),
    el("div.act-fields", {}, fields.map((field) => field.control.node)),
    offeredAct.act === "start" && session.protocol.route === "iv" && workedOut(session, fields),
    time.node,
    trouble,
  ];
  const dialog = openDialog("act-dialog", offeredAct.label, content, { send: offeredAct.label, submit });

  async function submit() {
    trouble.replaceChildren();
    for (const field of fields) field.control.say("");
    const missing = fields.filter((field) => field.required && field.control.read() === null);
    for (const field of missing) field.control.say(`${field.label} is needed`);
    if (missing.length) return;
    const body = bodyOf(fields);
    if (time.at()) body.at = time.at();
    try {
      const detail = await perform(session.id, offeredAct.act, body);
      dialog.close();
      done(detail);
    } catch (error) {
      showTrouble(error, fields, trouble);
    }
  }
}

/** What the fields say, by name; empty ones are left out. */
const bodyOf = (fields) =>
  Object.fromEntries(fields.map((field) => [field.name, field.control.read()]).filter(([, value]) => value !== null));

/** The arithmetic of the order, and what is unusual about it, as the server works them out while it is typed. */
function workedOut(session, fields) {
  const node = el("div.worked-out", { role: "status", "aria-label": "Worked out" });
  let asked = 0;
  async function ask() {
    const number = ++asked;
    const said = bodyOf(fields);
    if (!(said.mg_per_kg > 0 || said.dose_mg > 0)) return node.replaceChildren();
    const query = new URLSearchParams(bodyOf(fields.filter(({ name }) => name !== "reason")));
    let order = null;
    try {
      order = await readJson(`/api/v1/sessions/${session.id}/dose-order/?${query}`);
    } catch {
      // not yet an order: its fields say so when it is sent
    }
    if (number !== asked) return undefined;
    return node.replaceChildren(
      ...(order?.arithmetic ?? []).map((line) => el("p", {}, line)),
      ...(order?.unusual ?? []).map(({ words }) => el("p.strong", {}, icon("triangle-alert"), ` ${words}`)),
    );
  }
  for (const field of fields) field.control.node.addEventListener("input", () => void ask());
  void ask();
  return node;
}

/** The sedation score stands beside what is charted here; neither is made from the other. */
function besideSedation({ panel, news2 }) {
  const held = panel?.values.sedation;
  const score = held ? `Sedation (MOAA/S) was ${held.value} of 5 at ${clockTime(held.at)}: how much it takes to rouse. ` : "";
  const counted = news2.dissociation_counts_as_confusion ? "counts as new confusion here" : "does not count as new confusion here";
  return el("p.quiet", {}, `${score}Here: how the patient is once roused. Expected dissociation ${counted}.`);
}

/** How the gate before the dose stands, with the way to it: what is open goes into the record of the start. */
function gateWords(session) {
  const { open, items } = session.checklists.before_dose;
  const words = open.length ? `${open.length} of ${items.length} items before the dose are open.` : "Nothing before the dose is open.";
  return el("p.gate-words", {}, words, " ", el("a", { href: `/sessions/${session.id}/record/#gate` }, "Open the checklist"));
}

function showTrouble(error, fields, trouble) {
  const byField = error instanceof Refused ? fieldErrors(error.body) : {};
  const known = fields.filter((field) => byField[field.name]);
  for (const field of known) field.control.say(byField[field.name]);
  const missing = error instanceof Refused ? (error.body?.missing ?? []) : [];
  if (known.length && !missing.length) return;
  trouble.replaceChildren(el("p.form-error", {}, icon("triangle-alert"), el("span", {}, error.message)), ...missingList(missing));
}

function missingList(missing) {
  if (!missing.length) return [];
  return [el("div.missing", {}, el("p.strong", {}, "Still missing"), el("ul", {}, missing.map((words) => el("li", {}, words))))];
}

/** Now, or a few minutes back for an act that is entered afterwards. */
function timeChoice(now) {
  let back = 0;
  const buttons = [0, 5, 10].map((minutes) =>
    el(
      "button.chip",
      { type: "button", "aria-pressed": String(minutes === 0), onclick: () => choose(minutes) },
      minutes ? `${minutes} min ago` : "Now",
    ),
  );
  function choose(minutes) {
    back = minutes;
    buttons.forEach((button, index) => button.setAttribute("aria-pressed", String([0, 5, 10][index] === minutes)));
  }
  return {
    node: el("div.field", {}, el("span.label", {}, "When"), el("div.row", {}, buttons)),
    at: () => (back ? new Date(now - back * 60_000).toISOString() : null),
  };
}

/** One control: its node, how it is read (null = empty), and where its error is said. */
function control(field, act) {
  const id = `act-${act}-${field.name}`;
  const error = el("p.error", { id: `${id}-error`, hidden: true });
  const built = BUILD[field.type](field, id);
  const say = (words) => {
    error.textContent = words;
    error.hidden = !words;
    built.node.querySelector("input, select, textarea")?.setAttribute("aria-invalid", String(Boolean(words)));
  };
  // an error is said until the field is answered anew
  for (const answered of ["input", "click"]) built.node.addEventListener(answered, () => say(""));
  return { node: el("div.field", {}, el("label", { for: id }, field.label), built.node, error), read: built.read, say };
}

const textOf = (input) => input.value.trim() || null;

/** The number typed, with either decimal sign; what is no number goes to the server, which names the rule. */
function numberOf(input) {
  const text = textOf(input)?.replace(",", ".") ?? null;
  return text === null || Number.isNaN(Number(text)) ? text : Number(text);
}

const ANSWERS = [
  ["yes", "Yes"],
  ["no", "No"],
  ["not-assessed", "Not assessed"],
];

const BUILD = {
  text: (field, id) => {
    const input = el("input.input", { id, type: "text", autocomplete: "off", value: field.value ?? null });
    return { node: el("div", {}, input), read: () => textOf(input) };
  },
  tel: (field, id) => {
    const input = el("input.input", { id, type: "tel", autocomplete: "off", value: field.value ?? null });
    return { node: el("div", {}, input), read: () => textOf(input) };
  },
  "long-text": (field, id) => {
    const input = el("textarea.input", { id, rows: 3 });
    return { node: el("div", {}, input), read: () => textOf(input) };
  },
  number: (field, id) => {
    const input = el("input.input", { id, type: "text", inputmode: "decimal", autocomplete: "off", value: field.value ?? null });
    return { node: el("div", {}, input), read: () => numberOf(input) };
  },
  date: (field, id) => {
    const input = el("input.input", { id, type: "date" });
    return { node: el("div", {}, input), read: () => textOf(input) };
  },
  check: (field, id) => {
    const input = el("input", { id, type: "checkbox" });
    return { node: el("div.check-line", {}, input), read: () => input.checked || null };
  },
  "number-choice": (field, id) => chips(field.choices.map((n) => [n, String(n)]), id),
  coded: (field, id) => chips(field.choices, id),
  amount: (field, id) => {
    const input = el("input.input", { id, type: "text", inputmode: "decimal", autocomplete: "off", placeholder: `or ${field.unit}` });
    const picked = chips(field.choices, `${id}-chips`, () => (input.value = ""));
    input.addEventListener("input", picked.clear);
    return { node: el("div.stack-small", {}, picked.node, input), read: () => numberOf(input) ?? picked.read() };
  },
  choice: (field, id) => {
    const input = el("input.input", { id, type: "text", autocomplete: "off", placeholder: "or in your words" });
    const picked = chips(field.choices.map((words) => [words, words]), `${id}-chips`, () => (input.value = ""));
    input.addEventListener("input", picked.clear);
    return { node: el("div.stack-small", {}, picked.node, input), read: () => textOf(input) ?? picked.read() };
  },
  answers: (field, id) => {
    const rows = field.items.map((item) => {
      const picked = chips(ANSWERS, `${id}-${item.code}`);
      if (item.answer) picked.choose(item.answer);
      const node = el("div.answer-row", { role: "group", "aria-label": item.text }, el("span", {}, item.text), picked.node);
      return { code: item.code, given: item.answer, picked, node };
    });
    return {
      node: el("div.answer-rows", { id, role: "group", "aria-label": field.label }, rows.map((row) => row.node)),
      // what stood there already is not answered again, or it would bear this name and time
      read: () => Object.fromEntries(rows.map((row) => [row.code, row.picked.read(), row.given]).filter(([, value, given]) => value && value !== given)),
    };
  },
  chair: (field, id) => {
    const select = el("select.input", { id }, el("option", { value: "" }, "Choose"));
    void fillChairs(select);
    return { node: el("div", {}, select), read: () => select.value || null };
  },
};

/** The clinic's chairs; one that is taken can be read and not chosen. */
async function fillChairs(select) {
  const board = await readJson("/api/v1/board/");
  const taken = new Set(board.sessions.map((panel) => panel.chair?.id));
  select.append(
    ...board.chairs.map(({ id, name }) =>
      el("option", { value: name, disabled: taken.has(id) }, taken.has(id) ? `${name} (taken)` : name),
    ),
  );
}

/** Buttons of which one is chosen. */
export function chips(choices, id, chosen = () => {}) {
  let value = null;
  const buttons = choices.map(([key, words]) =>
    el("button.chip", { type: "button", "aria-pressed": "false", onclick: () => choose(key) }, words),
  );
  const show = () =>
    buttons.forEach((button, index) => button.setAttribute("aria-pressed", String(choices[index][0] === value)));
  function choose(key) {
    value = value === key ? null : key;
    show();
    if (value !== null) chosen(value);
  }
  return {
    node: el("div.row", { id }, buttons),
    read: () => value,
    choose,
    clear: () => {
      value = null;
      show();
    },
  };
}
