// Limits changed for one patient: what holds, in words; and the dialog in which a supervisor changes one.

import { chips } from "./acts.js";
import { Refused, fieldErrors, writeJson } from "./api.js";
import { atClinicTime, clockTime, dayOf, dayWords, now } from "./clinic-clock.js";
import { openDialog } from "./dialog.js";
import { el, fill } from "./dom.js";
import { icon } from "./icons.js";
import { OWN_LIMITS } from "./limits.js";

const DAY_MS = 86_400_000;
const capital = (words) => words.charAt(0).toUpperCase() + words.slice(1);

/** What holds for the patient in the chair: each change with its rule, its end, who made it and why. */
export function showOwnLimits(node, changes) {
  fill(node, changes, () =>
    changes?.length
      ? [
          el("b", {}, capital(OWN_LIMITS)),
          el("ul", {}, changes.map((one) => el("li", {}, `${one.name}: ${one.words}, until ${endWords(one.until_at)} `, el("span.quiet", {}, `${one.by}: ${one.reason}`)))),
        ]
      : [],
  );
}

/** "14:30", with the day when it is another one. */
function endWords(at) {
  return dayOf(Date.parse(at)) === dayOf(now()) ? clockTime(at) : `${dayWords(at)}, ${clockTime(at)}`;
}

/** The rows of a session's limits that can be changed for one patient: of values, and raising a flag. */
export const changeable = (rules) => rules.filter((rule) => rule.kind === "value" && (rule.priority === "medium" || rule.priority === "high"));

/**
 * Ask which rule is changed, to what, why and until when, and send it.
 *
 * @param {{patient: string, rules: Array, version: string, done: () => void}} wiring
 *   rules: {code, vital, words, priority, flags, threshold, baseline_by}; version: whose limits they are, in words
 */
export function askToChangeLimit({ patient, rules, version, done }) {
  const select = el("select.input", { id: "limit-rule" }, rules.map((rule, index) => el("option", { value: index }, `${rule.code} · ${rule.words} · ${rule.priority}, ${rule.flags}`)));
  const figures = el("div.stack");
  const how = chips([["limit", "Another limit"], ["off", "Switched off"]], "limit-how", drawFigures);
  const reason = el("input.input", { id: "limit-reason", type: "text", maxlength: 300, autocomplete: "off" });
  const until = el("input.input", { id: "limit-until", type: "datetime-local", value: `${dayOf(now())}T23:59` });
  const later = (days) => el("button.button", { type: "button", onclick: () => (until.value = `${dayOf(now() + days * DAY_MS)}T23:59`) }, days ? `${days} days` : "Today");
  const trouble = el("div", { role: "alert" });
  const dialog = openDialog(
    "limit-dialog",
    "Change a limit for this patient",
    [
      el("p.quiet", {}, `${version}. It holds at once, and in later sessions until it ends; it is logged with your name.`),
      el("div.field", {}, el("label", { for: "limit-rule" }, "Rule"), select),
      el("div.field", {}, el("span.label", {}, "For this patient"), how.node),
      figures,
      el("div.field", {}, el("label", { for: "limit-reason" }, "Reason"), reason),
      el("div.field", {}, el("label", { for: "limit-until" }, "Until"), until, el("div.row", {}, later(0), later(7), later(28))),
      trouble,
    ],
    { send: "Change the limit", submit },
  );
  select.addEventListener("change", drawFigures);
  how.choose("limit");

  function drawFigures() {
    trouble.replaceChildren();
    const rule = rules[Number(select.value)];
    figures.replaceChildren(
      ...(how.read() === "limit"
        ? [
            rule.threshold !== null && figure("threshold", `Limit, instead of ${rule.threshold}`),
            rule.baseline_by !== null && figure("baseline_by", `Distance from baseline, instead of ${rule.baseline_by}`),
          ].filter(Boolean)
        : []),
    );
  }

  function figure(name, words) {
    const input = el("input.input", { id: `limit-${name}`, name, type: "text", inputmode: "decimal", autocomplete: "off" });
    return el("div.field", {}, el("label", { for: input.id }, words), input);
  }

  async function submit() {
    const rule = rules[Number(select.value)];
    const chosen = how.read();
    if (!chosen) return say("Choose another limit, or switched off.");
    const body = { code: rule.code, vital: rule.vital, reason: reason.value.trim() };
    if (chosen === "off") body.off = true;
    for (const input of figures.querySelectorAll("input")) {
      const text = input.value.trim().replace(",", ".");
      if (text) body[input.name] = Number.isNaN(Number(text)) ? text : Number(text);
    }
    if (!body.reason) return say("A reason is needed.");
    if (!until.value) return say("An end is needed.");
    body.until = new Date(atClinicTime(...until.value.slice(0, 16).split("T"))).toISOString();
    try {
      await writeJson(`/api/v1/patients/${patient}/limits/`, body);
      dialog.close();
      return done();
    } catch (error) {
      const words = error instanceof Refused ? Object.values(fieldErrors(error.body)).join(" ") || error.message : error.message;
      return say(`Not changed: ${words}`, error.body?.missing);
    }
  }

  function say(words, missing = []) {
    const still = missing.length ? ` Still missing: ${missing.join("; ")}.` : "";
    trouble.replaceChildren(el("p.form-error", {}, icon("triangle-alert"), el("span", {}, words + still)));
    trouble.scrollIntoView({ block: "center" });
  }
}
