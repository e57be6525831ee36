/* One chair of the board: a panel (or nothing, for a free chair) drawn into its fixed place.
   The only renderer of a tile, for the first paint and for every update; it touches only what changed. */

import { absence, age, latest, overdueMinutes } from "./ages.js";
import { el, fill, setAttribute, setHidden, setWords } from "./dom.js";
import { waitingWords } from "./escort.js";
import { compareFlags, iconOf, isOverdue, lookOf, needsSomeone, ownerText, readingWords, takenBy, untilText, wordOf } from "./flag-words.js";
import { MINUTE_MS, ago, clock, number, span, time } from "./format.js";
import { icon } from "./icons.js";
import { OWN_LIMITS, OWN_LIMITS_SHORT, bandFor, ownLimits } from "./limits.js";
import { dueNow, makeRing, recheckNow, updateRing } from "./ring.js";
import { STATES } from "./session-states.js";
import { nurseSpoken, showNurse } from "./stand-in.js";
import { makeSparkline, updateSparkline } from "./sparkline.js";
import { VITALS } from "./vital-fields.js";

const SMALL = ["bp", "spo2", "heart_rate", "respiratory_rate", "sedation"];
const PRESSURE = new Set(["systolic", "diastolic", "mean"]);

/** The vital as the tile groups it: the pressures are one number. */
const shown = (vital) => (PRESSURE.has(vital) ? "bp" : vital);

/** The flags of `panel` in the order of the strip. */
const flagsInOrder = (panel) => [...panel.flags].sort(compareFlags);

/** The vital of the large slot: the one in trouble, else blood pressure. */
function leadVital(panel) {
  const flag = flagsInOrder(panel).find((one) => one.vital && VITALS[one.vital]);
  return flag ? shown(flag.vital) : "bp";
}

/** The look of the whole tile: its top flag, else overdue by this screen's clock, else plain. */
function tileLook(panel, now) {
  const [top] = flagsInOrder(panel);
  if (top) return lookOf(top);
  return overdueMinutes(panel, now) === null ? "plain" : "technical";
}

function figure() {
  const first = el("span", { class: "figure" });
  const slash = el("span", { class: "slash" }, "/");
  const second = el("span", { class: "figure" });
  return { node: el("span", { class: "value" }, first, slash, second), first, slash, second };
}

function makeSmall(vital) {
  const value = figure();
  const name = el("span", { class: "small-name" });
  const old = el("span", { class: "small-age" });
  setWords(name, VITALS[vital].name);
  name.append(el("span", { class: "unit" }, ` ${VITALS[vital].unit}`));
  return { vital, value, old, node: el("div", { class: "small", "data-vital": vital }, value.node, name, old) };
}

/** An empty tile for a chair named `name`; `node` stands on the board, updateTile draws it. Without `links` it leads
    nowhere: on a wall nobody is signed in. */
