/* The attention strip: every open flag of the clinic, by priority, then age. Its height never changes: one row of
   tall cards, then two rows of low ones, then "+2 more", so that no tile moves when a flag comes. */

import { el, fill, setAttribute, setHidden, setWords } from "./dom.js";
import { compareFlags, iconOf, isOverdue, lookOf, needsSomeone, ownerText, wordOf } from "./flag-words.js";
import { MINUTE_MS, ordinal, span, time } from "./format.js";
import { overdueMinutes } from "./ages.js";
import { post } from "./server.js";
import { coverEntry, coverTaken, handOverEntries, isCover } from "./stand-in.js";

const NARROW_CARD_PX = 330;
const CARD_PX = 400;
const LOW_ROWS = 2;
const LONG_WORDS = 24;

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

/** A missed set says for how long, a vital what the server said of it; beside it stands how long the flag is open. */
function whatText(flag, panel, now) {
  const minutes = isOverdue(flag) ? overdueMinutes(panel, now) : null;
  if (minutes !== null) return { what: `Set overdue ${span(minutes)}`, since: panel.due.label };
  return { what: flag.text, since: span((now - time(flag.opened_at)) / MINUTE_MS) };
}

/** "2nd reading" where it is more than one. */
const oftenText = (flag) => (flag.readings > 1 ? `${ordinal(flag.readings)} reading` : "");

/** The strip inside `list` (a <ul>); `mayTake` says whether this person may acknowledge. */
export class Strip {
  constructor(root, { mayTake, me }) {
    this.mayTake = mayTake;
    this.me = me;
    this.list = el("ul", { class: "strip-cards" });
    this.quiet = el("p", { class: "strip-quiet" });
    this.more = el("button", { type: "button", class: "strip-more button", hidden: true });
    // Only what is new is read aloud; the minutes that tick on the cards are not.
    this.polite = el("div", { class: "said", role: "status" });
    this.urgent = el("div", { class: "said", role: "alert" });
    this.cards = new Map();
    this.known = null;
    this.opened = false;
    this.root = root;
    root.append(this.list, this.quiet, this.polite, this.urgent);
    this.list.append(this.more);
    this.more.addEventListener("click", () => {
      this.opened = !this.opened;
      this.redraw?.();
    });
  }

  /** Draw the flags of `panels` as they stand at `now` (server ms); `quiet` is said when there are none. */
  update(panels, now, quiet) {
    this.redraw = () => this.update(panels, now, quiet);
    const entries = openFlags(panels, now, this.me);
    const scrolls = getComputedStyle(this.root).getPropertyValue("--strip-scrolls").trim() === "1";
    const columns = Math.max(1, Math.floor(this.root.clientWidth / (scrolls ? NARROW_CARD_PX : CARD_PX)));
    const all = this.opened || scrolls;
    const room = all ? { rows: entries.length > columns ? LOW_ROWS : 1, shown: entries.length, more: 0 } : share(entries.length, columns);
    this.root.style.setProperty("--strip-columns", String(columns));
    setAttribute(this.root, "data-rows", String(room.rows));
    setAttribute(this.root, "data-open", this.opened);
    setHidden(this.quiet, entries.length > 0);
    setWords(this.quiet, quiet);

    const kept = new Set(entries.slice(0, room.shown).map(({ flag }) => flag.id));
    for (const [id, card] of this.cards) {
      if (!kept.has(id)) {
        card.node.remove();
        this.cards.delete(id);
      }
    }
    entries.slice(0, room.shown).forEach(({ flag, panel }, index) => {
      const card = this.cards.get(flag.id) ?? this.add(flag.id);
      this.draw(card, flag, panel, now);
      // Moved only when out of place: moving a node would take the focus from its button.
      if (this.list.children[index] !== card.node) this.list.insertBefore(card.node, this.list.children[index]);
    });
    const high = entries.slice(room.shown).filter(({ flag }) => flag.priority === "high").length;
    setHidden(this.more, room.more === 0 && !this.opened);
    setWords(this.more, this.opened ? "Show fewer" : `+${room.more} more${high ? `, ${high} high` : ""}`);
    this.announce(entries);
  }

