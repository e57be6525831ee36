// The session's readings as this page holds them. The stream says that one came; the list says all of it:
// its version, what replaced it, and who sent it.

import { readAll } from "./api.js";

const GATHER_MS = 300; // halves of one moment come close together: one question for all of them
const BEFORE_MS = 1000;

export class HeldReadings extends EventTarget {
  #url;
  #rows = new Map();
  #askFrom = Infinity;
  #waiting = null;

  /** `url` is the session's readings list. Fires `changed`, and `failed` with the error's words. */
  constructor(url) {
    super();
    this.#url = url;
  }

  get rows() {
    return [...this.#rows.values()];
  }

  /** Read all from a moment on (milliseconds, null for the whole session); what was held is replaced. */
  async refresh(since = null) {
    const rows = await this.#read(since);
    if (rows) this.#rows.clear();
    this.#keep(rows);
  }

  /** The stream named a reading: ask for the rows of its moment and since. */
  note(reading) {
    this.#askFrom = Math.min(this.#askFrom, Date.parse(reading.measured_at) - BEFORE_MS);
    this.#waiting ??= setTimeout(async () => {
      const since = this.#askFrom;
      this.#askFrom = Infinity;
      this.#waiting = null;
      this.#keep(await this.#read(since));
    }, GATHER_MS);
  }

  async #read(since) {
    const query = since === null ? "" : `?since=${encodeURIComponent(new Date(since).toISOString())}`;
    try {
      return await readAll(`${this.#url}${query}`);
    } catch (error) {
      this.dispatchEvent(new CustomEvent("failed", { detail: error.message }));
      return null;
    }
  }

  #keep(rows) {
    if (!rows) return;
    for (const row of rows) this.#rows.set(row.id, row);
    this.dispatchEvent(new Event("changed"));
  }
}