export function makeTile(name, { links = true } = {}) {
  const link = links ? el("a", { class: "tile-link", hidden: true }) : el("span", { class: "tile-link", role: "img", hidden: true });
  const chair = el("span", { class: "chair" }, name);
  const parts = {
    link,
    initials: el("span", { class: "initials" }),
    nurse: el("span", { class: "nurse" }),
    treatment: el("span", { class: "treatment" }),
    own: el("span", { class: "own-limits", title: OWN_LIMITS, hidden: true }, OWN_LIMITS_SHORT),
    next: el("span", { class: "next" }),
    nextName: el("span", { class: "next-name" }),
    nextValue: el("span", { class: "next-value" }),
    ring: makeRing(),
    lead: figure(),
    leadName: el("span", { class: "lead-name" }),
    leadUnit: el("span", { class: "unit" }),
    leadAge: el("span", { class: "lead-age" }),
    leadNone: el("span", { class: "lead-none" }),
    leadWords: el("span", { class: "lead-words" }),
    smalls: SMALL.map(makeSmall),
    spark: makeSparkline(),
    line: el("div", { class: "tile-line" }),
    lineIcon: el("span", { class: "line-icon" }),
    lineWord: el("span", { class: "line-word" }),
    lineStage: el("span", { class: "stage-word" }),
    lineText: el("span", { class: "line-text" }),
    lineTail: el("span", { class: "line-tail" }),
    lineSide: el("span", { class: "line-side" }),
  };
  parts.next.append(el("span", { class: "next-words" }, parts.nextName, parts.nextValue), parts.ring);
  parts.leadWords.append(parts.own, el("span", { class: "lead-title" }, parts.leadName, parts.leadUnit), parts.leadAge);
  parts.line.append(parts.lineIcon, parts.lineWord, parts.lineStage, parts.lineText, parts.lineTail, parts.lineSide);
  const body = el(
    "div",
    { class: "tile-body", "aria-hidden": "true" },
    el(
      "div",
      { class: "tile-head" },
      chair,
      el("span", { class: "who" }, el("span", { class: "who-line" }, parts.initials, parts.nurse), parts.treatment),
      parts.next,
    ),
    el(
      "div",
      { class: "lead" },
      parts.lead.node,
      parts.leadNone,
      parts.leadWords,
    ),
    el("div", { class: "smalls" }, ...parts.smalls.map((small) => small.node)),
    parts.spark,
    parts.line,
  );
  const free = el("div", { class: "tile-free" }, el("span", { class: "chair" }, name), el("span", {}, "free"));
  const node = el("li", { class: "tile state-edge", "data-chair": name }, link, body, free);
  return { node, body, free, name, links, ...parts };
}

/** Draw `panel` (null for a free chair) as it stands at `now` (server ms).
    `context` is {zone, bands, limits, typical}: the clinic's time zone, the limit bands and the limits by limit set, the
    typical response by route. */
export function updateTile(tile, panel, now, context) {
  setHidden(tile.link, panel === null);
  setHidden(tile.body, panel === null);
  setHidden(tile.free, panel !== null);
  if (panel === null) {
    setAttribute(tile.node, "data-state", "free");
    setAttribute(tile.node, "data-urgent", null);
    return;
  }
  const flags = flagsInOrder(panel);
  const [top] = flags;
  setAttribute(tile.node, "data-state", tileLook(panel, now));
  setAttribute(tile.node, "data-stage", panel.state);
  setAttribute(tile.node, "data-urgent", top && needsSomeone(top) ? top.priority : null);
  setAttribute(tile.node, "data-taken", top !== undefined && takenBy(top) !== null);
  if (tile.links) setAttribute(tile.link, "href", `/sessions/${panel.session}/`);

  setWords(tile.initials, panel.initials);
  showNurse(tile.nurse, panel, now);
  drawNext(tile, panel, now, context.zone);
  drawLead(tile, panel, flags, now, context.zone);
  drawSmalls(tile, panel, flags, now, context.zone);
  const own = ownLimits(panel, now);
  setHidden(tile.own, own.length === 0);
  const behind = { band: bandOf(panel, own, context), typical: context.typical[panel.route] };
  const hasTypical = updateSparkline(tile.spark, panel, behind, age(panel, "bp", now).look !== "plain");
  setAttribute(tile.link, "title", hasTypical ? `Faint, behind the curve: ${behind.typical.words}` : null);
  const line = lineOf(panel, flags, now, context.zone);
  drawLine(tile, line);
  // Where a flag takes the last line, the stage stands beside the dose instead.
  const place = panel.chair ? null : "no chair";
  const stage = line.look === "plain" ? null : stageWord(panel);
  setWords(tile.treatment, [panel.treatment, stage, place].filter(Boolean).join(" · "));
  setAttribute(tile.link, "aria-label", spoken(tile.name, panel, line, now, context.zone));
}

/** The band of systolic limits: the clinic's, or as it is for this patient. */
function bandOf(panel, own, { bands, limits }) {
  const clinics = limits?.[panel.limit_set];
  return own.length && clinics ? bandFor("systolic", clinics, own) : bands[panel.limit_set]?.systolic;
}

