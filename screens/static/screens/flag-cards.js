// Open flags with their reason, and taking one: "I'm on it".

import { writeJson } from "./api.js";
import { clockTime } from "./clinic-clock.js";
import { el, fill, whileInert } from "./dom.js";
import { askToPause } from "./pause-sound.js";
import { compareFlags, iconOf, lookOf, priorityLabel, whyOf } from "./flag-words.js";
import { count } from "./format.js";
import { icon } from "./icons.js";

/** What a person may say who takes a flag; the first is the usual one. */
export const ACTIONS = ["I'm on it", "At the chair", "Re-check", "Prescriber told"];

/**
 * @param {HTMLElement} node where the flags stand
 * @param {Array} flags as in the panel
 * @param {{limits: Object, actions: string[], mayTake: boolean, taken: (flag: Object) => void}} wiring
 *   actions: the words offered; the first is the main one
 */
export function showFlags(node, flags, wiring) {
  fill(node, [flags, wiring.mayTake], () => [...flags].sort(compareFlags).map((flag) => card(flag, wiring)));
  node.hidden = flags.length === 0;
}

function card(flag, { limits, actions, mayTake, taken }) {
  const trouble = el("p.flag-trouble", { role: "alert", hidden: true });
  const take = (event, action) =>
    whileInert(event.currentTarget, async () => {
      try {
        taken(await writeJson(`/api/v1/flags/${flag.id}/acknowledge/`, { action }));
      } catch (error) {
        trouble.textContent = error.message;
        trouble.hidden = false;
      }
    });
  return el(
    "article.flag-card.state-edge",
    { data: { state: lookOf(flag) }, "aria-label": flag.text },
    heading(flag),
    el("p.flag-why", {}, reasonWords(flag, limits)),
    flag.paused_until && el("p.flag-taken", {}, icon("volume-x"), `Sound paused until ${clockTime(flag.paused_until)} by ${flag.paused_by}: ${flag.pause_reason}`),
    flag.acknowledged_by
      ? el("p.flag-taken", {}, icon("user-check"), `${flag.acknowledged_by}: ${flag.action || "I'm on it"}, ${clockTime(flag.acknowledged_at)}`)
      : mayTake &&
          flag.state !== "pending" &&
          el(
            "div.flag-actions",
            {},
            actions.map((action, index) =>
              el(index ? "button.button" : "button.button.button-primary", { type: "button", onclick: (event) => void take(event, action) }, action),
            ),
            flag.state === "active" &&
              el("button.button.button-quiet", { type: "button", onclick: () => askToPause(flag, taken) }, icon("volume-x"), "Pause sound"),
          ),
    trouble,
  );
}

function heading(flag) {
  const look = lookOf(flag);
  if (look === "pending") return el("p.flag-text", {}, iconOf(look), el("b", {}, `Re-check: ${flag.text}`));
  return el("p.flag-text", {}, look === "technical" ? technicalLabel(flag) : priorityLabel(flag.priority), el("b", {}, flag.text));
}

const technicalLabel = (flag) =>
  el("span.state-label", { data: { state: "technical" } }, iconOf("technical"), `Technical, ${flag.priority}`);

/** Why it stands there: since when, what the server says of it, and what a re-check waits for. */
function reasonWords(flag, limits) {
  // "second reading, 5 min apart" says it already
  const readings = flag.readings > (flag.why ? 2 : 0) && lookOf(flag) !== "pending" ? count(flag.readings, "reading") : null;
  const rule = !flag.why && flag.rule && limits ? `${flag.rule} v${limits.version}` : null;
  const recheck = flag.confirming?.map((one) => Date.parse(one.recheck_at)).sort((one, other) => one - other)[0];
  const pending = recheck ? `re-check due ${clockTime(recheck)}` : null;
  return [`since ${clockTime(flag.opened_at)}`, readings, pending, whyOf(flag), rule].filter(Boolean).join(" · ");
}
