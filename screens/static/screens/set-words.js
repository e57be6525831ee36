// One reading as short words, and the parts tables and lists show of it.

import { number } from "./format.js";
import { FIELD, NAME, sedationWords } from "./vital-fields.js";

const has = (reading, vital) => reading[vital] !== null && reading[vital] !== undefined;

/** "184/104", "184/—" or null when neither pressure was measured. */
export function pressureWords(reading) {
  if (!has(reading, "systolic") && !has(reading, "diastolic")) return null;
  const part = (vital) => (has(reading, vital) ? number(reading[vital]) : "—");
  return `${part("systolic")}/${part("diastolic")}`;
}

/** A whole set in one line: "BP 184/104 · HR 101 · RR 18 · SpO₂ 97 % · responds readily". */
export function setWords(reading) {
  const parts = [
    pressureWords(reading) && `BP ${pressureWords(reading)}`,
    has(reading, "heart_rate") && `HR ${number(reading.heart_rate)}`,
    has(reading, "respiratory_rate") && `RR ${number(reading.respiratory_rate)}`,
    has(reading, "spo2") && `SpO₂ ${number(reading.spo2)} %`,
    has(reading, "temperature") && `${number(reading.temperature)} °C`,
    has(reading, "etco2") && `EtCO₂ ${number(reading.etco2)}`,
    has(reading, "sedation") && sedationWords(reading.sedation).toLowerCase(),
    ...Object.keys(reading.absent ?? {}).map((vital) => `${label(vital)} not measured`),
    ...Object.keys(reading.doubtful ?? {}).map((vital) => `${label(vital)} not used`),
  ];
  return parts.filter(Boolean).join(" · ") || "No values";
}

/** What a reader must know beside the numbers: late, not used and why, could not be measured and why. */
export function remarks(reading) {
  return [
    ...Object.entries(reading.doubtful ?? {}).map(([vital, reason]) => `${label(vital)} not used: ${reason}`),
    ...Object.entries(reading.absent ?? {}).map(([vital, reason]) => `${label(vital)} could not be measured: ${reason}`),
  ];
}

const label = (vital) => FIELD[vital]?.label ?? NAME[vital] ?? vital;
