/* Words, units and times as every screen writes them. Pure. */

export const MINUTE_MS = 60_000;

/** Milliseconds since 1970 of an ISO time, or null. */
export const time = (iso) => (iso ? Date.parse(iso) : null);

const formats = new Map();

function formatter(zone, seconds) {
  const key = `${zone} ${seconds}`;
  if (!formats.has(key)) {
    formats.set(
      key,
      new Intl.DateTimeFormat("en-GB", {
        timeZone: zone || undefined,
        hour: "2-digit",
        minute: "2-digit",
        second: seconds ? "2-digit" : undefined,
        hourCycle: "h23",
      }),
    );
  }
  return formats.get(key);
}

/** "10:42" in the clinic's zone. */
export const clock = (ms, zone) => formatter(zone, false).format(ms);

/** "10:42:07" in the clinic's zone. */
export const clockSeconds = (ms, zone) => formatter(zone, true).format(ms);

/** "6 min", "1 h 05 min": whole minutes, for a span of minutes >= 0. */
export function span(minutes) {
  const whole = Math.max(0, Math.floor(minutes));
  return whole < 60 ? `${whole} min` : `${Math.floor(whole / 60)} h ${String(whole % 60).padStart(2, "0")} min`;
}

/** "just now" or "6 min ago". */
export const ago = (minutes) => (minutes < 1 ? "just now" : `${span(minutes)} ago`);

/** "3 s ago", "2 min ago": the age of the connection, from milliseconds. */
export function agoSeconds(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return seconds < 60 ? `${seconds} s ago` : `${Math.floor(seconds / 60)} min ago`;
}

/** "1 session", "9 sessions". */
export const count = (number, one, many = `${one}s`) => `${number} ${number === 1 ? one : many}`;

/** "2nd", "3rd", "11th". */
export function ordinal(number) {
  const tens = number % 100;
  const ending = tens > 10 && tens < 14 ? "th" : (["th", "st", "nd", "rd"][number % 10] ?? "th");
  return `${number}${ending}`;
}

/** A value as it is shown: whole numbers bare, others with one decimal. */
export const number = (value) => String(Math.round(Number(value) * 10) / 10);

/** "10×" of a clock's rate. */
export const rateText = (rate) => `${Number(rate.toFixed(1))}×`;
