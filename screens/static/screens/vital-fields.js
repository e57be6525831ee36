// The fields of a set, in the order a cuff shows them, and what may be said of a number while it is typed.
// Limits and plausible ranges come from the session's limit set; none is written here.

export const FIELDS = [
  { vital: "systolic", label: "Systolic", name: "Systolic", unit: "mmHg" },
  { vital: "diastolic", label: "Diastolic", name: "Diastolic", unit: "mmHg" },
  { vital: "heart_rate", label: "Heart rate", name: "Heart rate", unit: "/min" },
  { vital: "respiratory_rate", label: "Resp. rate", name: "Respiratory rate", unit: "/min" },
  { vital: "spo2", label: "SpO₂", name: "SpO₂", unit: "%" },
  { vital: "temperature", label: "Temp.", name: "Temperature", unit: "°C", more: true, decimal: true },
  { vital: "etco2", label: "EtCO₂", name: "EtCO₂", unit: "mmHg", more: true },
];

export const FIELD = Object.fromEntries(FIELDS.map((field) => [field.vital, field]));

export const NAME = {
  ...Object.fromEntries(FIELDS.map(({ vital, name }) => [vital, name])),
  mean: "Mean pressure",
  sedation: "Sedation",
};

export const UNIT = {
  ...Object.fromEntries(FIELDS.map(({ vital, unit }) => [vital, unit])),
  mean: "mmHg",
  sedation: "MOAA/S",
};

/** MOAA/S in words of our own; the number is stored, the words are chosen. */
export const SEDATION = [
  { value: 5, words: "Responds readily" },
  { value: 4, words: "Slow or sleepy response" },
  { value: 3, words: "Only to loud or repeated name" },
  { value: 2, words: "Only to gentle shaking" },
  { value: 1, words: "Only to a painful squeeze" },
  { value: 0, words: "No response" },
];

export const sedationWords = (value) => SEDATION.find((row) => row.value === Number(value))?.words ?? String(value);

export const NOT_MEASURED_REASONS = [
  "Patient declined",
  "Patient moving",
  "Sensor does not read",
  "No device free",
  "Patient asleep, not woken",
  "Not needed now",
];

const RANK = { note: 0, low: 1, medium: 2, high: 3 };

/** The strongest rule a number meets, or null while it is inside. Equal to the threshold is outside. */
export function ruleMet(vital, value, limits) {
  const met = limits.rules.filter(
    (rule) => rule.vital === vital && (rule.direction === "high" ? value >= rule.threshold : value <= rule.threshold),
  );
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

/** A session that is not watched yet has no limit set: nothing is out of limit, nothing is implausible. */
export const NO_LIMITS = { id: null, name: "", version: 0, reviewed_by: null, reviewed_on: null, band: {}, rules: [], plausible: {} };
