/* The attention strip: every open flag of the clinic, by priority, then age. Its height never changes: one row of
   tall cards, then two rows of low ones, then "+2 more", so that no tile moves when a flag comes. */

import { el, fill, setAttribute, setHidden, setWords } from "./dom.js";
import { canTake, compareFlags, iconOf, isOverdue, lookOf, needsSomeone, ownerText, recheckOf, readingWords, takenBy, untilText, whyOf, wordOf } from "./flag-words.js";
import { MINUTE_MS, span, time } from "./format.js";
import { overdueMinutes } from "./ages.js";
import { makeRing, recheckNow, updateRing } from "./ring.js";
import { post } from "./server.js";
import { coverEntry, coverTaken, handOverEntries, isCover } from "./stand-in.js";

const NARROW_CARD_PX = 330;
const CARD_PX = 400;
const LETTER_PX = 17;
const LOW_ROWS = 2;
const FEW = 4;

/** Flags, asked-for covers and what is handed over to `me` of all `panels` as {flag, panel}, in the order of the strip. */
export const openFlags = (panels, now, me) =>
  panels
    .flatMap((panel) => [...panel.flags.map((flag) => ({ flag, panel })), coverEntry(panel, now)].filter(Boolean))
    .concat(handOverEntries(panels, me))
    .sort((one, other) => compareFlags(one.flag, other.flag));

/** How many cards of how many fit into `columns` columns: {rows: 1|2, shown, more}. */
export function share(count, columns) {
  if (count <= columns) return { rows: 1, shown: count, more: 0 };
  const places = columns * LOW_ROWS;
  return count <= places ? { rows: LOW_ROWS, shown: count, more: 0 } : { rows: LOW_ROWS, shown: places - 1, more: count - places + 1 };
}

/** Cards of a page that scrolls: all that is high, and the first few of the rest. */
export function shareOfList(entries) {
  const high = entries.filter(({ flag }) => flag.priority === "high").length;
  const shown = Math.min(entries.length, Math.max(FEW, high));
  return { rows: 1, shown, more: entries.length - shown };
}

/** The `count` entries that stand, in their order; where not all can, the high go first, and of both kinds what nobody
    has taken. */
export function standing(entries, count) {
  if (entries.length <= count) return entries;
  const rank = ({ flag }) => (flag.priority === "high" ? 0 : 2) + (needsSomeone(flag) ? 0 : 1);
  const kept = new Set([...entries].sort((one, other) => rank(one) - rank(other)).slice(0, count));
  return entries.filter((entry) => kept.has(entry));
}

/** A missed set says for how long, a vital what the server said of it; beside it stands how long the flag is open. */
function whatText(flag, panel, now) {
  const minutes = isOverdue(flag) ? overdueMinutes(panel, now) : null;
  if (minutes !== null) return { what: `Set overdue ${span(minutes)}`, since: panel.due.label };
  return { what: flag.text, since: span((now - time(flag.opened_at)) / MINUTE_MS) };
}

/** What else a look at the card must find: what it waits for or until when it is silent, else how often it was
    measured. A low card has no room for who silenced it. */
function moreText(flag, now, zone, low) {
  if (low && flag.state === "audio_paused") return untilText(flag, zone);
  if (flag.state === "latched" || flag.state === "audio_paused") return ownerText(flag, now, zone);
  return flag.why ? "" : readingWords(flag);
}

const takeWords = (flag) => (isCover(flag) ? "I cover" : "I'm on it");
const placeOf = (panel) => (panel.chair ? `chair ${panel.chair.name}` : panel.initials);

/** The strip inside `root`. `mayTake`: whether this person may acknowledge; `links`: whether a card leads to its
    session, and the rest can be opened. `thumb` is a bar for the page's foot, where one thumb takes the top flag. */
export class Strip {
  constructor(root, { mayTake, links = true, me = "" }) {
    this.mayTake = mayTake;
    this.links = links;
    this.me = me;
    this.list = el("ul", { class: "strip-cards" });
    this.quiet = el("p", { class: "strip-quiet" });
    this.more = links ? el("button", { type: "button", class: "strip-more button" }) : el("p", { class: "strip-more strip-rest" });
    this.moreItem = el("li", { class: "strip-more-item", hidden: true }, this.more);
    // Only what is new is read aloud; the minutes that tick on the cards are not.
    this.polite = el("div", { class: "said", role: "status" });
    this.urgent = el("div", { class: "said", role: "alert" });
    this.cards = new Map();
    this.failed = new Map();
    this.busy = new Set();
    this.entries = [];
    this.known = null;
    this.opened = false;
    this.root = root;
    root.append(this.list, this.quiet, this.polite, this.urgent);
    this.list.append(this.moreItem);
    this.more.addEventListener("click", () => {
      this.opened = !this.opened;
      this.redraw?.();
    });
    this.thumbIcon = el("span", { class: "card-icon" });
    this.thumbWords = el("span", { class: "thumb-words" });
    this.thumbTake = el("button", { type: "button", class: "thumb-take" }, "I'm on it");
    this.thumb = el("div", { class: "thumb-bar", hidden: true }, this.thumbIcon, this.thumbWords, this.thumbTake);
    this.thumbTake.addEventListener("click", () => this.take(this.top?.flag.id));
  }

