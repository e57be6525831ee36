/* Flags as every screen speaks of them: order, words, icon and look. */

import { el } from "./dom.js";
import { icon } from "./icons.js";
import { coverIcon, isCover } from "./stand-in.js";

const RANK = { high: 0, medium: 1, low: 2 };
const ATTENTION = new Set(["active", "latched"]);

/** The look that the edge and colour follow: high, medium, low, technical, or pending for a re-check. */
export function lookOf(flag) {
  if (isCover(flag)) return flag.look;
  if (flag.category === "technical") return "technical";
  return flag.state === "pending" ? "pending" : flag.priority;
}

/** Whether somebody has yet to take it. A pending one asks for a repeat reading, not for a person to take it. */
export const needsSomeone = (flag) => ATTENTION.has(flag.state);

/** Whether it says that a set was missed. */
export const isOverdue = (flag) => flag.category === "technical" && !flag.vital;

/** By priority, a re-check after what is established, the vital before the technical, the older first. */
export function compareFlags(one, other) {
  const rank = (flag) => RANK[flag.priority] * 4 + (flag.state === "pending" ? 2 : 0) + (flag.category === "technical" ? 1 : 0);
  return rank(one) - rank(other) || Date.parse(one.opened_at) - Date.parse(other.opened_at) || (one.id < other.id ? -1 : 1);
}

/** Whether a patient has pressed the button of the room's own screen. */
const isCall = (flag) => flag.condition === "patient-call";

/** HIGH, MEDIUM, LOW, RE-CHECK, CALL, or for a technical one what it is about. */
export function wordOf(flag) {
  if (isCover(flag)) return flag.word;
  if (isCall(flag)) return "CALL";
  const look = lookOf(flag);
  if (look === "pending") return "RE-CHECK";
  if (look === "technical") return isOverdue(flag) ? "OVERDUE" : "TECHNICAL";
  return look.toUpperCase();
}

const PRIORITY_WORDS = { high: "High", medium: "Medium", low: "Low" };
const SHAPES = { high: "triangle", medium: "diamond", low: "circle" };

/** A filled triangle, diamond or circle; a clock for technical, turning arrows for a re-check. */
export function iconOf(look) {
  if (look.startsWith("cover")) return coverIcon(look);
  if (look === "technical") return icon("clock");
  return look === "pending" ? icon("rotate-ccw") : icon(SHAPES[look], { filled: true });
}

/** The icon and word of a priority, on its colour. */
export const priorityLabel = (priority) =>
  el("span.state-label", { data: { state: priority } }, iconOf(priority), PRIORITY_WORDS[priority]);

/** Who has it, or that nobody has. */
export function ownerText(flag) {
  if (flag.owner) return flag.owner;
  if (flag.acknowledged_by) return `${flag.acknowledged_by} is on it`;
  if (flag.state === "pending") return "repeat reading due";
  if (flag.state === "latched") return "back inside, not taken";
  return "nobody yet";
}
