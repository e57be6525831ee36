/* The board: every chair of the clinic in its fixed place, fed by one live stream. */

import { Cover } from "./cover.js";
import { overdueMinutes } from "./ages.js";
import { el, fill, setAttribute, setHidden, setWords } from "./dom.js";
import { needsSomeone } from "./flag-words.js";
import { agoSeconds, clock, count, rateText, span } from "./format.js";
import { icon } from "./icons.js";
import { Live } from "./live.js";
import { Strip } from "./strip.js";
import { makeTile, updateTile } from "./tile.js";
import { dueNow } from "./ring.js";
import { isClosed } from "./session-states.js";

const REDRAW_MS = 1000;
const TILE_WIDTH = 440;
const TILE_HEIGHT = 280;
const SMALLEST_SCALE = 0.62;
const DIGIT_WAIT_MS = 700;

/** Columns for `tiles` tiles in `width` by `height` px, so that they are as large as can be; null when they would be
    too small to read, and the page should scroll instead. */
function columnsFor(tiles, width, height, gap) {
  let best = { columns: null, scale: SMALLEST_SCALE };
  for (let columns = 1; columns <= tiles; columns += 1) {
    const rows = Math.ceil(tiles / columns);
    const across = (width - gap * (columns - 1)) / columns / TILE_WIDTH;
    const down = (height - gap * (rows - 1)) / rows / TILE_HEIGHT;
    const scale = Math.min(across, down);
    if (scale > best.scale) best = { columns, scale };
  }
  return best.columns;
}

/** "9 sessions · 2 need you · 1 overdue" of `panels` at `now` (server ms). */
function countsText(panels, now) {
  const waiting = panels.filter((panel) => panel.flags.some((flag) => needsSomeone(flag) && flag.priority !== "low")).length;
  const overdue = panels.filter((panel) => overdueMinutes(panel, now) !== null).length;
  const words = [count(panels.length, "session")];
  if (waiting) words.push(waiting === 1 ? "1 needs you" : `${waiting} need you`);
  if (overdue) words.push(`${overdue} overdue`);
  return { words: words.join(" · "), waiting };
}

class Board {
  constructor(root) {
    this.root = root;
    this.part = (name) => document.querySelector(`[data-part="${name}"]`);
    this.zone = root.dataset.timeZone;
    this.chairs = [];
    this.limits = {};
    this.panels = new Map();
    this.tiles = new Map();
    this.title = document.title;
    this.live = new Live(root.dataset.stream, root.dataset.probe);
    this.strip = new Strip(this.part("strip"), { mayTake: root.dataset.mayAcknowledge === "true" });
    this.cover = new Cover(this.live, { zone: () => this.zone, chairs: () => this.occupied() });
    this.digits = "";
    this.drawing = false;
  }

  start() {
    this.live.addEventListener("snapshot", ({ detail }) => this.replace(detail));
    this.live.addEventListener("session", ({ detail }) => this.put(detail));
    this.live.addEventListener("heartbeat", () => this.drawHeader());
    this.live.addEventListener("status", () => this.drawHeader());
    new ResizeObserver(() => this.place()).observe(this.root);
    addEventListener("resize", () => this.place());
    document.addEventListener("keydown", (event) => this.key(event));
    setInterval(() => this.drawOrDistrust({ ages: true }), REDRAW_MS);
    this.live.start();
    this.part("unstarted").remove();
    this.drawHeader();
  }

  replace(snapshot) {
    this.zone = snapshot.clinic.time_zone;
    this.chairs = snapshot.chairs;
    this.limits = snapshot.limit_sets;
    this.bands = Object.fromEntries(Object.entries(this.limits).map(([id, limits]) => [id, limits.band]));
    this.panels = new Map(snapshot.sessions.filter((panel) => !isClosed(panel.state)).map((panel) => [panel.session, panel]));
    setAttribute(this.root, "aria-busy", "false");
    this.drawSoon();
  }

  put(panel) {
    const held = this.panels.get(panel.session);
    if (held && held.version > panel.version) return;
    if (isClosed(panel.state)) this.panels.delete(panel.session);
    else this.panels.set(panel.session, panel);
    this.drawSoon();
  }

  /** The events of one frame are drawn once. A page in the background has no frames; it is drawn with the ages. */
  drawSoon() {
    if (this.drawing) return;
    this.drawing = true;
    requestAnimationFrame(() => {
      this.drawing = false;
      this.drawOrDistrust({ ages: false });
    });
  }

  /** A board that cannot draw what it was sent must not look as if all were well. */
  drawOrDistrust(what) {
    try {
      this.draw(what);
    } catch (error) {
      this.live.distrust("This screen could not draw what the server sent.", error);
    }
  }

  /** Places in their fixed order: the clinic's chairs, then a session that has no chair, or shares one. */
  places() {
    const byChair = new Map();
    const without = [];
    for (const panel of this.panels.values()) {
      const known = panel.chair && this.chairs.some((chair) => chair.id === panel.chair.id);
      if (known && !byChair.has(panel.chair.id)) byChair.set(panel.chair.id, panel);
      else without.push(panel);
    }
    return [
      ...this.chairs.map((chair) => ({ key: chair.id, name: chair.name, panel: byChair.get(chair.id) ?? null })),
      ...without.map((panel) => ({ key: panel.session, name: panel.chair?.name ?? "–", panel })),
    ];
  }