/* --- next set, or the single measurement that is to be repeated before it --- */

/** Words of what is to be measured next: {state, name, value}, or null when nothing is planned. */
function nextWords(panel, now, zone) {
  const recheck = nextRecheck(panel);
  if (recheck && (!panel.due || time(recheck.at) < time(panel.due.at))) return recheckWords(recheck, now, zone);
  return panel.due ? setWordsOf(panel, now) : null;
}

/** The first re-check that is a task of its own; what the next set measures anyway needs no second ring. */
function nextRecheck(panel) {
  return (panel.rechecks ?? []).filter((one) => !one.with_set).sort((one, other) => time(one.at) - time(other.at))[0] ?? null;
}

/** "re-check BP" and "10:35", and from then on how long it is due. */
function recheckWords(recheck, now, zone) {
  const state = recheckNow(time(recheck.at), now);
  const vitals = [...new Set(recheck.vitals.map(shown))].filter((vital) => VITALS[vital]).map((vital) => VITALS[vital].name);
  const name = `re-check ${vitals.join(", ")}`.trim();
  if (state.phase === "waiting") return { state, name, value: clock(time(recheck.at), zone) };
  return { state, name: `${name} due`, value: state.minutes < 1 ? "now" : ago(state.minutes) };
}

function setWordsOf(panel, now) {
  const state = dueNow(panel.due, now);
  const lacking = [...new Set(panel.due.missing.map(shown))].filter((vital) => VITALS[vital]);
  // Once part of the set is in, only what is still lacking is named.
  const partly = now >= time(panel.due.opens_at) && lacking.length > 0 && lacking.length < 3;
  const names = partly ? lacking.map((vital) => VITALS[vital].name).join(", ") : null;
  if (state.phase === "overdue") return { state, name: names ? `${names} overdue` : "overdue", value: span(state.minutes) };
  if (state.phase === "due") {
    return { state, name: `${names ?? "set"} due`, value: state.minutes < 1 ? "now" : ago(state.minutes) };
  }
  const name = state.postponed ? "postponed" : panel.due.label;
  return { state, name: names ?? name, value: span(state.minutes) };
}

function drawNext(tile, panel, now, zone) {
  const words = nextWords(panel, now, zone);
  setHidden(tile.next, words === null);
  if (words === null) return;
  setWords(tile.nextName, words.name);
  setWords(tile.nextValue, words.value);
  setAttribute(tile.next, "data-phase", words.state.phase);
  updateRing(tile.ring, words.state);
}

/* --- numbers --- */

/** How a number is marked: its look, and whether calmly, because somebody has it or it is back inside. */
function markOf(flags, component) {
  const flag = flags.find((one) => one.vital === component);
  return flag ? { look: lookOf(flag), calm: takenBy(flag) !== null || flag.state === "latched" } : null;
}

function drawValue(value, vital, panel, flags, look) {
  const pair = vital === "bp";
  const known = latest(panel, vital);
  const monitorSays = pair ? null : technicalValue(flags, vital);
  const texts = monitorSays === null ? (known?.values ?? [null]).map((one) => (one === null ? "–" : number(one))) : [monitorSays];
  const gone = (look === "gone" || look === "never") && monitorSays === null;
  setWords(value.first, gone ? "–" : texts[0]);
  setHidden(value.slash, !pair || gone);
  setHidden(value.second, !pair || gone);
  if (pair && !gone) setWords(value.second, texts[1]);
  setAttribute(value.node, "data-look", monitorSays === null ? look : "plain");
  const components = pair ? ["systolic", "diastolic"] : [vital];
  [value.first, value.second].forEach((node, index) => {
    const mark = components[index] ? markOf(flags, components[index]) : null;
    setAttribute(node, "data-mark", mark?.look ?? null);
    setAttribute(node, "data-taken", mark?.calm ?? false);
  });
}

/** What a monitor gave that is no measurement (a zero), shown because somebody must look; null otherwise. */
function technicalValue(flags, vital) {
  const flag = flags.find((one) => one.vital === vital && one.category === "technical");
  return flag && flag.value !== null && flag.value !== undefined ? number(flag.value) : null;
}

