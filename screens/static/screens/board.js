/* The board: every chair of the clinic in its fixed place, fed by one live stream. The page of the signed-in is started
   at the end of this file; a screen on the wall starts its own (wall.js). */

import { Cover } from "./cover.js";
import { overdueMinutes } from "./ages.js";
import { el, fill, setAttribute, setHidden, setWords } from "./dom.js";
import { needsSomeone } from "./flag-words.js";
import { agoSeconds, clock, count, rateText, span } from "./format.js";
import { Drawn } from "./drawn.js";
import { Live } from "./live.js";
import { Sound } from "./sound.js";
import { Strip } from "./strip.js";
import { makeTile, updateTile } from "./tile.js";
import { dueNow } from "./ring.js";
import { isClosed } from "./session-states.js";
import { WhichChairs, isMine, showsHere } from "./which-chairs.js";

const REDRAW_MS = 1000;
const TILE_WIDTH = 440;
const TILE_HEIGHT = 280;
const SMALLEST_SCALE = 0.62;
const DIGIT_WAIT_MS = 700;
const SCROLLED_TILE_WIDTH = 340;
const REST_TILE_WIDTH = 220;
const REST_TILE_HEIGHT = 112;

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

/** "9 sessions · 2 need you · 1 overdue" of `panels` at `now` (server ms); who is needed is `whom`. */
export function countsText(panels, now, whom = "you") {
  const having = (wanted) => panels.filter((panel) => panel.flags.some((flag) => wanted(flag) && flag.priority !== "low")).length;
  const waiting = having(needsSomeone);
  const paused = panels.reduce((sum, panel) => sum + panel.flags.filter((flag) => flag.state === "audio_paused").length, 0);
  const overdue = panels.filter((panel) => overdueMinutes(panel, now) !== null).length;
  const rechecks = panels.reduce((sum, panel) => sum + (panel.rechecks ?? []).filter((one) => !one.with_set && Date.parse(one.at) <= now).length, 0);
  const words = [count(panels.length, "session")];
  if (waiting) words.push(`${waiting} ${waiting === 1 ? "needs" : "need"} ${whom}`);
  if (overdue) words.push(`${overdue} overdue`);
  if (rechecks) words.push(`${count(rechecks, "re-check")} due`);
  if (paused) words.push(`${paused} with sound paused`);
  return { words: words.join(" · "), waiting };
}

export class Board {
  /** The board inside `root` (a <ul>). `links`: whether chairs lead to their sessions and keys work; `whom` is who is
      needed; `refused` what is said when the server no longer knows this screen; `layoutOf(count)` gives fixed
      {columns, rows} for so many places, else they are chosen by the room there is. */
  constructor(root, { links = true, whom = "you", refused, layoutOf = null } = {}) {
    this.root = root;
    this.links = links;
    this.whom = whom;
    this.layoutOf = layoutOf;
    this.part = (name) => document.querySelector(`[data-part="${name}"]`);
    this.zone = root.dataset.timeZone;
    this.chairs = [];
    this.limits = {};
    this.panels = new Map();
    this.tiles = new Map();
    this.title = document.title;
    this.live = new Live(root.dataset.stream, root.dataset.probe, { refused });
    this.strip = new Strip(this.part("strip"), { mayTake: root.dataset.mayAcknowledge === "true", links, me: root.dataset.me });
    this.which = new WhichChairs(this.part("which"), { me: root.dataset.me, changed: () => this.drawOrDistrust({ ages: true }) });
    this.rest = el("ul", { class: "board board-rest", "aria-label": "Other chairs", hidden: true });
    root.after(this.rest);
    document.body.append(this.strip.thumb);
    this.cover = new Cover(this.live, { zone: () => this.zone, chairs: () => this.occupied(), signsIn: links });
    this.drawn = root.dataset.mayReport === "true" ? new Drawn(this.live, () => [...this.panels.values()], root.dataset.screen ?? "") : null;
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
    if (this.links) document.addEventListener("keydown", (event) => this.key(event));
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
    this.typical = snapshot.typical;
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
    const mine = this.showsMine();
    // The fixed order holds in each part. A free chair is nobody's.
    const places = mine ? this.places().filter(({ panel }) => panel && isMine(panel, this.which.me)) : this.places();
    const others = mine ? this.places().filter(({ panel }) => panel && !isMine(panel, this.which.me)) : [];
    const kept = new Set([...places, ...others].map(({ key }) => key));
    for (const [key, tile] of this.tiles) {
      if (kept.has(key)) continue;
      tile.node.remove();
      this.tiles.delete(key);
    }
    places.forEach((place, index) => this.drawPlace(this.root, place, index, now, ages));
    others.forEach((place, index) => this.drawPlace(this.rest, place, index, now, ages));
    setHidden(this.rest, others.length === 0);
    setAttribute(document.body, "data-chairs", mine ? "mine" : "all");
    this.counted = [places.length, others.length];
    if (this.placed !== this.counted.join()) this.place();
    this.drawn?.look();
    const panels = [...this.panels.values()];
    const watched = mine ? panels.map((panel) => ({ ...panel, flags: panel.flags.filter((flag) => showsHere(flag, panel, this.which.me)) })) : panels;
    this.strip.update(watched, now, this.zone, this.quietText(now));
    this.drawHeader();
  }

