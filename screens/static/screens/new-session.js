// Adding a session: a known patient by search or a new one, then chair, time, protocol, indication.

import { Refused, fieldErrors, readJson, writeJson } from "./api.js";
import { atClinicTime, clockTime, dayOf, now } from "./clinic-clock.js";
import { el, whileInert } from "./dom.js";
import { icon } from "./icons.js";
import { nameOf } from "./identity.js";

const SEARCH_WAIT_MS = 250;
const PATIENT_FIELDS = ["mrn", "given_name", "family_name", "birth_date", "sex", "weight_kg", "allergies"];
const MAY_BE_EMPTY = new Set(["weight_kg", "allergies"]);

/** Make `opener` open `dialog` (of the today page) and call `added` once a session was planned. */
export function wireNewSession({ dialog, opener, added }) {
  const part = (id) => dialog.querySelector(`#${id}`);
  const form = dialog.querySelector("form");
  let chosen = null;
  let searching = null;
  let asked = 0;

  opener.addEventListener("click", () => {
    reset();
    void fillChoices();
    dialog.showModal();
  });
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  part("patient-search").addEventListener("input", (event) => {
    clearTimeout(searching);
    searching = setTimeout(() => void search(event.target.value.trim()), SEARCH_WAIT_MS);
  });
  part("new-patient").addEventListener("click", () => {
    part("choose-patient").hidden = true;
    part("patient-form").hidden = false;
    part("mrn").focus();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void whileInert(form.querySelector("[type=submit]"), submit);
  });

  function reset() {
    form.reset();
    sayNothing();
    choose(null);
    part("patient-form").hidden = true;
    part("patients-found").replaceChildren();
    part("scheduled_at").value = clockTime(now());
  }

  function choose(patient) {
    chosen = patient;
    part("choose-patient").hidden = Boolean(patient);
    part("patient-chosen").hidden = !patient;
    if (!patient) return;
    part("patient-chosen").replaceChildren(
      icon("user-check"),
      el("span", {}, el("b", {}, nameOf(patient)), ` born ${patient.birth_date} · MR ${patient.mrn}`),
      el("button.button", { type: "button", onclick: () => choose(null) }, "Change"),
    );
  }

  async function search(words) {
    asked += 1;
    const mine = asked;
    if (!words) {
      part("patients-found").replaceChildren();
      return;
    }
    try {
      const { results } = await readJson(`/api/v1/patients/?q=${encodeURIComponent(words)}`);
      if (mine !== asked) return; // an answer to an older question
      part("patients-found").replaceChildren(
        ...(results.length ? results.slice(0, 6).map(found) : [el("li.quiet", {}, "No patient of that name or number.")]),
      );
    } catch (error) {
      say(error.message);
    }
  }

  const found = (patient) =>
    el(
      "li",
      {},
      el("button.button", { type: "button", onclick: () => choose(patient) }, el("b", {}, nameOf(patient)), el("span.quiet", {}, `born ${patient.birth_date} · MR ${patient.mrn}`)),
    );

  async function fillChoices() {
    try {
      const [chairs, protocols] = await Promise.all([readJson("/api/v1/chairs/"), readJson("/api/v1/protocols/")]);
      part("chair").replaceChildren(...chairs.results.map(({ name }) => el("option", { value: name }, name)));
      part("protocol").replaceChildren(...protocols.results.map(({ code, name }) => el("option", { value: code }, name)));
    } catch (error) {
      say(error.message);
    }
  }

  async function submit() {
    sayNothing();
    if (!chosen && part("patient-form").hidden) {
      say("Choose a patient, or enter a new one.");
      return;
    }
    try {
      // Kept as soon as it is registered: a second try after another refusal registers nobody twice.
      if (!chosen) choose(await writeJson("/api/v1/patients/", newPatient()));
      part("patient-form").hidden = true;
      await writeJson("/api/v1/sessions/", {
        patient: chosen.id,
        chair: part("chair").value,
        protocol: part("protocol").value,
        indication: part("indication").value.trim(),
        scheduled_at: new Date(atClinicTime(dayOf(now()), part("scheduled_at").value)).toISOString(),
      });
      dialog.close();
      await added();
    } catch (error) {
      refuse(error);
    }
  }

  function newPatient() {
    const values = PATIENT_FIELDS.map((name) => [name, part(name).value.trim()]);
    return Object.fromEntries(values.filter(([name, value]) => value || !MAY_BE_EMPTY.has(name)));
  }

  /** The API's words, beside the field where it names one that is on the form. */
  function refuse(error) {
    const errors = error instanceof Refused ? Object.entries(fieldErrors(error.body)) : [];
    const here = errors.filter(([name]) => part(name));
    for (const [name, words] of here) {
      part(name).setAttribute("aria-invalid", "true");
      part(name).after(el("p.error", {}, words));
    }
    if (here.length) part(here[0][0]).focus();
    else say(error.message);
  }

  function say(words) {
    part("new-session-trouble").replaceChildren(el("p.form-error", {}, icon("triangle-alert"), el("span", {}, words)));
  }

  function sayNothing() {
    part("new-session-trouble").replaceChildren();
    for (const node of form.querySelectorAll("p.error")) node.remove();
    for (const node of form.querySelectorAll("[aria-invalid]")) node.removeAttribute("aria-invalid");
  }
}
