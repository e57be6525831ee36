// The bedside page: one chair's set, entered at the chair. Wires the form, the outbox and the live stream.

import { offered, take } from "./acts.js";
import { fieldErrors, readJson } from "./api.js";
import { clockTime, now, setClock } from "./clinic-clock.js";
import { openCorrection } from "./correction.js";
import { showDose } from "./dose.js";
import { showDue } from "./due.js";
import { openDialog } from "./dialog.js";
import { el, embedded, fill, whileInert } from "./dom.js";
import { ACTIONS, showFlags } from "./flag-cards.js";
import { priorityLabel } from "./flag-words.js";
import { waitingKey, waitingLine } from "./escort.js";
import { HeldReadings } from "./held-readings.js";
import { showIdentity } from "./identity.js";
import { NO_LIMITS, whoseLimits } from "./limits.js";
import { Live } from "./live.js";
import { chartAlertness, showNews2Line } from "./news2.js";
import { freshFromMonitor } from "./monitor-values.js";
import { showMyChairs } from "./my-chairs.js";
import { askWhyNot } from "./not-measured.js";
import { Outbox } from "./outbox.js";
import { showOutbox } from "./outbox-view.js";
import { buildPad } from "./pad.js";
import { showOwnLimits } from "./patient-limits.js";
import { askToPostpone } from "./postpone.js";
import { showCoverButton } from "./stand-in.js";
import { showSaved } from "./saved-sets.js";
import { isClosed } from "./session-states.js";
import { SetForm, fieldLabel } from "./set-form.js";
import { buildSymptoms, showSymptoms } from "./symptoms.js";
import { showTrust } from "./trust.js";

const part = (id) => document.getElementById(id);
const { session: sessionId, zone, author, authorName, may } = part("bedside").dataset;
const mayDo = new Set(may.split(" "));
const READINGS_SINCE_MS = 90 * 60_000;
const SHOWN_ACTS = 2;

const form = new SetForm(part("set-form"));
const outbox = new Outbox({ author, url: "/api/v1/readings/" });
const live = new Live("/live/board/", "/api/v1/board/");
const panels = new Map();
const readings = new HeldReadings(`/api/v1/sessions/${sessionId}/readings/`);
let detail = embedded("session-detail");
let saveAnyway = false;

// --- what is known

setClock(null, zone);
live.addEventListener("snapshot", ({ detail: board }) => {
  setClock(board.clock, board.clinic.time_zone);
  panels.clear();
  for (const panel of board.sessions) panels.set(panel.session, panel);
  void refreshDetail();
  void refreshReadings();
});
live.addEventListener("session", ({ detail: panel }) => {
  const before = panels.get(panel.session);
  if (before && before.version >= panel.version) return;
  panels.set(panel.session, panel);
  if (panel.session !== sessionId) return;
  if (!before || actsMayDiffer(before, panel)) void refreshDetail();
  show();
});
live.addEventListener("reading", ({ detail: reading }) => {
  if (reading.session === sessionId) readings.note(reading);
});
readings.addEventListener("changed", show);
readings.addEventListener("failed", ({ detail: words }) => say(words));
live.addEventListener("status", show);

function actsMayDiffer(before, panel) {
  const telling = ({ state, waiting_for_escort_at, dose_ended_at, due, flags, patient_limits: own }) =>
    JSON.stringify([state, waiting_for_escort_at, dose_ended_at, due?.at, own, flags.map((flag) => [flag.id, flag.state])]);
  return telling(before) !== telling(panel);
}

async function refreshDetail() {
  try {
    know(await readJson(`/api/v1/sessions/${sessionId}/`));
  } catch (error) {
    say(error.message);
  }
}

const refreshReadings = () => readings.refresh(now() - READINGS_SINCE_MS);

function know(newDetail) {
  detail = newDetail;
  setClock(detail.clock, zone);
  const held = panels.get(sessionId);
  if (detail.panel && (!held || held.version <= detail.panel.version)) panels.set(sessionId, detail.panel);
  show();
}

// --- what is shown

