// The hand-over page: what is offered to me, what I offer, or my chairs with the one button that offers them.
// Chairs follow the live stream; whatever is done goes through the API and is shown from its answer.

import { readJson, writeJson } from "./api.js";
import { clockTime, now, setClock } from "./clinic-clock.js";
import { showDose } from "./dose.js";
import { el, fill, setAttribute, whileInert } from "./dom.js";
import { dueWords } from "./due.js";
import { compareFlags, iconOf, lookOf, priorityLabel, whyOf } from "./flag-words.js";
import { MINUTE_MS, count, span } from "./format.js";
import { icon } from "./icons.js";
import { nameOf } from "./identity.js";
import { Live } from "./live.js";
import { STATES } from "./session-states.js";
import { showTrust } from "./trust.js";
import { VITALS } from "./vital-fields.js";

const part = (id) => document.getElementById(id);
const { zone, me } = part("hand-over").dataset;
const URL_ = "/api/v1/hand-overs/";
const SOON_MS = 300;
const REFRESH_MS = 10_000; // a count of drugs, and an end with every chair accepted, touch no session
const LABELS_SHOWN = 6;

const live = new Live("/live/board/", "/api/v1/board/");
const telling = new Map();
let held = null;
let waiting = null;
let colleague = "";

// --- what is known

setClock(null, zone);
live.addEventListener("snapshot", ({ detail: board }) => {
  setClock(board.clock, board.clinic.time_zone);
  refreshSoon();
});
live.addEventListener("session", ({ detail: panel }) => {
  const said = tellingOf(panel);
  if (telling.get(panel.session) === said) return;
  telling.set(panel.session, said);
  refreshSoon();
});
live.addEventListener("status", show);

/** What of a panel changes anything here. */
const tellingOf = ({ chair, nurse_id: nurse, state, due, flags, rechecks, cover, hand_over: offer, dose_ended_at: ended }) =>
  JSON.stringify([chair, nurse, state, due?.at, due?.missing, flags.map((flag) => [flag.id, flag.state, flag.text, flag.acknowledged_by]), rechecks, cover, offer, ended]);

function refreshSoon() {
  waiting ??= setTimeout(() => {
    waiting = null;
    void refresh();
  }, SOON_MS);
}

async function refresh() {
  try {
    know(await readJson(URL_));
    if (part("trouble").dataset.of === "refresh") say("");
  } catch (error) {
    say(`This page may be old: ${error.message}`, "refresh");
  }
}

function know(answer) {
  held = answer;
  show();
}

function say(words, of = "act") {
  part("trouble").dataset.of = of;
  part("trouble").replaceChildren(...(words ? [el("p.form-error", {}, icon("triangle-alert"), el("span", {}, words))] : []));
}

// --- what is shown, each part by its key so that a tap never falls on a node that was replaced

const shownParts = new Map();

function place(key, tag) {
  if (!shownParts.has(key)) shownParts.set(key, el(tag));
  return shownParts.get(key);
}

function show() {
  showTrust(part("watch-state"), live);
  if (!held) return;
  const open = held.results.filter((one) => one.state === "open");
  const toMe = open.filter((one) => one.to.id === me);
  const mine = open.find((one) => one.from.id === me) ?? null;
  const others = open.filter((one) => one.to.id !== me && one.from.id !== me);
  const ended = held.results.find((one) => one.state !== "open" && (one.to.id === me || one.from.id === me)) ?? null;
  const nodes = [
    ...toMe.flatMap((one) => offered(one, toMe.length > 1 || mine)),
    ...(mine ? offered(mine, toMe.length > 0) : begin(toMe.length > 0)),
    ...(ended && !mine && !toMe.length ? [endWords(ended)] : []),
    ...others.map(otherLine),
  ].filter(Boolean);
  const list = part("hand-over-parts");
  nodes.forEach((node, index) => {
    if (list.children[index] !== node) list.insertBefore(node, list.children[index] ?? null);
  });
  while (list.children.length > nodes.length) list.lastElementChild.remove();
  showHead(toMe, mine);
}

function showHead(toMe, mine) {
  const [offer] = toMe;
  const title = offer ? `${offer.from.name} hands over to you` : mine ? `You hand over to ${mine.to.name}` : "Hand-over";
  const one = offer ?? mine;
  const words = one
    ? `${progress(one)} · begun ${clockTime(one.began_at)} · ends by itself ${clockTime(one.ends_by)}`
    : "Your colleague accepts each chair on her own device, with what is open there.";
  fill(part("hand-over-title"), title, () => [title]);
  fill(part("hand-over-words"), words, () => [words]);
}

