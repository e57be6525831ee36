/* A screen on the wall: the board, read by whoever passes. Nobody is signed in and nothing can be pressed but day and
   night, so all that it needs it does by itself: it keeps awake, darkens at its hours, wanders some pixels so that
   nothing burns in, and loads itself anew when the server serves another version. */

import { Board } from "./board.js";
import { setAttribute } from "./dom.js";
import { clock } from "./format.js";

const LAYOUTS = [
  { tiles: 1, columns: 1, rows: 1 },
  { tiles: 4, columns: 2, rows: 2 },
  { tiles: 6, columns: 3, rows: 2 },
  { tiles: 9, columns: 3, rows: 3 },
  { tiles: 12, columns: 4, rows: 3 },
  { tiles: 24, columns: 6, rows: 4 },
];
const MOST_TILES = LAYOUTS.at(-1).tiles;
const TILES_KEPT = "vigil.wall-tiles";
const TURN_KEPT = "vigil.wall-turn";
const THEME_KEPT = "vigil.theme";
const SHIFT_EVERY_MS = 3 * 60_000;
const SHIFTS = 4;
const TICK_MS = 1000;
const DAY_MS = 24 * 3600_000;
const RELOAD_APART_MS = 10 * 60_000;
const RELOADED_AT = "vigil.wall-reloaded";

/** The smallest layout that holds `count` places and no fewer than `wanted` tiles: no chair is ever left out. */
export function layoutFor(count, wanted = 0) {
  const needed = Math.max(count, wanted);
  const found = LAYOUTS.find(({ tiles }) => tiles >= needed);
  if (found) return found;
  const columns = Math.ceil(Math.sqrt(count * 1.5));
  return { tiles: count, columns, rows: Math.ceil(count / columns) };
}

/** "day" or "night" at the clinic's time of day `at`; all are texts such as "19:00". The night may go past midnight. */
export function hoursAt(at, from, until) {
  const night = from <= until ? from <= at && at < until : at >= from || at < until;
  return night ? "night" : "day";
}

/** Whether a high flag stands that nobody has taken: then nothing may take the board away, not even for a moment. */
export const holdsUntaken = (panels) => panels.some((panel) => panel.flags.some((flag) => flag.priority === "high" && flag.state !== "acknowledged"));

class Wall {
  constructor(root) {
    this.root = root;
    this.wanted = wantedTiles();
    this.board = new Board(root, {
      links: false,
      whom: "someone",
      refused: "This wall screen was taken back. To make it one again, sign in on this device and open Screens.",
      layoutOf: (count) => this.layout(count),
    });
    this.served = null;
    this.lock = null;
  }

  start() {
    const { live } = this.board;
    live.addEventListener("heartbeat", ({ detail }) => {
      this.served = detail.version ?? null;
      void this.renew();
    });
    document.addEventListener("visibilitychange", () => void this.stayAwake());
    setInterval(() => this.tick(), TICK_MS);
    // The cookie lasts from the last look at the page, and this page may stand for a year.
    setInterval(() => void this.look(), DAY_MS);
    void this.stayAwake();
    this.board.start();
  }

  layout(count) {
    const found = layoutFor(count, this.wanted);
    setAttribute(document.body, "data-tiles", found.tiles);
    setAttribute(document.body, "data-dense", found.tiles >= MOST_TILES);
    const upright = innerHeight > innerWidth;
    return upright ? { columns: found.rows, rows: found.columns } : found;
  }

  tick() {
    const { live, zone } = this.board;
    if (!live.clock.known) return;
    const now = live.now();
    setAttribute(document.body, "data-shift", Math.floor(now / SHIFT_EVERY_MS) % SHIFTS);
    this.turn(hoursAt(clock(now, zone), this.root.dataset.nightFrom, this.root.dataset.nightUntil));
  }

  /** Day becomes night or night day: what somebody chose by hand held until now. */
  turn(hours) {
    if (kept(TURN_KEPT) === hours && document.documentElement.dataset.hours === hours) return;
    if (kept(TURN_KEPT) !== hours) {
      keep(THEME_KEPT, null);
      document.documentElement.dataset.theme = hours;
    }
    keep(TURN_KEPT, hours);
    document.documentElement.dataset.hours = hours;
  }

  /** Another version is served: load it, while all is calm, and only when the page can really be had. */
  async renew() {
    if (this.served === null || this.served === this.root.dataset.version || this.renewing) return;
    if (this.board.live.state !== "live" || holdsUntaken([...this.board.panels.values()])) return;
    if (Date.now() - Number(kept(RELOADED_AT) ?? 0) < RELOAD_APART_MS) return;
    this.renewing = true;
    const there = await this.look();
    this.renewing = false;
    if (!there || holdsUntaken([...this.board.panels.values()])) return;
    keep(RELOADED_AT, String(Date.now()));
    location.reload();
  }

  /** Whether the server gives this page. */
  async look() {
    try {
      const answer = await fetch(location.href, { cache: "no-store", credentials: "same-origin" });
      return answer.ok;
    } catch {
      return false;
    }
  }

  async stayAwake() {
    if (document.hidden || !navigator.wakeLock) return;
    try {
      this.lock = await navigator.wakeLock.request("screen");
    } catch {
      // some browsers refuse it while power is low: the screen's own settings then decide
    }
  }
}

/** What the address asks for, which the screen then keeps; else what it has kept. */
function wantedTiles() {
  const asked = Number(new URLSearchParams(location.search).get("tiles") ?? kept(TILES_KEPT));
  if (!(asked > 0 && asked <= MOST_TILES)) return 0;
  keep(TILES_KEPT, String(asked));
  return asked;
}

function kept(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function keep(name, value) {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, value);
  } catch {
    // storage can be switched off; it still holds for this page
  }
}

const root = document.querySelector("[data-wall]");
if (root) new Wall(root).start();