function show() {
  if (!detail) return;
  const panel = panels.get(sessionId) ?? detail.panel;
  const limits = detail.limits ?? NO_LIMITS;
  showTrust(part("watch-state"), live);
  showMyChairs(part("my-chairs"), [...panels.values()], { current: sessionId, nurse: authorName, now: now() });
  showCoverButton(part("cover-chair"), isClosed(detail.state) ? null : panel, {
    me: author,
    zone,
    now: now(),
    mayCover: mayDo.has("cover"),
    done: know,
    failed: say,
  });
  showIdentity(part("identity"), detail);
  showDue(part("due"), panel, detail, now(), mayDo.has("postpone") ? postpone : null);
  showWaiting();
  showFlags(part("flags"), panel?.flags ?? [], {
    limits,
    actions: ACTIONS.slice(0, 1),
    mayTake: mayDo.has("acknowledge"),
    taken: () => void refreshDetail(),
  });
  showDose(part("dose"), detail, now());
  showActs();
  showOwnLimits(part("own-limits"), detail.patient_limits);
  fill(part("whose-limits"), limits, () => [whoseLimits(limits)]);
  form.know({ limits, values: panel?.values });
  showSymptoms(part("symptoms"), detail, now());
  showNews2Line(part("news2"), detail, now());
  part("alertness").hidden = !detail.news2.charts;
  showSaved(part("saved"), readings.rows, { correct, limits, mayCorrect: mayDo.has("correct-reading") });
  showMonitorOffer();
  showTime();
}

const postpone = (due) => askToPostpone(due, { session: sessionId, done: know });

function showWaiting() {
  const { waiting } = detail;
  part("waiting").hidden = !waiting;
  fill(part("waiting"), waitingKey(waiting, now()), () => (waiting ? [waitingLine(waiting, now())] : []));
}

function showTime() {
  part("set-at").textContent = clockTime(form.at);
}

function showMonitorOffer() {
  const fresh = freshFromMonitor(readings.rows, now());
  const vitals = Object.keys(fresh);
  part("take-monitor").hidden = vitals.length === 0;
  if (!vitals.length) return;
  const newest = vitals.map((vital) => fresh[vital].at).sort((a, b) => Date.parse(b) - Date.parse(a))[0];
  part("take-monitor").textContent = `Take monitor’s values, ${clockTime(newest)}`;
  part("take-monitor").onclick = () => form.takeOver(fresh);
}

function showActs() {
  const acts = offered(detail.acts, detail.protocol.route).filter(({ act }) => mayDo.has(act));
  const allowed = acts.filter((act) => act.allowed).slice(0, SHOWN_ACTS);
  const offer = panels.get(sessionId)?.hand_over ?? null;
  fill(part("acts"), [acts, detail.state, offer], () => [
    ...allowed.map(actButton),
    acts.length > allowed.length && el("button.button", { type: "button", onclick: () => openActs(acts) }, "Other acts…"),
    el("a.button", { href: `/sessions/${sessionId}/record/` }, "Record"),
    mayDo.has("hand-over") && handOverLink(offer),
  ]);
}

/** To the hand-over page; for the one it is offered to, as what to do next. */
function handOverLink(offer) {
  const mine = offer?.to_id === author;
  return el(mine ? "a.button.button-primary" : "a.button", { href: "/hand-over/" }, mine ? "Accept this chair" : "Hand-over");
}

const actButton = (act) =>
  el(
    act.allowed ? "button.button" : "button.button.not-yet",
    { type: "button", onclick: (event) => void doAct(act, event.currentTarget) },
    act.label,
    !act.allowed && act.missing?.length ? el("small", {}, act.missing.join("; ")) : null,
  );

const doAct = (act, button) =>
  take(act, { ...detail, now: now() }, { button, done: know, failed: (words) => say(`${act.label}: ${words}`) });

function openActs(acts) {
  const buttons = el("div.acts-list", { onclick: (event) => event.target.closest("button") && dialog.close() }, acts.map(actButton));
  const dialog = openDialog("acts-dialog", "Acts", [buttons]);
}

function correct(reading) {
  openCorrection(reading, {
    title: `Correct the set of ${clockTime(reading.measured_at)}`,
    limits: detail.limits ?? NO_LIMITS,
    done: () => void refreshReadings().then(refreshDetail),
  });
}

/** Something went wrong and stays said until the next thing is done. */
function say(words, ...more) {
  part("said").replaceChildren(words, ...more);
  part("said").hidden = !words;
}

// --- entering