  occupied() {
    return this.places()
      .filter(({ panel }) => panel !== null)
      .map(({ name, panel }) => (panel.chair ? name : panel.initials));
  }

  /** With `ages` every tile, for its ages move; without, only those whose panel is another. */
  draw({ ages }) {
    const now = this.live.now();
    const places = this.places();
    const context = { zone: this.zone, bands: this.bands ?? {}, limits: this.limits };
    const kept = new Set(places.map(({ key }) => key));
    for (const [key, tile] of this.tiles) {
      if (kept.has(key)) continue;
      tile.node.remove();
      this.tiles.delete(key);
    }
    places.forEach(({ key, name, panel }, index) => {
      let tile = this.tiles.get(key);
      if (!tile || tile.name !== name) {
        tile?.node.remove();
        tile = makeTile(name);
        this.tiles.set(key, tile);
      }
      if (ages || tile.drawn !== panel) updateTile(tile, panel, now, context);
      tile.drawn = panel;
      if (this.root.children[index] !== tile.node) this.root.insertBefore(tile.node, this.root.children[index] ?? null);
    });
    if (this.placed !== places.length) this.place();
    this.strip.update([...this.panels.values()], now, this.quietText(now));
    this.drawHeader();
  }

  /** Said where no flag is open: what comes next. */
  quietText(now) {
    const coming = this.places()
      .filter(({ panel }) => panel?.due && dueNow(panel.due, now).phase === "waiting")
      .sort((one, other) => Date.parse(one.panel.due.at) - Date.parse(other.panel.due.at));
    if (!this.clockKnown()) return "";
    if (coming.length === 0) return "No flags.";
    const [{ name, panel }] = coming;
    return `No flags. Next: chair ${name}, ${panel.due.label} in ${span(dueNow(panel.due, now).minutes)}.`;
  }

  clockKnown() {
    return this.live.clock.known;
  }

  drawHeader() {
    const now = this.live.now();
    const panels = [...this.panels.values()];
    if (this.clockKnown()) {
      const { words, waiting } = countsText(panels, now);
      setWords(this.part("counts"), words);
      setWords(this.part("clock"), clock(now, this.zone));
      const title = waiting ? `(${waiting}) ${this.title}` : this.title;
      if (document.title !== title) document.title = title;
    }
    this.drawLive();
    this.drawNotices(panels);
  }

  drawLive() {
    const silent = this.live.silentMs();
    const words = this.live.state === "live" && silent !== null ? `Live · ${agoSeconds(silent)}` : "Connecting";
    setAttribute(this.part("live"), "data-state", this.live.state);
    setWords(this.part("live-words"), words);
  }

  drawNotices(panels) {
    const notices = [];
    const simulated = panels.some((panel) => panel.simulated);
    const rate = this.live.clock.rate;
    if (simulated || rate !== 1) {
      notices.push(["Demo", simulated ? "simulated patients" : null, rate === 1 ? null : `${rateText(rate)} speed`].filter(Boolean).join(" · "));
    }
    const used = new Set(panels.map((panel) => panel.limit_set));
    const unreviewed = Object.values(this.limits).some((limits) => limits.reviewed_by === null && (used.size === 0 || used.has(limits.id)));
    if (unreviewed) notices.push("Example limits, reviewed by nobody yet");
    fill(this.part("notices"), notices.join("|"), () => notices.map((words) => el("span", {}, words)));

    const missing = this.clockKnown() && this.live.workerMissing();
    const silent = this.live.workerSilentS();
    const since = typeof silent === "number" ? `silent ${span(silent / 60)}` : "never seen";
    setHidden(this.part("worker"), !missing);
    if (missing) setWords(this.part("worker-words"), `Monitors are not being polled (worker ${since}): chart by hand`);
  }

  /** Lay the tiles out for the room there is. */
  place() {
    const tiles = this.tiles.size;
    if (tiles === 0) return;
    this.placed = tiles;
    const style = getComputedStyle(this.root);
    const room = innerHeight - this.root.getBoundingClientRect().top - scrollY - Number.parseFloat(style.getPropertyValue("--board-foot"));
    const columns = columnsFor(tiles, this.root.clientWidth, room, Number.parseFloat(style.columnGap));
    setAttribute(document.body, "data-fit", columns === null ? "scroll" : "screen");
    const across = columns ?? Math.max(1, Math.floor((this.root.clientWidth + 12) / (340 + 12)));
    this.root.style.setProperty("--columns", String(across));
    this.root.style.setProperty("--rows", String(Math.ceil(tiles / across)));
  }

  /* --- keys: digits go to a chair, A takes the top flag --- */

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, dialog") || this.live.state === "stale") return;
    if (/^\d$/.test(event.key)) this.jump(event.key);
    else if (event.key.toLowerCase() === "a") this.strip.takeTop();
  }

  /** Focus the chair whose name is the digits typed in quick succession. */
  jump(digit) {
    clearTimeout(this.digitTimer);
    this.digitTimer = setTimeout(() => (this.digits = ""), DIGIT_WAIT_MS);
    this.digits += digit;
    const named = (name) => [...this.tiles.values()].find((tile) => tile.name.replace(/^\D+/, "") === name);
    const tile = named(this.digits) ?? named(digit);
    if (!named(this.digits)) this.digits = digit;
    tile?.link.focus();
  }
}

const root = document.querySelector("[data-board]");
if (root) {
  document.querySelector('[data-part="sound-icon"]')?.append(icon("volume-x"));
  new Board(root).start();
}
