// Putting off the set that is due: five minutes, once, with a reason. The server says what may be put off.

import { Refused, writeJson } from "./api.js";
import { clockTime } from "./clinic-clock.js";
import { chips } from "./acts.js";
import { openDialog } from "./dialog.js";
import { el } from "./dom.js";
import { MINUTE_MS } from "./format.js";
import { icon } from "./icons.js";

const MINUTES = 5;
const REASONS = ["Patient in the bathroom", "Prescriber with the patient", "Patient asked to wait", "Cuff or monitor being changed"];

/** "postponed 5 min by Nurse A: patient in the bathroom", or null for a set that stands where it was. */
export function postponedWords({ postponed }) {
  if (!postponed) return null;
  return `postponed ${postponed.minutes} min by ${postponed.by}: ${postponed.reason}`;
}

/** True for a set to be offered for it: it can be taken now, was not put off, and five minutes later is not past. */
export const mayPostpone = (due, now) =>
  !due.postponed && now >= Date.parse(due.opens_at) && Date.parse(due.at) + MINUTES * MINUTE_MS > now;

/**
 * Ask for the reason, and put the set off.
 *
 * @param {Object} due of the panel
 * @param {{session: string, done: (detail: Object) => void}} wiring
 */
export function askToPostpone(due, { session, done }) {
  const later = clockTime(Date.parse(due.at) + MINUTES * MINUTE_MS);
  const words = el("input.input", { id: "postpone-words", type: "text", autocomplete: "off", maxlength: 300 });
  const trouble = el("div", { role: "alert" });
  const reasons = chips(REASONS.map((reason) => [reason, reason]), "postpone-reason", () => {
    words.value = "";
    trouble.replaceChildren();
  });
  words.addEventListener("input", reasons.clear);
  const dialog = openDialog(
    "postpone-dialog",
    `${due.label}: ${MINUTES} min later`,
    [
      el("p.quiet", {}, `Due ${clockTime(due.at)}, then ${later}. The other sets stay where they are.`),
      el("div.field", {}, el("span.label", {}, "Reason"), reasons.node),
      el("div.field", {}, el("label", { for: "postpone-words" }, "Or in your words"), words),
      trouble,
    ],
    { send: `Postpone to ${later}`, submit },
  );

  async function submit() {
    const reason = reasons.read() ?? words.value.trim();
    if (!reason) return say("A reason is needed.");
    try {
      const body = { minutes: MINUTES, reason, label: due.label, due_at: due.at };
      const detail = await writeJson(`/api/v1/sessions/${session}/postpone/`, body);
      dialog.close();
      return done(detail);
    } catch (error) {
      return say(error instanceof Refused ? error.message : `Not postponed: ${error.message}`);
    }
  }

  function say(message) {
    trouble.replaceChildren(el("p.form-error", {}, icon("triangle-alert"), el("span", {}, message)));
  }
}
