/* One live stream, and the judgement whether it can be trusted.

   The browser's EventSource gives up for ever on any answer but 200, so it is made anew here after every close, with
   back-off and jitter, and the last id as a query. Trust has its own clock: without a heartbeat that proves the whole
   chain (watch and database) for ten seconds the screen is "stale", whatever the connection says. Deadlines are read
   from performance.now() on a timer, on each event, and when a hidden page comes back. */

import { get } from "./server.js";

const TRUST_MS = 10_000;
const OLDEST_LINK_S = 10;
const OLDEST_WORKER_S = 60;
const CHECK_EVERY_MS = 500;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 8_000;
const RESUME_WITHIN_MS = 60_000;
const SUSPENDED_MS = 5_000;
const SMALL_DRIFT_MS = 2_000;
const TYPED = ["snapshot", "session", "reading", "flag"];

/** The server's clock as this browser can tell it: scaled in the demo, and never the browser's own idea of the time. */
class ServerClock {
  rate = 1;
  known = false;
  base = Date.now();
  at = performance.now();

  /** Milliseconds since 1970 on the server's clock. */
  now() {
    return this.base + (performance.now() - this.at) * this.rate;
  }

  set(nowMs, rate) {
    this.base = nowMs;
    this.rate = rate;
    this.at = performance.now();
    this.known = true;
  }

  /** Follow slow drift by a heartbeat's time. A large difference is another clock's (the demo's heartbeat is real time). */
  follow(nowMs) {
    const drift = nowMs - this.now();
    if (this.rate === 1 && Math.abs(drift) < SMALL_DRIFT_MS) this.set(this.now() + drift / 4, this.rate);
  }
}

/** Emits `snapshot`, `session`, `reading`, `flag` (detail: the data), `heartbeat`, and `status` when trust changed. */
export class Live extends EventTarget {
  /** `url` is the stream; `probe` a JSON address that answers the same person, asked why the stream fails;
      `refused` what is said when it no longer answers this person. */
  constructor(url, probe, { refused = "You are signed out. Sign in again to watch." } = {}) {
    super();
    this.refused = refused;
    this.url = url;
    this.probe = probe;
    this.clock = new ServerClock();
    this.state = "connecting";
    this.heartbeat = null;
    this.source = null;
    this.lastId = null;
    this.failures = 0;
    this.retryAt = null;
    this.trouble = null;
    this.signedOut = false;
    this.openedAt = performance.now();
    // Whether this screen holds the whole picture: from a snapshot on, until a resync or a fault in what came.
    this.whole = false;
    this.fault = null;
    this.goodAt = null;
    this.goodServerMs = null;
    this.heardAt = null;
    this.connectingSince = null;
    this.tick = { wall: Date.now(), steady: performance.now() };
  }

  start() {
    this.connect();
    setInterval(() => this.check(), CHECK_EVERY_MS);
    document.addEventListener("visibilitychange", () => this.check());
    // A page taken back out of the browser's cache held no stream meanwhile.
    addEventListener("pageshow", (event) => (event.persisted ? this.slept() : this.check()));
    addEventListener("online", () => this.retryNow());
    addEventListener("offline", () => this.check());
    addEventListener("pagehide", () => this.source?.close());
  }

  /** Milliseconds since 1970 on the server's clock. */
  now() {
    return this.clock.now();
  }

  /** Real milliseconds since anything was heard, or null. */
  silentMs() {
    return this.heardAt === null ? null : performance.now() - this.heardAt;
  }

  /** Seconds since the worker last showed itself: a number, null for never, undefined while unknown. */
  workerSilentS() {
    return this.heartbeat?.worker_age_s;
  }

  /** Whether monitors are polled, as far as is known. */
  workerMissing() {
    const silent = this.workerSilentS();
    return silent === null || silent > OLDEST_WORKER_S;
  }

  /** Why the screen is not to be trusted, in words; "" while it is. */
  cause() {
    if (this.state !== "stale") return "";
    if (!navigator.onLine) return "This device has no network.";
    if (this.fault) return this.fault;
    if (this.trouble) return this.trouble;
    const beat = this.heartbeat;
    const heard = this.heardAt !== null && this.silentMs() < TRUST_MS;
    if (heard && beat) {
      // What the last heartbeat said has grown older since it came.
      const [database, watch] = [beat.db_age_s, beat.watch_age_s].map((age) => (known(age) ? age + this.silentMs() / 1000 : age));
      if (old(database)) return `The database has not written for ${Math.round(database)} s.`;
      if (old(watch)) return `The watch has not run for ${Math.round(watch)} s: missed sets are not found.`;
      if (!fresh(beat.db_age_s)) return "The server has not yet heard from its database.";
      if (!fresh(beat.watch_age_s)) return "The server has not yet heard from the watch: missed sets are not found.";
    }
    return "The server does not answer.";
  }