buildPad(part("pad"), (key) => form.press(key));
buildSymptoms(part("symptoms"), { session: sessionId, chips: embedded("symptom-chips"), charted: know, failed: say });

for (const minutes of [0, 5, 10]) {
  const button = el(
    "button.button",
    { type: "button", "aria-pressed": String(minutes === 0), onclick: () => setBack(minutes) },
    minutes ? `−${minutes}` : "Now",
  );
  button.dataset.back = minutes;
  if (minutes) button.setAttribute("aria-label", `${minutes} minutes ago`);
  part("set-back").append(button);
}

function setBack(minutes) {
  form.setBack(minutes);
  for (const button of part("set-back").children) button.setAttribute("aria-pressed", String(Number(button.dataset.back) === minutes));
  showTime();
}

part("alertness").addEventListener("click", (event) => void chartAlertness(detail, now(), event.currentTarget, know));
part("not-measured").addEventListener("click", () => {
  askWhyNot(fieldLabel(form.active), (reason) => form.couldNotMeasure(form.active, reason));
});
form.addEventListener("changed", () => {
  if (!mayDo.has("send-readings")) return;
  saveAnyway = false;
  part("save").textContent = "Save set";
});
part("save").addEventListener("click", (event) => void whileInert(event.currentTarget, save));

async function save() {
  say("");
  if (form.isEmpty) {
    say("Nothing is entered yet.");
    return;
  }
  const impossible = form.impossible;
  if (impossible.length && !saveAnyway) {
    form.activate(impossible[0]);
    saveAnyway = true;
    part("save").textContent = `Save without ${impossible.map(fieldLabel).join(", ").toLowerCase()}`;
    say("A value cannot be right. Change it, or save: it is kept in the record with the reason, and not used.");
    return;
  }
  const panel = panels.get(sessionId);
  const body = form.toBody(sessionId);
  const entry = {
    id: body.readings.at(-1).id,
    session: sessionId,
    chair: panel?.chair?.name ?? detail.chair?.name ?? "",
    author,
    authorName,
    savedAt: new Date(now()).toISOString(),
    body,
  };
  const outcome = await outbox.add(entry);
  if (outcome.state === "refused") {
    await outbox.drop(entry.id); // its values still stand in the form, beside the reason
    form.refuse(fieldErrors(outcome.refusal.body));
    say(`Not saved: ${outcome.refusal.words}`);
    return;
  }
  form.reset();
  setBack(0);
  if (outcome.state === "waiting") say("Kept on this tablet, not yet sent. It goes when the server answers.");
}

outbox.addEventListener("changed", ({ detail: entries }) =>
  showOutbox(part("sent-state"), entries, { author, drop: (id) => void outbox.drop(id) }),
);
outbox.addEventListener("sent", ({ detail: { entry, answer } }) => {
  if (entry.session === sessionId) {
    sayRaised(answer);
    void refreshReadings();
    void refreshDetail();
  }
});

/** What the answer names: flags that the set raised, and values that were kept but not used. */
function sayRaised(answer) {
  const stored = new Set(answer.readings.map((reading) => reading.index));
  const raised = answer.readings.flatMap((reading) => reading.flags);
  const parts = [
    ...raised.map((flag) => el("p", {}, "Flag raised: ", priorityLabel(flag.priority), ` ${flag.text}`)),
    ...answer.rejected.map((row) => el("p", {}, `${stored.has(row.index) ? "Kept, not used" : "Not saved"}: ${row.message}`)),
  ];
  say("", ...parts);
  part("said").hidden = parts.length === 0;
}

// Nothing typed is left behind: not by signing out, not by closing the page.
document.addEventListener("submit", (event) => {
  if (event.target.getAttribute("action") !== "/sign-out/" || part("sent-state").dataset.unsent === "0") return;
  event.preventDefault();
  part("sent-state").click();
});
addEventListener("beforeunload", (event) => {
  if (!form.isEmpty) event.preventDefault();
});

if (!mayDo.has("send-readings")) {
  part("save").disabled = true;
  part("save").textContent = "Your role does not chart";
}
if (matchMedia("(orientation: portrait)").matches) document.querySelector(".dose-and-acts").open = false;
live.start();
outbox.start();
if (detail) know(detail);
setInterval(show, 5000);
