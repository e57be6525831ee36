/* Sound of a board: off by default, and second to the bedside monitor's alarm and to what the screen shows.

   Three patterns of short pulses, by priority, repeated while a flag of it asks for somebody: see the ADR on sound.
   A browser lets a page sound only after somebody has touched it, so until then the header says "Sound is OFF". */

import { openDialog } from "./dialog.js";
import { el, setAttribute, setWords } from "./dom.js";
import { icon } from "./icons.js";

const KEPT = "vigil-sound";
const LOOK_EVERY_MS = 500;

/* pulses: seconds from the start of a burst. repeat_s: from one burst to the next. pitch in Hz. */
export const PATTERNS = {
  high: { words: "High: ten quick pulses, every 10 s", pulses: [0, 0.2, 0.4, 0.7, 0.9, 1.5, 1.7, 1.9, 2.2, 2.4], repeat_s: 10, pitch: 880, length_s: 0.12 },
  medium: { words: "Medium: three slower pulses, every 25 s", pulses: [0, 0.4, 0.8], repeat_s: 25, pitch: 660, length_s: 0.2 },
  low: { words: "Low: one pulse, every 30 s", pulses: [0], repeat_s: 30, pitch: 523, length_s: 0.2 },
};
const ORDER = ["high", "medium", "low"];
const LOUDNESS = 0.35;
const ASKING = new Set(["active", "latched"]);

/** The highest priority of flags that ask for somebody and are not silenced; null when none does. */
export function loudest(flags) {
  const asking = flags.filter((flag) => ASKING.has(flag.state) && flag.asks_since !== null);
  return ORDER.find((priority) => asking.some((flag) => flag.priority === priority)) ?? null;
}

export class Sound {
  /** `button` in the header; `flags()` gives what is open; `allowed`: the clinic has switched sound on. */
  constructor(button, { flags, allowed }) {
    this.button = button;
    this.flags = flags;
    this.allowed = allowed;
    this.wanted = allowed && localStorage.getItem(KEPT) === "on";
    this.context = null;
    this.played = { pattern: null, at: -Infinity, ids: "" };
    button.addEventListener("click", () => this.ask());
    document.addEventListener("pointerdown", () => this.wake(), { capture: true });
    document.addEventListener("keydown", () => this.wake(), { capture: true });
    setInterval(() => this.look(), LOOK_EVERY_MS);
    this.say();
  }

  /** Whether a pulse would be heard, as far as a browser can tell. */
  isOn() {
    return this.wanted && this.context?.state === "running";
  }

  wake() {
    if (!this.wanted) return;
    this.context ??= new AudioContext();
    if (this.context.state === "suspended") void this.context.resume().then(() => this.say());
    this.say();
  }

  say() {
    const on = this.isOn();
    const blocked = this.wanted && !on;
    setWords(this.button.querySelector("[data-words]"), on ? "Sound is on" : blocked ? "Sound is OFF: touch the screen" : "Sound is OFF");
    setAttribute(this.button, "data-sound", on ? "on" : "off");
    this.button.querySelector("[data-icon]").replaceChildren(icon(on ? "volume-2" : "volume-x"));
  }

  look() {
    this.say();
    if (!this.isOn()) return;
    const flags = this.flags();
    const priority = loudest(flags);
    const ids = flags
      .filter((flag) => flag.priority === priority && ASKING.has(flag.state) && flag.asks_since !== null)
      .map((flag) => `${flag.id} ${flag.asks_since}`)
      .sort()
      .join();
    const pattern = priority && PATTERNS[priority];
    const due = pattern && performance.now() - this.played.at >= pattern.repeat_s * 1000;
    // what is new, or higher, is heard at once
    const fresh = pattern && (this.played.pattern !== priority || !ids.split(",").every((id) => this.played.ids.includes(id)));
    if (due || fresh) this.play(priority);
    this.played = { pattern: priority, at: due || fresh ? performance.now() : this.played.at, ids };
  }

  play(priority) {
    const { pulses, pitch, length_s } = PATTERNS[priority];
    this.context ??= new AudioContext();
    const { currentTime, destination } = this.context;
    for (const start of pulses) {
      const tone = new OscillatorNode(this.context, { frequency: pitch, type: "triangle" });
      const gain = new GainNode(this.context, { gain: 0 });
      const at = currentTime + 0.02 + start;
      gain.gain.setValueAtTime(0, at);
      gain.gain.linearRampToValueAtTime(LOUDNESS, at + 0.02);
      gain.gain.setValueAtTime(LOUDNESS, at + length_s - 0.03);
      gain.gain.linearRampToValueAtTime(0, at + length_s);
      tone.connect(gain).connect(destination);
      tone.start(at);
      tone.stop(at + length_s);
    }
  }

  /** The dialog: what sound is here, on or off at this screen, and each pattern to try at the start of a shift. */
  ask() {
    const said = el("p", { role: "status" });
    const test = (priority) => async () => {
      this.context ??= new AudioContext();
      await this.context.resume();
      this.play(priority);
      said.textContent = this.context.state === "running" ? "Played. If you heard nothing, look at this device's volume." : "This browser does not let the page sound.";
      this.say();
    };
    const dialog = openDialog("sound-dialog", "Sound at this screen", [
      el("p", {}, "Sound is second to the bedside monitor's own alarm, and to what this screen shows. Nobody may rely on it alone."),
      this.allowed ? null : el("p.notice", {}, "Your clinic has not switched sound on: only the test can be heard."),
      el("h3", {}, "Test at the start of a shift"),
      el("div.stack", {}, ORDER.map((priority) => el("button.button", { type: "button", onclick: () => void test(priority)() }, icon("volume-2"), PATTERNS[priority].words))),
      said,
      this.allowed &&
        el("button.button.button-primary", { type: "button", onclick: () => this.toggle(dialog) }, this.wanted ? "Switch sound off here" : "Switch sound on here"),
    ]);
  }

  toggle(dialog) {
    this.wanted = !this.wanted;
    localStorage.setItem(KEPT, this.wanted ? "on" : "off");
    if (this.wanted) this.wake();
    else void this.context?.suspend();
    dialog.close();
    this.say();
  }
}
