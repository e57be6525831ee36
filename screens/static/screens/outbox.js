// Sets that were saved here and not yet confirmed by the server. They outlive the page, the battery and
// the network, stay with the person who typed them, and leave only when the server has answered.

import { Refused, writeJson } from "./api.js";

const DATABASE = "vigil-outbox";
const STORE = "sets";
const RETRY_MS = 10_000;

/**
 * @typedef {Object} Entry
 * @property {string} id the client's UUID
 * @property {string} session
 * @property {string} chair its name, for "not yet sent: chair 3"
 * @property {string} author who saved it; nobody else sends it
 * @property {string} savedAt
 * @property {Object} body as POST readings/ takes it
 * @property {{status: number, body: Object, words: string}|null} refusal
 */

export class Outbox extends EventTarget {
  #author;
  #url;
  #database;
  #sending = new Map();

  /** `changed` fires with the entries still here; `sent` and `refused` with one entry and the answer. */
  constructor({ author, url }) {
    super();
    this.#author = author;
    this.#url = url;
    this.#database = open();
  }

  /** Send what waits, now and whenever the network may be back. */
  start() {
    const flush = () => void this.flush();
    addEventListener("online", flush);
    addEventListener("focus", flush);
    document.addEventListener("visibilitychange", flush);
    setInterval(flush, RETRY_MS);
    navigator.storage?.persist?.().catch(() => false);
    flush();
  }

  /** Keep one entry, then try to send it. Resolves once it is kept and tried. */
  async add(entry) {
    await this.#write((store) => store.put({ ...entry, author: this.#author, refusal: null }));
    await this.#changed();
    return this.#send({ ...entry, author: this.#author, refusal: null });
  }

  async drop(id) {
    await this.#write((store) => store.delete(id));
    await this.#changed();
  }

  async entries() {
    const database = await this.#database;
    return new Promise((resolve, reject) => {
      const request = database.transaction(STORE).objectStore(STORE).getAll();
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  }

  async flush() {
    await this.#changed();
    for (const entry of await this.entries()) {
      if (entry.author === this.#author && !entry.refusal) await this.#send(entry);
    }
  }

  /** One request at a time for an entry: a save and a retry at once share the same answer. */
  #send(entry) {
    if (!this.#sending.has(entry.id)) {
      this.#sending.set(
        entry.id,
        this.#attempt(entry).finally(() => this.#sending.delete(entry.id)),
      );
    }
    return this.#sending.get(entry.id);
  }

  /** @returns {Promise<{state: "sent"|"waiting"|"refused", answer?: Object, refusal?: Object}>} */
  async #attempt(entry) {
    let answer;
    try {
      answer = await writeJson(this.#url, entry.body);
    } catch (error) {
      // 401 and 403 are about who asks, not about the values: they wait for the sign-in.
      if (!(error instanceof Refused) || [401, 403, 429].includes(error.status)) return { state: "waiting" };
      const refusal = { status: error.status, body: error.body, words: error.message };
      await this.#write((store) => store.put({ ...entry, refusal }));
      await this.#changed();
      this.dispatchEvent(new CustomEvent("refused", { detail: { entry, refusal } }));
      return { state: "refused", refusal };
    }
    await this.#write((store) => store.delete(entry.id));
    await this.#changed();
    this.dispatchEvent(new CustomEvent("sent", { detail: { entry, answer } }));
    return { state: "sent", answer };
  }

  async #write(change) {
    const database = await this.#database;
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, "readwrite", { durability: "strict" });
      change(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve();
      transaction.onerror = () => reject(transaction.error);
    });
  }

  async #changed() {
    this.dispatchEvent(new CustomEvent("changed", { detail: await this.entries() }));
  }
}

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "id" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
