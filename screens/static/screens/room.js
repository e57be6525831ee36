/* The patient's own screen: who comes and when, time left, and one button that calls.
   Its one promise is the button. Whenever that cannot be kept (nothing heard from the server for a while, a call not
   taken), the page covers itself by its own clock and says to call out. */

import { setAttribute, setHidden, setWords } from "./dom.js";
import { MINUTE_MS, clock, time } from "./format.js";

const POLL_MS = 5000;
const WAIT_MS = 4000;
const SILENT_MS = 15_000;
const FAILED_MS = 10_000;
const DRAW_MS = 1000;
const LEFT_STEP_MIN = 5;
const SHIFTS = 4;

const ADDRESS = "/api/v1/room/";

/** "about 1 hour 40 minutes left", in steps that ask nobody to count. */
export function leftWords(minutes) {
  if (minutes <= 0) return "Your nurse tells you when you can go";
  const about = Math.ceil(minutes / LEFT_STEP_MIN) * LEFT_STEP_MIN;
  const hours = Math.floor(about / 60);
  const rest = about % 60;
  const parts = [hours && `${hours} ${hours === 1 ? "hour" : "hours"}`, (rest || !hours) && `${rest} minutes`];
  return `about ${parts.filter(Boolean).join(" ")} left`;
}

/** The next check at `at` as it stands at `now`: {time: "10:50", when: "in 8 minutes"}, or just "Now" once it is due. */
export function checkWords(at, now, zone) {
  const minutes = Math.ceil((at - now) / MINUTE_MS);
  if (minutes <= 0) return { time: "Now", when: "" };
  return { time: clock(at, zone), when: `in ${minutes} ${minutes === 1 ? "minute" : "minutes"}` };
}

/** What is said beside the button, and the button's word. */
export function callWords(call, zone) {
  if (call === null) return { say: "", button: "Call" };
  if (call.taken_at) return { say: `A nurse took your call at ${clock(time(call.taken_at), zone)} and is coming.`, button: "Call again" };
  return { say: `You called at ${clock(time(call.called_at), zone)}. Your call is on the nurses’ screens.`, button: "Called" };
}

class Room {
  constructor() {
    this.part = (name) => document.querySelector(`[data-part="${name}"]`);
    this.room = null;
    this.heard();
    this.failedAt = null;
  }

  start() {
    this.part("call").addEventListener("click", () => void this.call());
    setInterval(() => void this.ask(), POLL_MS);
    setInterval(() => this.draw(), DRAW_MS);
    this.part("unstarted").remove();
    void this.ask();
  }

  heard() {
    this.heardAt = performance.now();
    // a tablet that slept stops the one clock and not the other
    this.heardOn = Date.now();
  }

  silentMs() {
    return Math.max(performance.now() - this.heardAt, Date.now() - this.heardOn);
  }

  /** The server's time, carried on by this browser's steady clock. */
  now() {
    return time(this.room.now) + (performance.now() - this.heardAt) * this.room.rate;
  }

  async ask() {
    const answer = await fetched(ADDRESS);
    if (answer.ok) this.take(answer.room);
    else if (answer.refused) this.leave();
    this.draw();
  }

  async call() {
    const button = this.part("call");
    if (button.getAttribute("aria-busy") === "true") return;
    setAttribute(button, "aria-busy", "true");
    setWords(this.part("call-words"), "Calling");
    const answer = await fetched(`${ADDRESS}call/`, "POST");
    setAttribute(button, "aria-busy", null);
    if (answer.ok) this.take(answer.room);
    else this.failedAt = performance.now();
    this.draw();
    if (answer.refused) setTimeout(() => this.leave(), FAILED_MS);
  }

  take(room) {
    this.room = room;
    this.heard();
  }

  /** The server no longer takes this page's word: a fresh page has a fresh one, or says that it has none. */
  leave() {
    location.reload();
  }

  covered() {
    const failed = this.failedAt !== null && performance.now() - this.failedAt < FAILED_MS;
    return failed || this.silentMs() >= SILENT_MS;
  }

  draw() {
    const covered = this.covered();
    setHidden(this.part("cover"), !covered);
    setHidden(this.part("room"), covered || this.room === null);
    if (covered || this.room === null) return;
    const now = this.now();
    const { time_zone: zone, watched, nurse } = this.room;
    setWords(this.part("clock"), clock(now, zone));
    // what stands still for hours stays on some screens for ever
    setAttribute(this.part("room"), "data-shift", Math.floor(now / MINUTE_MS) % SHIFTS);
    setWords(this.part("nurse"), watched ? (nurse ? `Your nurse is ${nurse}` : "Your care team is here") : "Welcome");
    setHidden(this.part("facts"), !watched);
    setHidden(this.part("call"), !watched);
    if (!watched) {
      setWords(this.part("say"), "If you need somebody, call out.");
      return;
    }
    this.drawFacts(now, zone);
    const words = callWords(this.room.call, zone);
    setWords(this.part("say"), words.say);
    const calling = this.part("call").getAttribute("aria-busy") === "true";
    if (!calling) setWords(this.part("call-words"), words.button);
    setAttribute(this.part("call"), "data-called", this.room.call !== null && !this.room.call.taken_at);
  }

  drawFacts(now, zone) {
    const check = time(this.room.next_check_at);
    setHidden(this.part("check").parentElement, check === null);
    if (check !== null) {
      const words = checkWords(check, now, zone);
      setWords(this.part("check"), words.time);
      setWords(this.part("check-in"), words.when);
    }
    const began = time(this.room.time_began_at);
    const ends = time(this.room.earliest_release_at);
    setHidden(this.part("left"), began === null || ends === null);
    if (began === null || ends === null) return;
    setWords(this.part("left-words"), leftWords((ends - now) / MINUTE_MS));
    this.part("bar").value = Math.min(100, Math.max(0, ((now - began) / (ends - began)) * 100));
  }
}

/** {ok, room} or {ok: false, refused}: refused when the server no longer knows this screen. Never throws. */
async function fetched(url, method = "GET") {
  const token = document.querySelector('meta[name="csrf-token"]').content;
  try {
    const answer = await fetch(url, {
      method,
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(WAIT_MS),
      headers: { Accept: "application/json", ...(method === "POST" ? { "X-CSRFToken": token } : {}) },
    });
    if (answer.ok) return { ok: true, room: await answer.json() };
    return { ok: false, refused: answer.status === 401 || answer.status === 403 };
  } catch {
    return { ok: false, refused: false };
  }
}

new Room().start();
