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

/** Who is shown for a chair: [look, icon, words]. A hand-over under way says so, a cover more so. */
function nurseWords(panel, now) {
  const { nurse, cover, hand_over: handOver } = panel;
  const look = coverLook(cover, now);
  if (look === "taken") return [look, "user-check", `${cover.taken_by} covers for ${nurse ?? cover.asked_by}`];
  if (look) return [look, "hand", `${nurse ?? cover.asked_by}, cover asked`];
  if (handOver) return ["handing", "users", `${nurse}, hands over to ${handOver.to}`];
  return [null, null, nurse ?? "no nurse named"];
}

/** The nurse's place on a tile. */
export function showNurse(node, panel, now) {
  const said = nurseWords(panel, now);
  setAttribute(node, "data-cover", said[0]);
  fill(node, said, () => [said[1] && icon(said[1]), said[1] ? ` ${said[2]}` : said[2]]);
}

export const nurseSpoken = (panel, now) => nurseWords(panel, now)[2];

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
    askedById: byId,
    acknowledged_by: null,
  };
  return { flag, panel };
}

export const isCover = (flag) => flag.category === "cover";

/** The icon of a cover on the strip: a hand, and once it waited too long a hand that is filled. */
export const coverIcon = (look) => icon(look === "cover-strong" ? "clock-alert" : "hand");

/** Where a card of the strip sends its tap. */
export const coverTaken = (flag) => `/api/v1/sessions/${flag.id.slice("cover-".length)}/cover-taken/`;

// --- the one button at the chair and on the session's page

/** What the button does now: [act, icon, words, small words, look]. */
function buttonOf(panel, me, now, zone) {
  const { cover } = panel;
  const look = coverLook(cover, now);
  if (!look) return ["cover", "hand", panel.nurse_id === me ? "Cover my chair" : "Ask for cover", null, null];
  const asked = clock(Date.parse(cover.asked_at), zone);
  if (look === "taken") {
    const since = clock(Date.parse(cover.taken_at), zone);
    const words = cover.taken_by_id === me ? `You cover since ${since}` : `${cover.taken_by} covers since ${since}`;
    return ["cover-ended", "user-check", cover.taken_by_id === me ? `${cover.asked_by} is back` : "Back", words, look];
  }
  const waits = look === "strong" ? `, nobody for ${span((now - Date.parse(cover.asked_at)) / MINUTE_MS)}` : "";
  if (cover.asked_by_id === me) return ["cover-ended", look === "strong" ? "clock-alert" : "hand", `Cover asked ${asked}`, `tap to take it back${waits}`, look];
  return ["cover-taken", look === "strong" ? "clock-alert" : "hand", "I cover", `${cover.asked_by} asked ${asked}${waits}`, look];
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