  drawPlace(list, { key, name, panel }, index, now, ages) {
    let tile = this.tiles.get(key);
    if (!tile || tile.name !== name) {
      tile?.node.remove();
      tile = makeTile(name, { links: this.links });
      this.tiles.set(key, tile);
    }
    if (ages || tile.drawn !== panel) updateTile(tile, panel, now, { zone: this.zone, bands: this.bands ?? {}, limits: this.limits, typical: this.typical ?? {} });
    tile.drawn = panel;
    if (list.children[index] !== tile.node) list.insertBefore(tile.node, list.children[index] ?? null);
  }

  /** Whether only some chairs are drawn large: when that was asked for, and one of them is the reader's. */
  showsMine() {
    return this.which.mine && this.hasMine();
  }

  hasMine() {
    return [...this.panels.values()].some((panel) => isMine(panel, this.which.me));
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
      const { words, waiting } = countsText(panels, now, this.whom);
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
    if (this.which.mine && this.clockKnown() && !this.hasMine()) notices.push("No chair is yours now: all are shown");
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
    const [tiles, others] = this.counted ?? [0, 0];
    if (tiles === 0) return;
    this.placed = this.counted.join();
    if (this.layoutOf) {
      const { columns, rows } = this.layoutOf(tiles);
      this.lay(this.root, columns, rows);
      setAttribute(document.body, "data-fit", "screen");
      return;
    }
    const style = getComputedStyle(this.root);
    const width = this.root.clientWidth;
    const gap = Number.parseFloat(style.columnGap);
    const restColumns = Math.max(1, Math.floor((width + gap) / (REST_TILE_WIDTH + gap)));
    const restRows = Math.ceil(others / restColumns);
    this.lay(this.rest, restColumns, restRows);
    const room = innerHeight - this.root.getBoundingClientRect().top - scrollY - Number.parseFloat(style.getPropertyValue("--board-foot"));
    const columns = columnsFor(tiles, width, room - restRows * (REST_TILE_HEIGHT + gap), gap);
    setAttribute(document.body, "data-fit", columns === null ? "scroll" : "screen");
    const across = columns ?? Math.max(1, Math.floor((width + gap) / (SCROLLED_TILE_WIDTH + gap)));
    this.lay(this.root, across, Math.ceil(tiles / across));
  }

  lay(list, columns, rows) {
    list.style.setProperty("--columns", String(columns));
    list.style.setProperty("--rows", String(rows));
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
  const board = new Board(root);
  const button = document.querySelector("[data-sound]");
  if (button) {
    const flags = () => [...board.panels.values()].flatMap((panel) => panel.flags);
    new Sound(button, { flags, allowed: root.dataset.soundAllowed === "true" });
  }
  board.start();
}
