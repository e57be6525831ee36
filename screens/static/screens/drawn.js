/* What this board has drawn, told to the server: a high flag that no board draws in time is shown on every other
   screen. Said only of what a person in front of it can see: the page is visible, trusted, and the card is there. */

import { time } from "./format.js";
import { post } from "./server.js";

const TELL_EVERY_MS = 1000;

/** Whether a flag waits to be drawn by some board. */
const waits = (flag) => flag.priority === "high" && flag.asks_since !== null && flag.drawn_at === null;

/** Whether the card or the tile of the flag is on the screen. */
function isSeen(flag, panel) {
  const card = document.querySelector(`[data-flag="${flag.id}"]`);
  const tile = document.querySelector(`[data-urgent="high"] a[href="/sessions/${panel.session}/"]`);
  return [card, tile].some((node) => node?.checkVisibility());
}

export class Drawn {
  /** `live` is judged; `panels()` gives what the board holds; `screen`: "wall" where no person is signed in. */
  constructor(live, panels, screen) {
    this.live = live;
    this.panels = panels;
    this.url = `/api/v1/flags/drawn/${screen ? `?screen=${screen}` : ""}`;
    this.telling = false;
    this.toldAt = -TELL_EVERY_MS;
    setInterval(() => this.look(), TELL_EVERY_MS);
  }

  /** Called after a drawing; what is new is told once its frame is on the screen. */
  look() {
    if (this.telling || document.visibilityState !== "visible" || this.live.state !== "live") return;
    const seen = this.panels().flatMap((panel) => panel.flags.filter((flag) => waits(flag) && isSeen(flag, panel)));
    if (seen.length === 0 || performance.now() - this.toldAt < TELL_EVERY_MS) return;
    this.telling = true;
    // the frame after the next one begins when this one has been painted
    requestAnimationFrame(() => requestAnimationFrame(() => void this.tell(seen)));
  }

  async tell(seen) {
    this.toldAt = performance.now();
    const oldest = seen.toSorted((one, other) => time(one.asks_since) - time(other.asks_since)).slice(0, 200);
    await post(this.url, { flags: oldest.map((flag) => flag.id) });
    this.telling = false;
  }
}