const accepted = (one) => one.chairs.filter((chair) => chair.accepted_at).length;
const leftOf = (one) => one.chairs.filter((chair) => !chair.accepted_at && chair.open);
const progress = (one) => `${accepted(one)} of ${count(one.chairs.length, "chair")} accepted`;

/** One open hand-over: its chairs, the drugs, the way to end it; named where it is not the only one. */
function offered(one, named) {
  return [named ? nameLine(one) : null, chairGrid(`chairs-${one.id}`, one.chairs, one), drugs(one), ending(one)];
}

function nameLine(one) {
  const node = place(`name-${one.id}`, "h2");
  const words = `${one.from.name} to ${one.to.name}: ${progress(one)}`;
  fill(node, words, () => [words]);
  return node;
}

// --- chairs

function chairGrid(key, chairs, one) {
  const grid = place(key, "div.hand-chairs");
  chairs.forEach((chair, index) => {
    const node = place(`${key}-${chair.session}`, "article.card.hand-chair");
    drawChair(node, chair, one);
    if (grid.children[index] !== node) grid.insertBefore(node, grid.children[index] ?? null);
  });
  while (grid.children.length > chairs.length) grid.lastElementChild.remove();
  return grid;
}

function drawChair(node, chair, one) {
  const { panel } = chair;
  const flags = [...panel.flags].sort(compareFlags);
  const dose = el("div.hand-dose");
  showDose(dose, { ...panel, dose: chair.dose, protocol: { route: panel.route } }, now());
  const due = panel.due ? dueWords(panel.due, now()) : "none planned";
  setAttribute(node, "data-accepted", Boolean(chair.accepted_at));
  setAttribute(node, "aria-label", chair.chair ? `Chair ${chair.chair}` : "No chair");
  fill(node, [chair, one?.state, one?.may, due, dose.textContent, minutesOpen(flags)], () => [
    el(
      "header.hand-chair-head",
      {},
      el("span.hand-chair-name", {}, chair.chair ? [el("small", {}, "Chair"), chair.chair] : "No chair"),
      el(
        "div",
        {},
        el("h2", {}, nameOf(chair.patient)),
        el("p.quiet", {}, [panel.treatment, STATES[panel.state].word.toLowerCase()].join(" · ")),
        chair.patient.allergies && el("p.allergy", {}, `Allergy: ${chair.patient.allergies}`),
      ),
    ),
    el("div.hand-flags", {}, flags.length ? flags.map(flagLine) : el("p.quiet", {}, "No flag is open.")),
    el(
      "dl.hand-facts",
      {},
      fact("Next set", panel.due ? [`${clockTime(panel.due.at)}, ${due}`, el("small", {}, dueKind(panel.due))] : due),
      panel.rechecks.length > 0 && fact("Re-check", panel.rechecks.map(recheckWords).join("; ")),
      fact("Symptoms", chair.symptoms.length ? chair.symptoms.join("; ") : "none open"),
      panel.cover && fact("Cover", panel.cover.taken_by ? `${panel.cover.taken_by} covers for ${panel.cover.asked_by}` : `asked by ${panel.cover.asked_by}, nobody yet`),
    ),
    dose,
    one && foot(chair, one),
  ]);
}

const dueKind = ({ label, postponed }) => [label, postponed && `postponed by ${postponed.by}: ${postponed.reason}`].filter(Boolean).join(", ");
const minutesOpen = (flags) => flags.map((flag) => Math.floor((now() - Date.parse(flag.opened_at)) / MINUTE_MS));
const fact = (name, words) => el("div", {}, el("dt", {}, name), el("dd", {}, words));

const recheckWords = (check) =>
  `${[...new Set(check.vitals.map((vital) => (vital === "systolic" || vital === "diastolic" ? "BP" : VITALS[vital].name)))].join(", ")} ${clockTime(check.at)}`;

/** A flag with its state, who has it, and why it stands there. */
function flagLine(flag) {
  const look = lookOf(flag);
  const label =
    look === "pending" || look === "technical"
      ? el("span.state-label", { data: { state: look === "pending" ? "plain" : look } }, iconOf(look), look === "pending" ? "Re-check" : "Technical")
      : priorityLabel(flag.priority);
  const since = `since ${clockTime(flag.opened_at)}, ${span((now() - Date.parse(flag.opened_at)) / MINUTE_MS)}`;
  return el(
    "div.hand-flag.state-edge",
    { data: { state: look, taken: String(Boolean(flag.acknowledged_by)) } },
    el("p.hand-flag-text", {}, label, el("b", {}, flag.text)),
    el("p.hand-owner", {}, icon(flag.acknowledged_by ? "user-check" : "flag"), el("span", {}, ownerWords(flag))),
    el("p.quiet", {}, [since, whyOf(flag) || flag.rule].filter(Boolean).join(" · ")),
  );
}