  /** Draw the flags of `panels` as they stand at `now` (server ms) in the clinic's `zone`; `quiet` is said when there
      are none. */
  update(panels, now, zone, quiet) {
    this.redraw = () => this.update(panels, now, zone, quiet);
    const entries = openFlags(panels, now, this.me);
    this.entries = entries;
    const scrolls = getComputedStyle(this.root).getPropertyValue("--strip-scrolls").trim() === "1";
    const width = this.root.clientWidth;
    const most = Math.max(1, Math.floor(width / (scrolls ? NARROW_CARD_PX : CARD_PX)));
    // Few flags have wide cards, with room for the reason.
    const columns = Math.min(most, Math.max(2, entries.length));
    const all = { rows: 1, shown: entries.length, more: 0 };
    const room = this.opened ? all : scrolls ? shareOfList(entries) : share(entries.length, columns);
    this.root.style.setProperty("--strip-columns", String(columns));
    setAttribute(this.root, "data-rows", String(room.rows));
    setAttribute(this.root, "data-open", this.opened);
    setHidden(this.quiet, entries.length > 0);
    setWords(this.quiet, quiet);

    const open = new Set(entries.map(({ flag }) => flag.id));
    for (const id of this.failed.keys()) if (!open.has(id)) this.failed.delete(id);
    const shown = standing(entries, room.shown);
    const kept = new Set(shown.map(({ flag }) => flag.id));
    for (const [id, card] of this.cards) {
      if (!kept.has(id)) {
        card.node.remove();
        this.cards.delete(id);
      }
    }
    const letters = Math.floor(width / columns / LETTER_PX);
    shown.forEach(({ flag, panel }, index) => {
      const card = this.cards.get(flag.id) ?? this.add(flag.id);
      this.draw(card, flag, panel, { now, zone, letters, low: room.rows === LOW_ROWS && !scrolls });
      // Moved only when out of place: moving a node would take the focus from its button.
      if (this.list.children[index] !== card.node) this.list.insertBefore(card.node, this.list.children[index]);
    });
    const high = entries.filter(({ flag }) => flag.priority === "high" && !kept.has(flag.id)).length;
    setHidden(this.moreItem, room.more === 0 && !this.opened);
    setWords(this.more, this.opened ? "Show fewer" : `+${room.more} more${high ? `, ${high} high` : ""}`);
    this.top = entries.find(({ flag }) => needsSomeone(flag) && !this.isOwn(flag));
    this.drawThumb();
    this.announce(entries);
  }

  /** What this person has asked for is for others to take; what is handed over is accepted on its own page. */
  isOwn(flag) {
    return isCover(flag) && (flag.askedById === this.me || Boolean(flag.href));
  }

  add(id) {
    const parts = {
      icon: el("span", { class: "card-icon" }),
      ring: makeRing(),
      place: el("span", { class: "card-place" }),
      chair: el("b"),
      what: el("span", { class: "card-what" }),
      word: el("span", { class: "card-word" }),
      often: el("span", { class: "card-often" }),
      since: el("span", { class: "card-since" }),
      why: el("span", { class: "card-why" }),
      owner: el("span", { class: "card-owner" }),
      ownerName: el("span"),
      ownerRest: el("span", { class: "card-rest" }),
      take: el("button", { type: "button", class: "card-take", hidden: true }, "I'm on it"),
    };
    parts.detail = el("span", { class: "card-detail" }, parts.word, parts.since, parts.often);
    parts.owner.append(parts.ownerName, parts.ownerRest);
    const chair = el("span", { class: "card-chair" }, parts.place, parts.chair);
    const text = el("span", { class: "card-text" }, parts.what, parts.detail, parts.why);
    parts.link = el(this.links ? "a" : "span", { class: "card-link" }, parts.icon, parts.ring, chair, text);
    const card = { node: el("li", { class: "card-flag", "data-flag": id }, parts.link, parts.owner, parts.take), ...parts };
    parts.take.addEventListener("click", () => this.take(id));
    this.cards.set(id, card);
    return card;
  }

