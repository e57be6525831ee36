// The session page: one session's chart, timeline, flags and table, kept up to date by its stream.

import { offered, take } from "./acts.js";
import { readAll, readJson } from "./api.js";
import { SessionChart } from "./chart.js";
import { clockTime, now, setClock } from "./clinic-clock.js";
import { openCorrection } from "./correction.js";
import { showDose } from "./dose.js";
import { el, embedded, fill } from "./dom.js";
import { dueWords } from "./due.js";
import { ACTIONS, showFlags } from "./flag-cards.js";
import { MINUTE_MS, ago } from "./format.js";
import { waitingKey, waitingLine } from "./escort.js";
import { HeldReadings } from "./held-readings.js";
import { showIdentity, showSheetHead } from "./identity.js";
import { NO_LIMITS, whoseLimits } from "./limits.js";
import { Live } from "./live.js";
import { showNews2 } from "./news2.js";
import { askToChangeLimit, changeable, showOwnLimits } from "./patient-limits.js";
import { postponedWords } from "./postpone.js";
import { showReadings, tableRows } from "./readings-table.js";
import { isClosed } from "./session-states.js";
import { nurseSpoken, showCoverButton } from "./stand-in.js";
import { setWords } from "./set-words.js";
import { showTimeline, timelineEntries } from "./timeline.js";
import { showTrust } from "./trust.js";
import { showWindowBar } from "./window-bar.js";

const part = (id) => document.getElementById(id);
const { session: sessionId, zone, me, may } = part("session").dataset;
const mayDo = new Set(may.split(" "));
const api = `/api/v1/sessions/${sessionId}/`;
const DETAIL_WAIT_MS = 400;
const CHART_WAIT_MS = 2500; // a streaming monitor sends every few seconds; the chart need not follow each

const live = new Live(`/live/sessions/${sessionId}/`, api);
const chart = new SessionChart(part("chart"), `/sessions/${sessionId}/figure/`);
const readings = new HeldReadings(`${api}readings/`);
let flags = [];
let detail = embedded("session-detail");
let every = false;

setClock(null, zone);

const refreshDetail = later(DETAIL_WAIT_MS, async () => know(await readJson(api)));
const refreshFlags = later(DETAIL_WAIT_MS, async () => {
  flags = await readAll(`/api/v1/flags/?session=${sessionId}`);
  show();
});
const refreshChart = later(CHART_WAIT_MS, () => chart.refresh());

/** Run `act` once, a while after the first of several calls; what fails is said and tried again at the next. */
function later(wait, act) {
  let waiting = null;
  return () => {
    waiting ??= setTimeout(async () => {
      waiting = null;
      try {
        await act();
      } catch (error) {
        say(error.message);
      }
    }, wait);
  };
}

function refreshAll() {
  refreshDetail();
  refreshFlags();
  void readings.refresh();
  void chart.refresh().catch((error) => say(error.message));
}

live.addEventListener("snapshot", ({ detail: snapshot }) => {
  setClock(snapshot.clock, zone);
  refreshAll();
});
live.addEventListener("session", () => {
  refreshDetail();
  refreshChart();
});
live.addEventListener("flag", () => {
  refreshFlags();
  refreshDetail();
  refreshChart();
});
live.addEventListener("reading", ({ detail: reading }) => {
  readings.note(reading);
  refreshChart();
});
readings.addEventListener("changed", show);
readings.addEventListener("failed", ({ detail: words }) => say(words));
live.addEventListener("status", show);

function know(newDetail) {
  detail = newDetail;
  setClock(detail.clock, zone);
  say("");
  show();
}

function show() {
  if (!detail) return;
  const limits = detail.limits ?? NO_LIMITS;
  const { rows } = readings;
  const closed = isClosed(detail.state);
  if (closed) part("watch-state").hidden = true;
  else showTrust(part("watch-state"), live);
  showIdentity(part("identity"), detail);
  showSheetHead(part("sheet-head"), detail);
  showState();
  showActs();
  showCoverButton(part("cover-chair"), closed ? null : detail.panel, {
    me,
    zone,
    now: now(),
    mayCover: mayDo.has("cover"),
    done: know,
    failed: say,
  });
  showWindowBar(part("window-bar"), detail, closed && detail.ended_at ? Date.parse(detail.ended_at) : now());
  showFlags(part("flags"), detail.panel?.flags ?? [], {
    limits,
    actions: ACTIONS,
    mayTake: mayDo.has("acknowledge"),
    taken: () => {
      refreshDetail();
      refreshFlags();
    },
  });
  showOwnLimits(part("own-limits"), detail.patient_limits);
  fill(part("whose-limits"), limits, () => [el("b", {}, whoseLimits(limits))]);
  showTypical();
  showNews2(part("news2"), detail, now(), acted);
  showTimeline(part("timeline"), timelineEntries({ events: detail.events, readings: rows, flags }));
  showTable(rows, limits);
  showAges();
}