function ownerWords(flag) {
  if (flag.acknowledged_by) return `${flag.acknowledged_by} has it since ${clockTime(flag.acknowledged_at)}`;
  if (flag.state === "pending") return "a repeat reading is due";
  if (flag.state === "audio_paused") return `silent until ${clockTime(flag.paused_until)}, by ${flag.paused_by}`;
  return flag.state === "latched" ? "back inside, nobody took it" : "nobody has it yet";
}

/** What became of the chair, or the button that takes it. */
function foot(chair, one) {
  if (chair.accepted_at) return el("p.hand-done", {}, icon("circle-check"), el("b", {}, `Accepted ${clockTime(chair.accepted_at)} by ${one.to.name}`));
  if (!chair.open) return el("p.hand-done", {}, icon("door-open"), el("b", {}, "The session has ended: nothing to take over"));
  if (one.state !== "open") return null;
  if (!one.may.includes("accept")) return el("p.hand-done.hand-waits", {}, icon("clock"), el("b", {}, `Waits for ${one.to.name}`));
  const name = chair.chair ? `Accept chair ${chair.chair}` : "Accept this session";
  return el("button.button.button-primary.hand-accept", { type: "button", onclick: (event) => void accept(one, chair, event.currentTarget) }, name);
}

function accept(one, chair, button) {
  return act(button, () => writeJson(`${URL_}${one.id}/accept/`, { session: chair.session, chair: chair.chair ?? "" }));
}

/** Do one call of a button, then look anew; what is refused stays said until something is done. */
function act(button, call) {
  return whileInert(button, async () => {
    say("");
    try {
      await call();
    } catch (error) {
      say([error.message, ...(error.body?.missing ?? []).map((words) => `Missing: ${words}.`)].join(" "));
      part("trouble").scrollIntoView({ block: "nearest" });
    }
    await refresh();
  });
}

// --- drugs, and the end

function drugs(one) {
  const { drug_count: drug } = one;
  const node = place(`drugs-${one.id}`, "section.card.hand-drugs");
  setAttribute(node, "aria-label", "Controlled drugs");
  setAttribute(node, "data-done", drug.done);
  fill(node, [drug, one.began_at], () => [
    el("p.hand-drugs-state", {}, icon(drug.done ? "circle-check" : "droplets"), el("b", {}, drugWords(drug, one))),
    el("p.quiet", {}, drug.last_at ? `Last count ${clockTime(drug.last_at)} by ${drug.last_by}` : "No count was ever charted"),
    drug.uncounted.length > 0 && el("a.button", { href: "/ledger/count/" }, icon("droplets"), "Count now"),
    drug.asks_why_none &&
      el("div.field", {}, el("label", { for: "no-drugs" }, "Why there is nothing to count"), el("input.input", { id: "no-drugs", maxlength: 300, autocomplete: "off" })),
  ]);
  return node;
}

