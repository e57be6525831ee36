// Today's schedule: who comes when, into which chair, and the next act of each session.

import { offered, take } from "./acts.js";
import { readAll, readJson } from "./api.js";
import { clockTime, now, setClock } from "./clinic-clock.js";
import { showDay } from "./day-strip.js";
import { openDialog } from "./dialog.js";
import { el, fill, whileInert } from "./dom.js";
import { count } from "./format.js";
import { icon } from "./icons.js";
import { nameOf } from "./identity.js";
import { wireNewSession } from "./new-session.js";
import { GROUPS, STATES } from "./session-states.js";

const part = (id) => document.getElementById(id);
const { zone, may } = part("today").dataset;
const mayDo = new Set(may.split(" "));
const REFRESH_MS = 20_000;

const NEXT_ACT = { scheduled: "check-in", checked_in: "start" };

let sessions = [];
let order = "time";

async function refresh() {
  try {
    sessions = await readAll(`/api/v1/sessions/`);
    showDay(part("day"), await readJson("/api/v1/day/"), { mayOpen: mayDo.has("open-day") });
    say("");
    show();
  } catch (error) {
    say(`The schedule may be old: ${error.message}`);
  }
}

const byTime = (a, b) => Date.parse(a.scheduled_at) - Date.parse(b.scheduled_at);
const byChair = (a, b) => (a.chair?.name ?? "~").localeCompare(b.chair?.name ?? "~", "en", { numeric: true }) || byTime(a, b);

function show() {
  const rows = [...sessions].sort(order === "chair" ? byChair : byTime);
  const counted = GROUPS.map((group) => [group, rows.filter((row) => STATES[row.state].group === group).length]).filter(([, n]) => n);
  part("counts").textContent = [count(rows.length, "session"), ...counted.map(([group, n]) => `${n} ${group}`)].join(" · ");
  fill(part("schedule"), rows, () =>
    rows.length ? rows.map(row) : [el("li.schedule-empty", {}, "No session is planned for today.")],
  );
}

function row(session) {
  const state = STATES[session.state];
  const { patient } = session;
  return el(
    "li.schedule-row",
    { data: { group: state.group } },
    el("time.schedule-time", { datetime: session.scheduled_at }, clockTime(session.scheduled_at)),
    el("span.schedule-chair", {}, session.chair ? [el("span.said", {}, "chair "), session.chair.name] : "—"),
    el(
      "div.schedule-who",
      {},
      el("b", {}, nameOf(patient)),
      el("span.quiet", {}, [`MR ${patient.mrn}`, session.protocol.name, session.indication].filter(Boolean).join(" · ")),
    ),
    el("div.schedule-state", {}, icon(state.icon), el("span", {}, el("b", {}, state.word), el("small", {}, detailWords(session)))),
    el("div.schedule-acts", {}, buttons(session)),
  );
}

function detailWords(session) {
  const parts = [
    session.nurse,
    session.dose_started_at && `dose ${clockTime(session.dose_started_at)}`,
    STATES[session.state].group === "under way" && session.window_ends_at && `earliest\u00a0release\u00a0${clockTime(session.window_ends_at)}`,
    STATES[session.state].group === "done" && session.ended_at && `at ${clockTime(session.ended_at)}`,
  ];
  return parts.filter(Boolean).join(" · ");
}

function buttons(session) {
  const next = NEXT_ACT[session.state];
  const group = STATES[session.state].group;
  const seated = group === "checked in" || group === "under way";
  return [
    next && mayDo.has(next) && el("button.button.button-primary", { type: "button", onclick: (event) => void doAct(session, next, event.currentTarget) }, next === "start" ? "Start dose" : "Check in"),
    seated && el("a.button", { href: `/sessions/${session.id}/bedside/` }, "Bedside"),
    group !== "to come" && el("a.button", { href: `/sessions/${session.id}/` }, "Session"),
    group !== "done" && el("button.button", { type: "button", onclick: (event) => void openActs(session, event.currentTarget) }, "More…"),
  ];
}

/** What is allowed now is asked for when it is needed: the list may be a while old. */
const fresh = (session) => readJson(`/api/v1/sessions/${session.id}/`);

function keep(detail) {
  sessions = sessions.map((session) => (session.id === detail.id ? detail : session));
  say("");
  show();
}

async function doAct(session, name, button) {
  await whileInert(button, async () => {
    try {
      const detail = await fresh(session);
      const act = detail.acts.find((candidate) => candidate.act === name);
      if (act) await takeIt(detail, act, el("button"));
      else keep(detail);
    } catch (error) {
      say(error.message);
    }
  });
}

const takeIt = (detail, act, button) =>
  take(act, { ...detail, now: now() }, { button, done: keep, failed: (words) => say(`${act.label}: ${words}`) });

async function openActs(session, button) {
  const detail = await whileInert(button, () => fresh(session).catch((error) => say(error.message)));
  if (!detail) return;
  setClock(detail.clock, zone);
  const choose = (act) => {
    dialog.close();
    void takeIt(detail, act, button);
  };
  const acts = offered(detail.acts, detail.protocol.route).filter(({ act, allowed }) => allowed && mayDo.has(act));
  const buttons = acts.map((act) => el("button.button", { type: "button", onclick: () => choose(act) }, act.label));
  const dialog = openDialog("acts-dialog", nameOf(detail.patient), [el("div.acts-list", {}, buttons)]);
}

function say(words) {
  part("said").textContent = words;
  part("said").hidden = !words;
}

for (const button of document.querySelectorAll("[data-order]")) {
  button.addEventListener("click", () => {
    order = button.dataset.order;
    for (const other of document.querySelectorAll("[data-order]")) other.setAttribute("aria-pressed", String(other === button));
    show();
  });
}

setClock(null, zone);
part("add").hidden = !mayDo.has("schedule");
wireNewSession({ dialog: part("new-session"), opener: part("add"), added: refresh });
try {
  setClock((await readJson("/api/v1/board/")).clock, zone);
} catch (error) {
  say(error.message);
}
void refresh();
setInterval(() => document.querySelector("dialog[open]") || void refresh(), REFRESH_MS);
addEventListener("focus", () => document.querySelector("dialog[open]") || void refresh());