function showState() {
  const { state, panel } = detail;
  const nurse = panel && !isClosed(state) ? nurseSpoken(panel, now()) : detail.nurse;
  const due = panel?.due ? [`${panel.due.label} ${dueWords(panel.due, now())}`, postponedWords(panel.due)].filter(Boolean).join(", ") : null;
  const words = [
    state.replace("_", " "),
    state === "ready" && panel?.assessed_ready_by && `assessed ready by ${panel.assessed_ready_by}`,
  ].filter(Boolean);
  const node = part("state");
  const { waiting } = detail;
  fill(node, [words, due, nurse, detail.outcome, detail.outcome_reason, doseKey(), waitingKey(waiting, now())], () => {
    const dose = el("div.session-dose");
    showDose(dose, detail, now());
    return [
      el("p.state-word", {}, el("b", {}, capital(words.join(", ")))),
      waiting && waitingLine(waiting, now()),
      (due || nurse) && el("p.quiet", {}, [due, nurse].filter(Boolean).join(" · ")),
      detail.outcome && el("p", {}, `${capital(detail.outcome)}${detail.outcome_reason ? `: ${detail.outcome_reason}` : ""}`),
      dose,
    ];
  });
}

/** The calculated dose moves with the minute. */
const doseKey = () => [detail.dose, detail.dose_ended_at, Math.floor(now() / (MINUTE_MS / 4))];
const capital = (words) => words.charAt(0).toUpperCase() + words.slice(1);

function showActs() {
  const acts = offered(detail.acts, detail.protocol.route).filter(({ act }) => mayDo.has(act));
  fill(part("acts"), acts, () =>
    acts
      .filter((act) => act.allowed || act.act === "release")
      .map((act) =>
        el(
          act.allowed ? "button.button" : "button.button.not-yet",
          { type: "button", title: act.missing?.join("; ") || null, onclick: (event) => void doAct(act, event.currentTarget) },
          act.label,
        ),
      ),
  );
}

function acted(newDetail) {
  know(newDetail);
  refreshAll();
}

/** What lies behind the curve, said in words; it is drawn for the eye alone. */
function showTypical() {
  part("typical").hidden = !detail.typical;
  fill(part("typical"), detail.typical, () => [detail.typical]);
}

function doAct(act, button) {
  return take(act, { ...detail, now: now() }, { button, done: acted, failed: (words) => say(`${act.label}: ${words}`) });
}

function showTable(rows, limits) {
  const shown = tableRows(rows, { every });
  const button = part("every-row");
  button.hidden = !every && shown.length === rows.length;
  button.textContent = every ? "Fewer rows" : `All ${rows.length} rows`;
  showReadings(part("readings"), shown, {
    zeroAt: detail.dose_started_at ? Date.parse(detail.dose_started_at) : null,
    limits,
    mayCorrect: mayDo.has("correct-reading"),
    correct,
  });
}

function correct(row) {
  openCorrection(row, {
    title: `Correct ${clockTime(row.measured_at)}: ${setWords(row)}`,
    limits: detail.limits ?? NO_LIMITS,
    done: refreshAll,
  });
}

function showAges() {
  for (const node of document.querySelectorAll("[data-age-of]")) {
    const words = ago((now() - Date.parse(node.dataset.ageOf)) / MINUTE_MS);
    if (node.textContent !== words) node.textContent = words;
  }
}

function say(words) {
  part("said").textContent = words;
  part("said").hidden = !words;
}

part("every-row").addEventListener("click", () => {
  every = !every;
  show();
});
part("change-limits")?.addEventListener("click", () => {
  if (detail?.limits) askToChangeLimit({ patient: detail.patient.id, rules: changeable(detail.limits.rules), version: whoseLimits(detail.limits), done: refreshAll });
  else say("Limits for this patient: there are none before the check-in. Change them on the patient's page.");
});
part("print").addEventListener("click", () => print());
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !document.querySelector("dialog[open]")) location.assign("/board/");
});

if (detail) show();
refreshAll();
live.start();
setInterval(show, 5000);
