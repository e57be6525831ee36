// Who stands in for a chair's nurse: asking for cover, giving it, and how boards and pages say so.

import { writeJson } from "./api.js";
import { el, fill, setAttribute, setHidden, whileInert } from "./dom.js";
import { MINUTE_MS, clock, span } from "./format.js";
import { icon } from "./icons.js";

/** How a cover stands at `now`: null, "asked", "strong" once it has waited too long, or "taken". */
export function coverLook(cover, now) {
  if (!cover) return null;
  if (cover.taken_by) return "taken";
  return now >= Date.parse(cover.strong_at) ? "strong" : "asked";
}

/** Whether this person is asked first for anything at the chair, or has it. Names, as the board knows people. */
export const looksAfter = (panel, name) => panel.nurse === name || panel.cover?.taken_by === name;

/** Who is shown for a chair: its look and icon, the few words a tile has room for, and all of them. */
function nurseWords(panel, now) {
  const { nurse, cover, hand_over: offer } = panel;
  const look = coverLook(cover, now);
  const of = nurse ?? cover?.asked_by ?? "no nurse named";
  if (look === "taken") return { look, image: "user-check", few: `${cover.taken_by} for ${of}`, all: `${cover.taken_by} covers for ${of}` };
  if (look) return { look, image: "hand", few: look === "strong" ? "no cover yet" : "cover asked", all: `${of}, cover asked` };
  if (offer) return { look: "handing", image: "users", few: `${of} → ${offer.to}`, all: `${of} hands over to ${offer.to}` };
  return { look: null, image: null, few: of, all: of };
}

/** The nurse's place on a tile. */
export function showNurse(node, panel, now) {
  const { look, image, few } = nurseWords(panel, now);
  setAttribute(node, "data-cover", look);
  fill(node, [image, few], () => [image && icon(image), el("span", {}, few)]);
}

export const nurseSpoken = (panel, now) => nurseWords(panel, now).all;

/** An asked-for cover that nobody has taken, as the attention strip takes its entries; null where there is none. */
export function coverEntry(panel, now) {
  const look = coverLook(panel.cover, now);
  if (look !== "asked" && look !== "strong") return null;
  const { asked_by: by, asked_by_id: byId, asked_at: at, reason } = panel.cover;
  const flag = {
    id: `cover-${panel.session}`,
    condition: "cover",
    category: "cover",
    // one that waited too long stands before what is technical, and never before a patient's value
    priority: look === "strong" ? "medium" : "low",
    state: "active",
    text: reason ? `Cover asked by ${by}: ${reason}` : `Cover asked by ${by}`,
    opened_at: at,
    readings: 0,
    look: look === "strong" ? "cover-strong" : "cover",
    word: look === "strong" ? "NO COVER YET" : "COVER",
    askedById: byId,
    acknowledged_by: null,
  };
  return { flag, panel };
}

/** The hand-overs that wait for this person, an entry of the strip each, with the way to the page that accepts them. */
export function handOverEntries(panels, me) {
  const offers = new Map();
  for (const panel of panels) {
    if (!me || panel.hand_over?.to_id !== me) continue;
    offers.set(panel.hand_over.id, [...(offers.get(panel.hand_over.id) ?? []), panel]);
  }
  return [...offers].map(([id, [first, ...rest]]) => {
    const chairs = [first, ...rest].map((panel) => panel.chair?.name ?? panel.initials).sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
    const flag = {
      id: `hand-over-${id}`,
      condition: "hand-over",
      category: "cover",
      priority: "low",
      state: "active",
      text: `${first.nurse} hands over: ${rest.length ? "chairs" : "chair"} ${chairs.join(", ")}`,
      opened_at: first.hand_over.began_at,
      readings: 0,
      look: "cover",
      word: "HAND-OVER",
      owner: "waits for you",
      askedById: me,
      href: "/hand-over/",
      acknowledged_by: null,
    };
    return { flag, panel: { session: first.session, chair: null, initials: "" } };
  });
}

export const isCover = (flag) => flag.category === "cover";

/** The icon of a cover on the strip: a hand, and once it waited too long a clock. */
export const coverIcon = (look) => icon(look === "cover-strong" ? "clock-alert" : "hand");

/** Where a card of the strip sends its tap. */
export const coverTaken = (flag) => `/api/v1/sessions/${flag.id.slice("cover-".length)}/cover-taken/`;

// --- the one button at the chair and on the session's page

/** What the button does now: [act, icon, words, small words, look]. */
function buttonOf(panel, me, now, zone) {
  const { cover } = panel;
  const look = coverLook(cover, now);
  if (!look) return ["cover", "hand", "Cover", panel.nurse_id === me ? "my chair" : "this chair", null];
  const asked = clock(Date.parse(cover.asked_at), zone);
  if (look === "taken") {
    const since = clock(Date.parse(cover.taken_at), zone);
    const mine = cover.taken_by_id === me;
    return ["cover-ended", "user-check", mine ? `${cover.asked_by} is back` : "I am back", `${mine ? "you cover" : cover.taken_by} since ${since}`, look];
  }
  const image = look === "strong" ? "clock-alert" : "hand";
  const waited = look === "strong" ? `, ${span((now - Date.parse(cover.asked_at)) / MINUTE_MS)}` : "";
  if (cover.asked_by_id === me) return ["cover-ended", image, "Cover asked", `${asked}${waited || ", undo"}`, look];
  return ["cover-taken", image, "I cover", `for ${cover.asked_by}, ${asked}${waited}`, look];
}

/**
 * @param {HTMLButtonElement} button
 * @param {Object|null} panel
 * @param {{me: string, zone: string, now: number, mayCover: boolean, done: (detail: Object) => void, failed: (words: string) => void}} wiring
 */
export function showCoverButton(button, panel, { me, zone, now, mayCover, done, failed }) {
  setHidden(button, !panel || !mayCover);
  if (button.hidden) return;
  const [act, image, words, small, look] = buttonOf(panel, me, now, zone);
  setAttribute(button, "data-cover", look);
  fill(button, [image, words, small], () => [icon(image), el("span", {}, words, small && el("small", {}, small))]);
  button.onclick = () =>
    void whileInert(button, async () => {
      try {
        done(await writeJson(`/api/v1/sessions/${panel.session}/${act}/`, {}));
      } catch (error) {
        failed(error.message);
      }
    });
}