  draw(card, flag, panel, { now, zone, letters, low }) {
    const look = lookOf(flag);
    const { what, since } = whatText(flag, panel, now);
    const takeable = this.mayTake && canTake(flag) && !this.isOwn(flag);
    const by = takenBy(flag);
    const failed = this.failed.get(flag.id) ?? null;
    const recheck = recheckOf(flag);
    setAttribute(card.node, "data-look", look);
    setAttribute(card.node, "data-flag-state", flag.state);
    setAttribute(card.node, "data-taken", by !== null);
    setAttribute(card.node, "data-missed", isOverdue(flag));
    setAttribute(card.node, "data-failed", failed !== null);
    if (this.links) setAttribute(card.link, "href", flag.href ?? `/sessions/${panel.session}/`);
    fill(card.icon, [look, flag.state], () => [iconOf(look), flag.state === "audio_paused" && iconOf("paused")]);
    setHidden(card.icon, recheck !== null);
    card.ring.toggleAttribute("hidden", recheck === null);
    if (recheck) updateRing(card.ring, recheckNow(recheck.at, now, recheck.from));
    setWords(card.place, panel.chair ? "Chair " : "");
    setWords(card.chair, panel.chair?.name ?? panel.initials);
    setWords(card.what, what);
    setAttribute(card.what, "data-long", what.length > letters);
    setWords(card.word, wordOf(flag));
    const more = failed === null ? moreText(flag, now, zone, low) : "";
    setWords(card.often, more ? ` · ${more}` : "");
    setWords(card.since, ` · ${failed ?? since}`);
    setWords(card.why, whyOf(flag));
    setHidden(card.why, !flag.why);
    setWords(card.ownerName, by ?? "");
    setWords(card.ownerRest, by === null ? ownerText(flag, now, zone) : " is on it");
    // what the card says already is not said twice
    setHidden(card.owner, takeable || more === ownerText(flag, now, zone) || (low && flag.state === "audio_paused"));
    setHidden(card.take, !takeable);
    setAttribute(card.take, "aria-busy", this.busy.has(flag.id) ? "true" : null);
    const words = takeWords(flag);
    setWords(card.take, words);
    setAttribute(card.take, "aria-label", `${words}: ${placeOf(panel)}, ${flag.text}`);
  }

  /** The same of the first flag that nobody has, where a thumb reaches it. */
  drawThumb() {
    setHidden(this.thumb, !this.mayTake || !this.top);
    if (this.thumb.hidden) return;
    const { flag, panel } = this.top;
    const look = lookOf(flag);
    setAttribute(this.thumb, "data-look", look);
    fill(this.thumbIcon, look, () => [iconOf(look)]);
    setWords(this.thumbWords, this.failed.get(flag.id) ?? `${panel.chair ? `Chair ${panel.chair.name}` : panel.initials}: ${flag.text}`);
    setAttribute(this.thumbTake, "aria-busy", this.busy.has(flag.id) ? "true" : null);
    const words = takeWords(flag);
    setWords(this.thumbTake, words);
    setAttribute(this.thumbTake, "aria-label", `${words}: ${placeOf(panel)}, ${flag.text}`);
  }

  /** Take the flag `id`. What the server refuses stays written on the card until it is tried again. */
  async take(id) {
    if (!id || this.busy.has(id)) return;
    this.busy.add(id);
    this.failed.delete(id);
    this.redraw?.();
    const { flag } = this.entries.find((entry) => entry.flag.id === id) ?? {};
    const answer = isCover(flag) ? await post(coverTaken(flag), {}) : await post(`/api/v1/flags/${id}/acknowledge/`, { action: "I'm on it" });
    this.busy.delete(id);
    if (!answer.ok) this.failed.set(id, `Not taken: ${answer.message}`);
    this.redraw?.();
  }

  /** Take the first flag that nobody has. */
  takeTop() {
    if (!this.mayTake || !this.top) return;
    this.cards.get(this.top.flag.id)?.take.focus();
    void this.take(this.top.flag.id);
  }

  announce(entries) {
    const now = new Set(entries.map(({ flag }) => `${flag.id} ${flag.priority} ${flag.state}`));
    if (this.known !== null) {
      const fresh = entries.filter(({ flag }) => !this.known.has(`${flag.id} ${flag.priority} ${flag.state}`) && takenBy(flag) === null);
      const say = (node, some) => {
        if (some.length === 0) return;
        node.textContent = some
          .map(({ flag, panel }) => `${wordOf(flag)}. ${panel.chair ? `Chair ${panel.chair.name}` : panel.initials}. ${flag.text}.`)
          .join(" ");
      };
      say(this.urgent, fresh.filter(({ flag }) => flag.priority === "high"));
      say(this.polite, fresh.filter(({ flag }) => flag.priority !== "high"));
    }
    this.known = now;
  }
}
