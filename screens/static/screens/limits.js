// What may be said of a number: which limit it meets, whether it can be at all, and whose limits these are.
// Limits and plausible ranges come from the session's limit set; none is written here.

import { FIELD, NAME } from "./vital-fields.js";

const RANK = { note: 0, low: 1, medium: 2, high: 3 };

/** A session that is not watched yet has no limit set: nothing is out of limit, nothing is implausible. */
export const NO_LIMITS = { id: null, name: "", version: 0, reviewed_by: null, reviewed_on: null, band: {}, rules: [], plausible: {} };

/**
 * The strongest rule a number meets by itself, or null while it is inside. Equal to the threshold is outside.
 *
 * Rules that ask for a baseline, a symptom or another vital too are the flags' to tell.
 */
export function ruleMet(vital, value, limits) {
  const plain = limits.rules.filter((rule) => rule.vital === vital && rule.is_plain);
  const met = plain.filter((rule) => (rule.direction === "high" ? value >= rule.threshold : value <= rule.threshold));
  return met.sort((a, b) => RANK[b.priority] - RANK[a.priority])[0] ?? null;
}

/** The medium band as words: "90–165 mmHg", "below 100", "above 93"; null where there is none. */
export function bandWords(vital, limits) {
  const [low, high] = limits.band[vital] ?? [null, null];
  if (low !== null && high !== null) return `${low}–${high}`;
  if (low !== null) return `above ${low}`;
  if (high !== null) return `below ${high}`;
  return null;
}

/**
 * What makes a number impossible for its field: {words, suggestion} or null.
 *
 * suggestion: a number to offer instead (a digit too many, Fahrenheit), or null.
 */
export function implausible(vital, value, limits) {
  const range = limits.plausible[vital];
  if (!range) return null;
  const [lowest, highest] = range.map(Number);
  if (value >= lowest && value <= highest) return null;
  const above = value > highest;
  const words = `${NAME[vital]} ${value} is ${above ? `above ${highest}, the highest` : `below ${lowest}, the lowest`} this field takes.`;
  return { words, suggestion: likelyMeant(vital, value, lowest, highest) };
}

function likelyMeant(vital, value, lowest, highest) {
  if (vital === "temperature" && value >= 86 && value <= 110) return Math.round((value - 32) * (50 / 9)) / 10;
  const inside = (number) => Number.isInteger(number) && number >= lowest && number <= highest;
  const shorter = Math.floor(value / 10);
  if (value > highest && inside(shorter)) return shorter;
  const longer = value * 10;
  return value < lowest && value > 0 && inside(longer) ? longer : null;
}

/** True where the pressures stand in each other's boxes, or too close to be a pair. */
export function pressuresDisagree(systolic, diastolic) {
  return Number.isFinite(systolic) && Number.isFinite(diastolic) && systolic < diastolic + 5;
}

/** True when one more digit could only leave the plausible range, and what stands there is inside it. */
export function takesNoMoreDigits(vital, text, limits) {
  const range = limits.plausible[vital];
  if (!range || text === "") return false;
  const [lowest, highest] = range.map(Number);
  const value = Number(text);
  if (FIELD[vital].decimal) return /\.\d$/.test(text) && value >= lowest && value <= highest;
  return value >= lowest && value <= highest && value * 10 > highest;
}

/** Whose limits these are; shown wherever they are. */
export function whoseLimits(limits) {
  if (limits.id === null) return "No limits yet: the watch begins at check-in";
  if (!limits.reviewed_by) return "Example limits, reviewed by nobody yet";
  return `${limits.name} v${limits.version}, reviewed by ${limits.reviewed_by}${limits.reviewed_on ? ` on ${limits.reviewed_on}` : ""}`;
}
