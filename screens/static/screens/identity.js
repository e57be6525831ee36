// Who sits in the chair: name, birth date, weight, record number, treatment, allergies.

import { dayWords } from "./clinic-clock.js";
import { el, fill } from "./dom.js";

export function showIdentity(node, session) {
  const { patient, chair, protocol, indication } = session;
  fill(node, [patient, chair, protocol, indication], () => [
    el("p.identity-chair", {}, chair ? `Chair ${chair.name}` : "No chair"),
    el("h1.identity-name", {}, nameOf(patient)),
    el("p.identity-facts", {}, facts([...personal(patient), protocol.name, indication])),
    allergies(patient.allergies),
  ]);
}

/** One line that says whose sheet of paper this is, on each of its pages. */
export function showSheetHead(node, { patient, scheduled_at: scheduledAt }) {
  fill(node, [patient, scheduledAt], () => [el("b", {}, nameOf(patient)), ` · ${facts([...personal(patient), `session of ${dayWords(scheduledAt)}`])}`]);
}

const personal = (patient) => [
  birth(patient.birth_date),
  patient.weight_kg && `${Number(patient.weight_kg)}\u00a0kg`,
  `MR\u00a0${patient.mrn}`,
];

/** "Given Family". */
export const nameOf = (patient) => `${patient.given_name} ${patient.family_name}`;

/** The allergies boxed; where none are known, that is said plainly and unboxed. */
const allergies = (words) =>
  words ? el("p.allergy", {}, `Allergy: ${words}`) : el("p.identity-facts", {}, "No known allergies");

/** A birth date has no clock: read as noon so that no zone moves it to another day. */
const birth = (date) => `born\u00a0${dayWords(`${date}T12:00:00Z`).replaceAll(" ", "\u00a0")}`;

const facts = (parts) => parts.filter(Boolean).join(" · ");
