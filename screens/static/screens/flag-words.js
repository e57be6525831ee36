/* Flags as every screen speaks of them: order, words, icon and look. */

import { el } from "./dom.js";
import { clock, ordinal, span, time, MINUTE_MS } from "./format.js";
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

/** Whether somebody may take it: also what was only silenced for a while. */
export const canTake = (flag) => needsSomeone(flag) || flag.state === "audio_paused";

/** Who has it, or null. A flag that rose again asks anew, whoever had it before. */
export const takenBy = (flag) => (flag.state === "acknowledged" ? (flag.acknowledged_by ?? "somebody") : null);

/** When a pending flag's next measurement is due, in ms, and since when it is waited for; null where none is. */
export function recheckOf(flag) {
  if (flag.state !== "pending") return null;
  const [first] = [...(flag.confirming ?? [])].sort((one, other) => time(one.recheck_at) - time(other.recheck_at));
  return first ? { at: time(first.recheck_at), from: time(first.counted_at) } : null;
}

/** Whether it says that a set was missed. */
export const isOverdue = (flag) => flag.category === "technical" && !flag.vital;

/** By priority, a re-check after what is established, the vital before the technical, the older first. */
export function compareFlags(one, other) {
  const rank = (flag) => RANK[flag.priority] * 4 + (flag.state === "pending" ? 2 : 0) + (flag.category === "technical" ? 1 : 0);
  return rank(one) - rank(other) || Date.parse(one.opened_at) - Date.parse(other.opened_at) || (one.id < other.id ? -1 : 1);
}

/** Whether a patient has pressed the button of the room's own screen. */
const isCall = (flag) => flag.condition === "patient-call";

/** HIGH, MEDIUM, LOW, RE-CHECK, CALL, WAS HIGH once the value went back by itself, or for a technical one what it is about. */
export function wordOf(flag) {
  if (isCover(flag)) return flag.word;
  if (isCall(flag)) return "CALL";
  const look = lookOf(flag);
  if (look === "pending") return "RE-CHECK";
  if (look === "technical") return isOverdue(flag) ? "OVERDUE" : "TECHNICAL";
  return flag.state === "latched" ? `WAS ${look.toUpperCase()}` : look.toUpperCase();
}

const PRIORITY_WORDS = { high: "High", medium: "Medium", low: "Low" };
const SHAPES = { high: "triangle", medium: "diamond", low: "circle" };

/** A filled triangle, diamond or circle; a clock for technical, turning arrows for a re-check, a mute for paused sound. */
export function iconOf(look) {
  if (look.startsWith("cover")) return coverIcon(look);
  if (look === "technical") return icon("clock");
  if (look === "paused") return icon("volume-x");
  return look === "pending" ? icon("rotate-ccw") : icon(SHAPES[look], { filled: true });
}

/** The icon and word of a priority, on its colour. */
export const priorityLabel = (priority) =>
  el("span.state-label", { data: { state: priority } }, iconOf(priority), PRIORITY_WORDS[priority]);

/** "2nd reading": how often a value was found out of its limit; of what is not established or no value, nothing. */
export function readingWords(flag) {
  const counts = flag.readings > 1 && flag.category !== "technical" && flag.state !== "pending";
  return counts ? `${ordinal(flag.readings)} reading` : "";
}

/** Why a flag stands there, in the server's words. When its re-check is due is said apart from them. */
export const whyOf = (flag) => (flag.why ?? "").replace(", re-check due", "");

/** Who has it, what it waits for, or how long nobody has. `now` is in ms, `zone` the clinic's. */
export function ownerText(flag, now, zone) {
  if (flag.owner) return flag.owner;
  const by = takenBy(flag);
  if (by !== null) return `${by} is on it`;
  if (flag.state === "pending") return recheckText(flag, zone);
  if (flag.state === "latched") return "gone back: look and take";
  if (flag.state === "audio_paused") return pauseText(flag, zone);
  const since = time(flag.asks_since);
  const minutes = since === null ? 0 : (now - since) / MINUTE_MS;
  return [minutes < 1 ? "nobody yet" : `nobody for ${span(minutes)}`, flag.escalated ? "escalated" : null].filter(Boolean).join(", ");
}

/** "re-check due 10:35". */
function recheckText(flag, zone) {
  const recheck = recheckOf(flag);
  return recheck === null ? "repeat reading due" : `re-check due ${clock(recheck.at, zone)}`;
}

/** "paused until 10:45 by A. Reed": the sound, that is; it stays on the screen. */
const pauseText = (flag, zone) => `paused ${untilText(flag, zone)}${flag.paused_by ? ` by ${flag.paused_by}` : ""}`.trim();

/** "until 10:45": beside the icon of a silenced flag it is enough. */
export const untilText = (flag, zone) => (flag.paused_until ? `until ${clock(time(flag.paused_until), zone)}` : "");
