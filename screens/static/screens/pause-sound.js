// Silencing a flag for a few minutes, with a reason. It stays on every screen; a higher one is never silenced.

import { Refused, writeJson } from "./api.js";
import { chips } from "./acts.js";
import { openDialog } from "./dialog.js";
import { el } from "./dom.js";
import { icon } from "./icons.js";

const MINUTES = [2, 5, 10];
const REASONS = ["I am at the chair", "Being measured again", "Known, prescriber told"];

/**
 * Ask for how long and why, and silence the flag.
 *
 * @param {Object} flag of the panel
 * @param {(flag: Object) => void} done
 */
export function askToPause(flag, done) {
  const trouble = el("div", { role: "alert" });
  const words = el("input.input", { id: "pause-words", type: "text", autocomplete: "off", maxlength: 120 });
  const minutes = chips(MINUTES.map((one) => [one, `${one} min`]), "pause-minutes", () => trouble.replaceChildren());
  const reasons = chips(REASONS.map((reason) => [reason, reason]), "pause-reason", () => {
    words.value = "";
    trouble.replaceChildren();
  });
  words.addEventListener("input", reasons.clear);
  const dialog = openDialog(
    "pause-dialog",
    `Pause sound: ${flag.text}`,
    [
      el("p.quiet", {}, "The flag stays on every screen. It sounds again at the end, and at once if it gets worse."),
      el("div.field", {}, el("span.label", {}, "For"), minutes.node),
      el("div.field", {}, el("span.label", {}, "Reason"), reasons.node),
      el("div.field", {}, el("label", { for: "pause-words" }, "Or in your words"), words),
      trouble,
    ],
    { send: "Pause sound", submit },
  );

  async function submit() {
    const chosen = Number(minutes.read());
    const reason = reasons.read() ?? words.value.trim();
    if (!chosen) return say("Choose for how long.");
    if (!reason) return say("A reason is needed.");
    try {
      const paused = await writeJson(`/api/v1/flags/${flag.id}/pause/`, { minutes: chosen, reason });
      dialog.close();
      return done(paused);
    } catch (error) {
      return say(error instanceof Refused ? error.message : `Not paused: ${error.message}`);
    }
  }

  function say(message) {
    trouble.replaceChildren(el("p.form-error", {}, icon("triangle-alert"), el("span", {}, message)));
  }
}