  add(id) {
    const parts = {
      icon: el("span", { class: "card-icon" }),
      place: el("span", { class: "card-place" }),
      chair: el("b"),
      what: el("span", { class: "card-what" }),
      word: el("span", { class: "card-word" }),
      often: el("span", { class: "card-often" }),
      since: el("span", { class: "card-since" }),
      owner: el("span", { class: "card-owner" }),
      ownerName: el("span"),
      ownerRest: el("span", { class: "card-rest" }),
      take: el("button", { type: "button", class: "card-take", hidden: true }, "I'm on it"),
    };
    parts.detail = el("span", { class: "card-detail" }, parts.word, parts.since, parts.often);
    parts.owner.append(parts.ownerName, parts.ownerRest);
    const chair = el("span", { class: "card-chair" }, parts.place, parts.chair);
    const text = el("span", { class: "card-text" }, parts.what, parts.detail);
    parts.link = el("a", { class: "card-link" }, parts.icon, chair, text);
    const card = { node: el("li", { class: "card-flag", "data-flag": id }, parts.link, parts.owner, parts.take), failed: null, ...parts };
    parts.take.addEventListener("click", () => this.take(id));
    this.cards.set(id, card);
    return card;
  }

  draw(card, flag, panel, now) {
    const look = lookOf(flag);
    const { what, since } = whatText(flag, panel, now);
    const takeable = this.mayTake && needsSomeone(flag) && !(isCover(flag) && flag.askedById === this.me);
    setAttribute(card.node, "data-look", look);
    setAttribute(card.node, "data-taken", Boolean(flag.acknowledged_by));
    setAttribute(card.node, "data-missed", isOverdue(flag));
    setAttribute(card.node, "data-failed", card.failed !== null);
    setAttribute(card.link, "href", flag.href ?? `/sessions/${panel.session}/`);
    fill(card.icon, look, () => [iconOf(look)]);
    setWords(card.place, panel.chair ? "Chair " : "");
    setWords(card.chair, panel.chair?.name ?? panel.initials);
    setWords(card.what, what);
    setAttribute(card.what, "data-long", what.length > LONG_WORDS);
    setWords(card.word, wordOf(flag));
    setWords(card.often, card.failed === null && oftenText(flag) ? ` · ${oftenText(flag)}` : "");
    setWords(card.since, ` · ${card.failed ?? since}`);
    setWords(card.ownerName, flag.acknowledged_by ?? "");
    setWords(card.ownerRest, flag.acknowledged_by ? " is on it" : ownerText(flag));
    setHidden(card.owner, takeable);
    setHidden(card.take, !takeable);
    card.takes = isCover(flag) ? coverTaken(flag) : `/api/v1/flags/${flag.id}/acknowledge/`;
    setWords(card.take, isCover(flag) ? "I cover" : "I'm on it");
    setAttribute(card.take, "aria-label", `${card.take.textContent}: ${panel.chair ? `chair ${panel.chair.name}` : panel.initials}, ${flag.text}`);
  }

  /** Take the flag `id`. What the server refuses stays written on the card until it is tried again. */
  async take(id) {
    const card = this.cards.get(id);
    if (!card || card.take.getAttribute("aria-busy") === "true") return;
    setAttribute(card.take, "aria-busy", "true");
    card.failed = null;
    const answer = await post(card.takes, id.startsWith("cover-") ? {} : { action: "I'm on it" });
    setAttribute(card.take, "aria-busy", null);
    if (!answer.ok) card.failed = `Not taken: ${answer.message}`;
    this.redraw?.();
  }

  /** Take the first flag that nobody has. */
  takeTop() {
    const top = [...this.cards.values()]
      .filter((card) => !card.take.hidden)
      .sort((one, other) => (one.node.compareDocumentPosition(other.node) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1))[0];
    top?.take.focus();
    top?.take.click();
  }

  announce(entries) {
    const now = new Set(entries.map(({ flag }) => `${flag.id} ${flag.priority} ${flag.state}`));
    if (this.known !== null) {
      const fresh = entries.filter(({ flag }) => !this.known.has(`${flag.id} ${flag.priority} ${flag.state}`) && !flag.acknowledged_by);
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
