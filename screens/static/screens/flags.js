// Open flags with their reason, and taking one: "I'm on it".

import { writeJson } from "./api.js";
import { el, fill, whileInert } from "./parts.js";
import { clockTime } from "./clinic-clock.js";
import { icon } from "./icons.js";

export const ACTIONS = ["I'm on it", "At the chair", "Re-check", "Prescriber told"];

const LOOK = {
  high: { icon: "triangle", filled: true, word: "High" },
  medium: { icon: "diamond", filled: true, word: "Medium" },
  low: { icon: "circle", filled: true, word: "Low" },
  technical: { icon: "clock-alert", filled: false, word: "Technical" },
};
const ORDER = ["high", "medium", "low"];

/** Open flags, most urgent first: priority, then age. */
export const inOrder = (flags) =>
  [...flags].sort(
    (a, b) => ORDER.indexOf(a.priority) - ORDER.indexOf(b.priority) || Date.parse(a.opened_at) - Date.parse(b.opened_at),
  );

const stateOf = (flag) => (flag.state === "pending" ? "pending" : flag.category === "technical" ? "technical" : flag.priority);

/**
 * @param {HTMLElement} node where the flags stand
 * @param {Array} flags as in the panel
 * @param {{limits: Object, actions: string[], mayTake: boolean, taken: (flag: Object) => void}} wiring
 *   actions: the words offered; the first is the main one
 */
export function showFlags(node, flags, wiring) {
  fill(node, [flags, wiring.mayTake], () => inOrder(flags).map((flag) => card(flag, wiring)));
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
    { data: { state: stateOf(flag) }, "aria-label": flag.text },
    heading(flag),
    el("p.flag-why", {}, reasonWords(flag, limits)),
    flag.acknowledged_by
      ? el("p.flag-taken", {}, icon("user-check"), `${flag.acknowledged_by}: ${flag.action || "I'm on it"}, ${clockTime(flag.acknowledged_at)}`)
      : mayTake &&
          el(
            "div.flag-actions",
            {},
            actions.map((action, index) =>
              el(index ? "button.button" : "button.button.button-primary", { type: "button", onclick: (event) => void take(event, action) }, action),
            ),
          ),
    trouble,
  );
}

function heading(flag) {
  if (flag.state === "pending") {
    return el("p.flag-text", {}, icon("rotate-ccw"), el("b", {}, `Re-check: ${flag.text}`));
  }
  const look = LOOK[stateOf(flag)];
  const shown = stateOf(flag) === "technical" ? `${LOOK[flag.priority].word}, ${look.word.toLowerCase()}` : look.word;
  return el(
    "p.flag-text",
    {},
    el("span.state-label", { data: { state: stateOf(flag) } }, icon(look.icon, { filled: look.filled }), shown),
    el("b", {}, flag.text),
  );
}

/** The icon and word of a priority, on its colour. */
export const priorityLabel = (priority) =>
  el("span.state-label", { data: { state: priority } }, icon(LOOK[priority].icon, { filled: true }), LOOK[priority].word);

/** Why it stands there: since when, how many readings, which rule of whose limits. */
function reasonWords(flag, limits) {
  const readings = flag.readings > 1 ? `${flag.readings} readings` : flag.readings === 1 ? "1 reading" : null;
  const rule = flag.rule && limits ? `${flag.rule} v${limits.version}` : null;
  const pending = flag.state === "pending" ? "the second reading decides" : null;
  return [`since ${clockTime(flag.opened_at)}`, readings, pending, rule].filter(Boolean).join(" · ");
}

/** Whose limits these are; shown wherever they are. */
export function whoseLimits(limits) {
  if (limits.id === null) return "No limits yet: the watch begins at check-in";
  if (!limits.reviewed_by) return "Example limits, reviewed by nobody yet";
  return `${limits.name} v${limits.version}, reviewed by ${limits.reviewed_by}${limits.reviewed_on ? ` on ${limits.reviewed_on}` : ""}`;
}