function drugWords(drug, one) {
  if (drug.done) return `Controlled drugs counted since ${clockTime(one.began_at)}`;
  if (drug.asks_why_none) return "The register holds no controlled drug";
  const shown = drug.uncounted.slice(0, LABELS_SHOWN);
  const more = drug.uncounted.length - shown.length;
  return `Controlled drugs to count: ${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function ending(one) {
  if (!one.may.includes("finish")) return null;
  const node = place(`end-${one.id}`, "section.card.hand-end");
  const left = leftOf(one);
  fill(node, [left.map((chair) => [chair.session, chair.chair, inHand(chair, one)]), one.may, one.elsewhere, one.drug_count.uncounted], () => [
    el("p", {}, consequence(left, one)),
    one.elsewhere.length > 0 && el("p", {}, `${one.from.name} also has ${count(one.elsewhere.length, "flag")} at other chairs: with the end, ${one.elsewhere.length > 1 ? "they ask" : "it asks"} again.`),
    el(
      "div.row",
      {},
      one.may.includes("cancel") && el("button.button", { type: "button", onclick: (event) => void act(event.currentTarget, () => writeJson(`${URL_}${one.id}/cancel/`, {})) }, "Cancel the hand-over"),
      el(left.length ? "button.button" : "button.button.button-primary", { type: "button", onclick: (event) => void finish(one, event.currentTarget) }, left.length ? `Finish without ${chairsWords(left)}` : "Finish hand-over"),
    ),
  ]);
  return node;
}

const inHand = (chair, one) => chair.panel.flags.filter((flag) => flag.state === "acknowledged" && flag.acknowledged_by_id === one.from.id).length;
const chairsWords = (chairs) => `${chairs.length === 1 ? "chair" : "chairs"} ${chairs.map((chair) => chair.chair ?? "–").join(", ")}`;

function consequence(left, one) {
  if (!left.length) return "Every chair is accepted.";
  const flags = left.reduce((sum, chair) => sum + inHand(chair, one), 0);
  const stays = `Not accepted yet: ${chairsWords(left)}. With the end ${left.length > 1 ? "they stay" : "it stays"} ${one.from.id === me ? "yours" : `with ${one.from.name}`}`;
  return flags ? `${stays}, and ${count(flags, "flag")} in hand ask${flags > 1 ? "" : "s"} again on every screen.` : `${stays}.`;
}

function finish(one, button) {
  const why = part("no-drugs")?.value.trim() ?? "";
  return act(button, () => writeJson(`${URL_}${one.id}/finish/`, why ? { no_drugs: why } : {}));
}

function endWords(one) {
  const node = place(`ended-${one.id}`, "section.card.hand-ended");
  const left = one.chairs.filter((chair) => !chair.accepted_at);
  fill(node, [one.ended_at, one.chairs.map((chair) => [chair.offered_as, chair.accepted_at, chair.reopened])], () => {
    const reopened = left.reduce((sum, chair) => sum + chair.reopened, 0);
    const named = (chairs) => chairs.map((chair) => chair.offered_as ?? "–").join(", ");
    const taken = one.chairs.filter((chair) => chair.accepted_at);
    const how = one.state === "timed out" ? `timed out ${clockTime(one.ended_at)}` : `${one.state} ${clockTime(one.ended_at)} by ${one.ended_by}`;
    return [
      el("p", {}, icon(one.state === "finished" ? "circle-check" : "clock-alert"), " ", el("b", {}, `Last hand-over, ${one.from.name} to ${one.to.name}: ${how}`)),
      el("p", {}, [taken.length && `Accepted: ${taken.length > 1 ? "chairs" : "chair"} ${named(taken)}.`, one.state !== "cancelled" && left.length && `Not accepted: ${left.length > 1 ? "chairs" : "chair"} ${named(left)}${reopened ? `; ${count(reopened, "flag")} asked again` : ""}.`].filter(Boolean).join(" ") || "Nothing was changed by it."),
    ];
  });
  return node;
}

function otherLine(one) {
  const node = place(`other-${one.id}`, "p.quiet");
  const words = `${one.from.name} hands over to ${one.to.name}: ${progress(one)}.`;
  fill(node, words, () => [words]);
  return node;
}

// --- beginning

function begin(quietly) {
  if (!held.own.length) {
    const node = place("no-chairs", "p.card.quiet");
    fill(node, "none", () => ["You have no chair now."]);
    return quietly ? [] : [node];
  }
  const form = place("begin", "section.card.hand-begin");
  const names = held.own.map((chair) => chair.chair ?? "–").join(", ");
  fill(form, [names, held.colleagues], () => {
    const group = (here, label) => {
      const people = held.colleagues.filter((one) => one.here === here);
      return people.length > 0 && el("div.hand-people", { role: "group", "aria-label": label }, el("p.quiet", {}, label), people.map(person));
    };
    return [
      el("h2", {}, `Hand over ${held.own.length > 1 ? "chairs" : "chair"} ${names} to`),
      held.colleagues.length ? [group(true, "Here now"), group(false, "Others of the clinic")] : el("p", {}, "Nobody else gives care in this clinic."),
    ];
  });
  return [form, chairGrid("own", held.own, null)];
}

/** A first tap names the colleague, the second begins: a whole shift's chairs go by no slip of a finger. */
function person(one) {
  const button = el("button.button.hand-person", { type: "button" }, one.name, el("small", {}, one.role.toLowerCase()));
  button.addEventListener("click", () => {
    if (colleague === one.id) {
      void act(button, () => writeJson(URL_, { to: one.id })).then(() => (colleague = ""));
      return;
    }
    colleague = one.id;
    for (const other of document.querySelectorAll(".hand-person")) sayPerson(other, false);
    sayPerson(button, true);
  });
  button.dataset.name = one.name;
  sayPerson(button, colleague === one.id);
  return button;
}

function sayPerson(button, chosen) {
  button.classList.toggle("button-primary", chosen);
  button.setAttribute("aria-pressed", String(chosen));
  button.firstChild.textContent = chosen ? `Begin, to ${button.dataset.name}` : button.dataset.name;
}

live.start();
void refresh();
setInterval(show, 5000);
setInterval(() => document.hidden || void refresh(), REFRESH_MS);
addEventListener("focus", refreshSoon);
