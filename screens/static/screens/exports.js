// The page of exports: how many sessions fit while the form is filled in, asking, and following what goes on. What the
// form says stands in the address too, so that it can be shared. The lists are the server's: drawn again when an export
// changes its state, and between that only its bar and words.

import { Refused, readJson, writeJson } from "./api.js";
import { bodyOf, clear, say } from "./api-form.js";
import { openDialog } from "./dialog.js";
import { el, setAttribute, setHidden, setWords, whileInert } from "./dom.js";
import { count } from "./format.js";

const EVERY_MS = 2000;
const TYPING_MS = 350;
// of a bar, between two things that are read aloud
const QUARTER = 0.25;

const form = document.getElementById("ask");
const said = document.getElementById("exports-said");

// --- the form

const chosen = (name) => form.querySelector(`[name="${name}"]:checked`)?.value ?? "";
const isScheduled = () => chosen("every") !== "";

/** The form as two bodies: of an export, and of the schedule that makes it. */
function bodies() {
  const { every, name = "", at_hour, store, ...asked } = bodyOf(form);
  return { asked, schedule: { every, name, at_hour, store, asked } };
}

/** Show what belongs to the choices made; what does not is off, so that it is not sent either. */
function fit() {
  setAttribute(form, "data-disclosure", chosen("disclosure"));
  for (const node of form.querySelectorAll("[data-again]")) turn(node, isScheduled());
  for (const node of form.querySelectorAll("[data-once]")) turn(node, !isScheduled());
  for (const node of form.querySelectorAll("[data-csv]")) turn(node, chosen("form") === "csv");
  setHidden(form.querySelector("[data-identified]"), chosen("disclosure") !== "identified");
  for (const chip of form.querySelectorAll("[data-first]")) {
    const isOn = chip.dataset.first === field("from_day").value && chip.dataset.last === field("until_day").value;
    setAttribute(chip, "aria-pressed", isOn ? "true" : "false");
  }
}

const field = (id) => document.getElementById(id);

function turn(node, on) {
  setHidden(node, !on);
  for (const one of node.matches("fieldset") ? [node] : node.querySelectorAll("input, select")) one.disabled = !on;
}

/** The address of the form as it is: what is as it usually is does not stand in it. */
function keepAddress() {
  const words = new URLSearchParams();
  for (const name of ["from_day", "until_day", "route", "protocol", "indication", "flags", "staff"]) {
    if (field(name).value) words.set(name, field(name).value);
  }
  const boxes = [...form.querySelectorAll('[name^="contents."]')];
  if (!boxes.every((box) => box.checked)) for (const box of boxes) if (box.checked) words.append("contents", box.value);
  if (chosen("form") !== "csv") words.set("form", chosen("form"));
  if (chosen("disclosure") !== "identified") words.set("disclosure", chosen("disclosure"));
  history.replaceState(null, "", words.size ? `?${words}` : location.pathname);
}

let counting = 0;

/** Ask how many sessions fit; only the newest question's answer is shown. */
async function countThem() {
  const mine = ++counting;
  const [words, button] = [field("fits"), field("ask-button")];
  let [told, can, label] = ["", false, isScheduled() ? "Start schedule" : "Export"];
  try {
    const { sessions } = await writeJson("/api/v1/exports/count/", bodies().asked);
    if (isScheduled()) [told, can] = [`${count(sessions, "session")} of all days fit; each run takes those of its ${chosen("every")}`, true];
    else if (sessions) [told, can, label] = [`${count(sessions, "session")} ${sessions === 1 ? "fits" : "fit"}`, true, `Export ${count(sessions, "session")}`];
    else told = "No session fits: choose other days or fewer filters";
  } catch (error) {
    told = error instanceof Refused ? error.message : `They could not be counted: ${error.message}`;
  }
  if (mine !== counting) return;
  setWords(words, told);
  setWords(button, label);
  button.disabled = !can;
}

async function ask() {
  clear(form);
  const again = isScheduled();
  try {
    const answer = again ? await writeJson("/api/v1/exports/schedules/", bodies().schedule) : await writeJson("/api/v1/exports/", bodies().asked);
    await drawAgain();
    field(`${again ? "schedule" : "export"}-${answer.id}`)?.focus();
    field(`${again ? "schedule" : "export"}-${answer.id}`)?.scrollIntoView({ block: "nearest" });
    said.textContent = again ? "The schedule is set up." : "The export is asked for.";
  } catch (error) {
    say(form, error);
  }
}