function drawLead(tile, panel, flags, now, zone) {
  const vital = leadVital(panel);
  const state = age(panel, vital, now);
  const missed = absence(panel, vital);
  const asked = technicalValue(flags, vital);
  const none = asked === null && (missed !== null || state.look === "gone" || state.look === "never");
  setAttribute(tile.node, "data-lead", vital);
  setHidden(tile.lead.node, none);
  setHidden(tile.leadNone, !none);
  setHidden(tile.leadWords, none && vital === "bp" && missed === null);
  setWords(tile.leadName, VITALS[vital].name);
  setWords(tile.leadUnit, none ? "" : ` ${VITALS[vital].unit}`);
  if (none) {
    setWords(tile.leadNone, noneText(vital, state, missed, zone));
    setWords(tile.leadAge, missed ? missed.reason : "");
    return;
  }
  drawValue(tile.lead, vital, panel, flags, state.look);
  setWords(tile.leadAge, asked === null ? ago(state.minutes) : "monitor says");
}

function noneText(vital, state, missed, zone) {
  if (missed) return "could not measure";
  if (state.look === "never") return vital === "bp" ? "no set yet" : "not yet measured";
  return `no ${vital === "bp" ? "set" : "value"} since ${clock(state.at, zone)}`;
}

function drawSmalls(tile, panel, flags, now, zone) {
  const lead = leadVital(panel);
  const leadAge = age(panel, lead, now);
  const raised = lead === "bp" ? null : SMALL.findLast((vital) => vital !== lead);
  for (const small of tile.smalls) {
    setHidden(small.node, small.vital === lead);
    setAttribute(small.node, "data-raised", small.vital === raised);
    if (small.vital === lead) continue;
    const state = age(panel, small.vital, now);
    const missed = absence(panel, small.vital);
    drawValue(small.value, small.vital, panel, flags, missed ? "gone" : state.look);
    setWords(small.old, smallAge(state, leadAge, missed, zone));
  }
}

/** The age under a small number, where it differs from the large one's. */
function smallAge(state, leadAge, missed, zone) {
  if (missed) return "no reading";
  if (state.look === "never") return "";
  if (state.look === "gone") return `since ${clock(state.at, zone)}`;
  const same = leadAge.minutes !== null && Math.floor(state.minutes) === Math.floor(leadAge.minutes);
  return same ? "" : state.minutes < 1 ? "now" : span(state.minutes);
}

/* --- the one line --- */

/** What stands on the last line: {look, icon, word, stage?, text, tail?, side}; a low tile leaves the tail out. */
function lineOf(panel, flags, now, zone) {
  const [top] = flags;
  const overdue = overdueMinutes(panel, now);
  if (top && !isOverdue(top)) {
    const more = flags.length > 1 ? ` · +${flags.length - 1}` : "";
    const often = needsSomeone(top) && top.state !== "latched" ? readingWords(top) : "";
    // what is no value has long words: only who has it may shorten them
    const side = top.category === "technical" && takenBy(top) === null ? "" : often || sideText(top, now, zone);
    const silenced = top.state === "audio_paused" ? "paused" : null;
    return { look: lookOf(top), icon: silenced ?? lookOf(top), word: wordOf(top), text: shortText(top), side: side + more };
  }
  if (overdue !== null) {
    const side = top && takenBy(top) !== null ? ownerText(top, now, zone) : "";
    return { look: "technical", icon: "technical", word: "OVERDUE", text: `${panel.due.label}, ${span(overdue)}`, side };
  }
  if (top) return { look: lookOf(top), icon: lookOf(top), word: wordOf(top), text: top.text, side: ownerText(top, now, zone) };
  return { look: "plain", icon: stageIcon(panel), word: "", side: "", ...stageText(panel, now, zone) };
}