  connect() {
    this.retryAt = null;
    this.source?.close();
    const address = new URL(this.url, location.href);
    const missedMs = this.heardAt === null ? Infinity : performance.now() - this.heardAt;
    // After a long gap a whole picture is surer than a resumed one.
    if (this.whole && this.lastId && missedMs < RESUME_WITHIN_MS) address.searchParams.set("last_event_id", this.lastId);
    else this.whole = false;
    const source = new EventSource(address);
    this.source = source;
    this.connectingSince = performance.now();
    source.onerror = () => this.failed(source);
    for (const name of TYPED) source.addEventListener(name, (event) => this.received(source, name, event));
    source.addEventListener("heartbeat", (event) => this.beat(source, event));
    source.addEventListener("resync", () => this.resync(source));
    source.addEventListener("bye", () => this.failed(source));
  }

  received(source, name, event) {
    if (source !== this.source) return;
    const data = this.read(event);
    if (data === null) return;
    this.heard(event);
    if (name === "snapshot") {
      this.clock.set(Date.parse(data.clock.now), data.clock.rate);
      this.whole = true;
      this.fault = null;
    }
    this.dispatchEvent(new CustomEvent(name, { detail: data }));
    this.check();
  }

  beat(source, event) {
    if (source !== this.source) return;
    const data = this.read(event);
    if (data === null) return;
    this.heard(event);
    this.heartbeat = data;
    this.trouble = null;
    this.clock.follow(Date.parse(data.at));
    const links = [data.watch_age_s, data.db_age_s];
    if (this.whole && links.every(fresh)) {
      // What was proven is as old as the oldest link, so the ten seconds run from there and not from the message.
      const oldMs = Math.max(...links) * 1000;
      this.goodAt = performance.now() - oldMs;
      this.goodServerMs = this.now() - oldMs * this.clock.rate;
      this.failures = 0;
    } else if (links.some(old)) {
      // Proof that the chain is broken: nothing to wait for. An unknown age (null) only fails to renew the trust.
      this.goodAt = -Infinity;
    }
    this.dispatchEvent(new CustomEvent("heartbeat", { detail: data }));
    this.check();
  }

  /** The data of `event`; what cannot be read costs the trust, and null is given. */
  read(event) {
    try {
      return JSON.parse(event.data);
    } catch (error) {
      this.distrust("This screen could not read what the server sent.", error);
      return null;
    }
  }

  /** Something that came could not be read or drawn: nothing shown is trusted until a new snapshot was. */
  distrust(cause, error) {
    console.error(error);
    this.fault = cause;
    this.whole = false;
    this.goodAt = -Infinity;
    if (this.source) this.failed(this.source);
  }

  heard(event) {
    this.heardAt = performance.now();
    if (event.lastEventId) this.lastId = event.lastEventId;
  }

  resync(source) {
    if (source !== this.source) return;
    this.lastId = null;
    this.whole = false;
    this.heardAt = performance.now();
  }

  failed(source) {
    if (source !== this.source || this.retryAt !== null) return;
    source.close();
    const wait = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.failures);
    this.failures += 1;
    // Jitter, so that a restarted server is not met by every screen in the same moment.
    this.retryAt = performance.now() + wait * (0.5 + Math.random());
    if (this.failures > 1) this.ask();
    this.check();
  }

  /** Nothing came for too long on a connection that may still look open: it is dropped and made anew. */
  silent() {
    if (this.source.readyState === EventSource.OPEN) this.trouble = "The live stream went silent.";
    this.failed(this.source);
  }

  retryNow() {
    if (this.retryAt !== null) this.retryAt = performance.now();
    this.check();
  }

  /** An EventSource does not tell why it failed: one plain call does. */
  async ask() {
    const answer = await get(this.probe);
    this.signedOut = answer.status === 401 || answer.status === 403;
    if (this.signedOut) this.trouble = this.refused;
    else if (answer.status >= 500) this.trouble = `The server answers with an error (${answer.status}).`;
    else if (answer.status === 0) this.trouble = "The server does not answer.";
    else this.trouble = "The server answers, but its live stream does not.";
    if (!this.signedOut) return;
    // Proof that nothing more will come: there is nothing to wait for.
    this.goodAt = -Infinity;
    this.check();
  }

  check() {
    const steady = performance.now();
    const wall = Date.now();
    // A computer that slept: its steady clock may have stood still, so nothing held is trusted until it is heard anew.
    if (wall - this.tick.wall - (steady - this.tick.steady) > SUSPENDED_MS) this.slept();
    this.tick = { wall, steady };

    if (this.retryAt !== null && steady >= this.retryAt) this.connect();
    const quietSince = Math.max(this.heardAt ?? 0, this.connectingSince ?? 0);
    if (this.retryAt === null && steady - quietSince > TRUST_MS) this.silent();
    this.become(this.judge(steady));
  }

  slept() {
    this.goodAt = -Infinity;
    this.whole = false;
    this.connect();
  }

  judge(steady) {
    if (steady - (this.goodAt ?? this.openedAt) > TRUST_MS) return "stale";
    return this.goodAt === null ? "connecting" : "live";
  }

  become(state) {
    if (state === this.state) return;
    this.state = state;
    this.dispatchEvent(new CustomEvent("status", { detail: state }));
  }
}

const known = (seconds) => typeof seconds === "number";

const old = (seconds) => known(seconds) && seconds > OLDEST_LINK_S;

const fresh = (seconds) => known(seconds) && seconds <= OLDEST_LINK_S;