/** Before names leave: what that is, and who answers for it. */
function confirmIdentified() {
  const what = field("ask-button").textContent;
  const dialog = openDialog(
    "identified-dialog",
    "This export names patients",
    [
      el("p", {}, "It holds names, birth dates, record numbers, addresses, the names of staff, and what was written in free words."),
      el("p", {}, "You answer for where the file goes: keep it encrypted, hand it on only to who may have it, and delete it when it has served. That you asked, and each download, is in the audit trail under your name."),
      isScheduled() ? el("p", {}, `The file is left in the store “${field("store").value}” at each run: whoever reads there reads it.`) : null,
      el("p.quiet", {}, "“Limited” leaves out what names anybody, “Aggregate” holds sums only."),
    ].filter(Boolean),
    {
      send: what,
      submit: async () => {
        dialog.close();
        await whileInert(field("ask-button"), ask);
      },
    },
  );
}

function startForm() {
  let waiting = 0;
  const changed = () => {
    fit();
    keepAddress();
    field("ask-button").disabled = true;
    clearTimeout(waiting);
    waiting = setTimeout(countThem, TYPING_MS);
  };
  form.addEventListener("input", (event) => {
    if (!event.target.closest(".exports-schedule")) changed();
  });
  form.addEventListener("click", (event) => {
    const chip = event.target.closest("[data-first]");
    if (!chip) return;
    [field("from_day").value, field("until_day").value] = [chip.dataset.first, chip.dataset.last];
    changed();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (field("ask-button").disabled) return;
    if (chosen("disclosure") === "identified") confirmIdentified();
    else void whileInert(field("ask-button"), ask);
  });
  fit();
  void countThem();
}

// --- the lists

const goingOn = () => document.querySelector("[data-goes-on]") !== null;

/** The lists as the server draws them now; what had the focus keeps it. */
async function drawAgain() {
  const answer = await fetch(location.pathname, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const row = document.activeElement?.closest(".exports-row")?.id;
  for (const id of ["exports-list", "schedules-list"]) {
    const drawn = page.getElementById(id);
    if (drawn) document.getElementById(id).replaceChildren(...document.adoptNode(drawn).childNodes);
  }
  if (row) document.getElementById(row)?.focus();
  void follow();
}

/** Bar and words of one that goes on; true when its row is to be drawn again. */
function show(row, now) {
  const total = now.rows || 1;
  const part = (now.read + now.written) / (2 * total);
  const quarter = Math.floor(part / QUARTER);
  setWords(row.querySelector("[data-says]"), now.says);
  for (const bar of row.querySelectorAll("[data-bar]")) {
    setAttribute(bar, "max", total);
    setAttribute(bar, "value", now[bar.dataset.bar]);
  }
  const hasChanged = row.dataset.state !== now.state;
  if (hasChanged) said.textContent = `${row.getAttribute("aria-label")}: ${now.state}. ${now.says}`;
  else if (row.dataset.phase !== now.phase || Number(row.dataset.quarter ?? 0) < quarter) said.textContent = now.says;
  Object.assign(row.dataset, { phase: now.phase, quarter });
  return hasChanged;
}

let isFollowing = false;

async function follow() {
  if (isFollowing) return;
  isFollowing = true;
  while (goingOn()) {
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    try {
      const { results } = await readJson("/api/v1/exports/");
      const rows = results.map((now) => [document.getElementById(`export-${now.id}`), now]);
      const changed = rows.map(([row, now]) => !row || (row.dataset.goesOn !== undefined && show(row, now)));
      if (changed.includes(true)) await drawAgain();
    } catch (error) {
      for (const words of document.querySelectorAll("[data-goes-on] [data-says]")) setWords(words, `No answer from the server: ${error.message}`);
    }
  }
  isFollowing = false;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-cancel], [data-end]");
  if (!button) return;
  const path = button.dataset.cancel ? `${button.dataset.cancel}/cancel` : `schedules/${button.dataset.end}/end`;
  void whileInert(button, async () => {
    try {
      await writeJson(`/api/v1/exports/${path}/`, {});
    } catch (error) {
      say(button, error);
    }
    await drawAgain();
  });
});

if (form) startForm();
void follow();