/** WAS HIGH has said already that it went back; who silenced it stands on its card. */
function sideText(flag, now, zone) {
  if (flag.state === "latched") return "look and take";
  // for how long stands in the strip
  if (flag.escalated && needsSomeone(flag)) return "nobody yet, escalated";
  return flag.state === "audio_paused" ? `paused ${untilText(flag, zone)}`.trim() : ownerText(flag, now, zone);
}

/** The value stands large above: the line needs only the vital and its limit. */
function shortText(flag) {
  const limited = VITALS[flag.vital] && flag.category !== "technical" && typeof flag.threshold === "number";
  return limited ? `${VITALS[shown(flag.vital)].name}, limit ${number(flag.threshold)}` : flag.text;
}

const stageIcon = (panel) => (panel.waiting_for_escort_at ? STATES.released : STATES[panel.state]).icon;

/** The stage of the session in a word or two. */
function stageWord(panel) {
  if (panel.waiting_for_escort_at) return "waiting for escort";
  return panel.state.replaceAll("_", " ");
}

function stageText(panel, now, zone) {
  const dose = time(panel.dose_started_at);
  const sinceDose = dose === null ? null : `T+${Math.max(0, Math.floor((now - dose) / MINUTE_MS))} min`;
  const ends = time(panel.window_ends_at);
  const tail = ends === null ? "" : ` · earliest release ${clock(ends, zone)}`;
  if (panel.waiting_for_escort_at) return { text: waitingWords(panel.waiting_for_escort_at, now, (at) => clock(time(at), zone)) };
  if (panel.state === "ready") return { text: `Assessed ready by ${panel.assessed_ready_by ?? "–"}`, tail };
  if (sinceDose === null) return { text: "Checked in · not started" };
  if (panel.state === "held") return { stage: "Held", text: sinceDose, tail };
  if (panel.state === "dosing") return { stage: "Dosing", text: sinceDose, tail };
  if (ends !== null && now >= ends) return { text: `${sinceDose} · window ended ${clock(ends, zone)}` };
  return { text: sinceDose, tail };
}

function drawLine(tile, line) {
  setAttribute(tile.line, "data-look", line.look);
  fill(tile.lineIcon, line.icon, () => [
    line.look === "plain" ? icon(line.icon) : iconOf(line.icon),
  ]);
  setHidden(tile.lineWord, line.word === "");
  setWords(tile.lineWord, line.word);
  setWords(tile.lineStage, line.stage ? `${line.stage} ·` : "");
  setHidden(tile.lineStage, !line.stage);
  setWords(tile.lineText, line.text);
  setWords(tile.lineTail, line.tail ?? "");
  setWords(tile.lineSide, line.side);
}

/* --- for screen readers --- */

function spokenVital(vital, panel, now, zone) {
  const { long, unit } = VITALS[vital];
  const missed = absence(panel, vital);
  if (missed) return `${long} could not be measured: ${missed.reason}`;
  const state = age(panel, vital, now);
  if (state.look === "never") return null;
  if (state.look === "gone") return `no ${long} since ${clock(state.at, zone)}`;
  const old = state.look === "stale" ? "out of date, " : "";
  const values = latest(panel, vital).values.map((one) => (one === null ? "unknown" : number(one)));
  return `${long} ${values.join(" over ")} ${unit}, ${old}${ago(state.minutes)}`;
}

function spoken(name, panel, line, now, zone) {
  const next = nextWords(panel, now, zone);
  const lead = leadVital(panel);
  const order = [lead, ...SMALL.filter((vital) => vital !== lead)];
  return [
    panel.chair ? `Chair ${name}` : "No chair",
    panel.initials,
    panel.treatment,
    nurseSpoken(panel, now),
    ownLimits(panel, now).length ? OWN_LIMITS : null,
    [line.word, line.stage, (line.text ?? "") + (line.tail ?? ""), line.side].filter(Boolean).join(" "),
    ...order.map((vital) => spokenVital(vital, panel, now, zone)),
    next ? `${next.name} ${next.value}` : null,
  ]
    .filter(Boolean)
    .join("; ");
}
