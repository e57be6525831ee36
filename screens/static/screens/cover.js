/* NOT WATCHING: shown over everything while the live stream cannot be trusted. It says since when, what is known of
   the cause, and what to do; it goes by itself when a good heartbeat comes. */

import { el, fill, setHidden, setWords } from "./dom.js";
import { clockSeconds, count } from "./format.js";
import { icon } from "./icons.js";

export class Cover {
  /** Over `document.body`; `live` is judged, `chairs()` gives the names of the chairs that had a session; without
      `signsIn` nobody is asked to sign in. */
  constructor(live, { zone, chairs = () => [], signsIn = true }) {
    this.signsIn = signsIn;
    this.live = live;
    this.zone = zone;
    this.chairs = chairs;
    this.since = el("p", { class: "since" });
    this.act = el("p", { class: "act" });
    this.list = el("ul", { class: "chairs", "aria-label": "Chairs with a session" });
    this.cause = el("p", { class: "cause" });
    this.trying = el("p", { class: "trying" });
    this.signIn = el("a", { class: "button", href: `/sign-in/?next=${encodeURIComponent(location.pathname)}` }, "Sign in");
    this.node = el(
      "div",
      { class: "cover", role: "alert", hidden: true },
      el("p", { class: "word" }, icon("monitor-off"), "NOT WATCHING"),
      this.since,
      this.act,
      this.list,
      this.cause,
      this.trying,
      this.signIn,
    );
    document.body.append(this.node);
    live.addEventListener("status", () => this.update());
    setInterval(() => this.update(), 1000);
    this.update();
  }

  update() {
    const covered = this.live.state === "stale";
    setHidden(this.node, !covered);
    document.body.classList.toggle("covered", covered);
    for (const other of document.body.children) if (other !== this.node) other.inert = covered;
    if (!covered) return;
    const known = this.live.goodServerMs;
    setWords(this.since, known === null ? "since this screen was opened" : `since ${clockSeconds(known, this.zone())}`);
    const names = this.chairs();
    setWords(this.act, names.length ? "Go to the chairs. These had a session:" : "Go to the chairs.");
    fill(this.list, names.join(","), () => names.map((name) => el("li", {}, name)));
    setHidden(this.list, names.length === 0);
    setWords(this.cause, this.live.cause());
    setWords(this.trying, this.live.failures ? `Trying again by itself: ${count(this.live.failures, "attempt")} so far.` : "Trying again by itself.");
    setHidden(this.signIn, !this.signsIn || !this.live.signedOut);
  }
}
