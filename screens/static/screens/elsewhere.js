/* High flags that no board has drawn: shown on top of every page of the staff, whatever it is about. */

import { el, fill, setHidden } from "./dom.js";
import { priorityLabel } from "./flag-words.js";
import { get } from "./server.js";

const ASK_EVERY_MS = 5000;

const bar = document.querySelector("[data-elsewhere]");
// a session's own page, and the bedside, show its flags themselves
const shownHere = document.querySelector("#session, #bedside")?.dataset.session;

function line(flag) {
  const place = flag.chair ? `chair ${flag.chair}` : "a session without a chair";
  return el(
    "a.elsewhere-line.state-edge",
    { href: `/sessions/${flag.session}/`, data: { state: flag.priority } },
    priorityLabel(flag.priority),
    el("span", {}, el("b", {}, `No board shows this: ${place}. `), flag.text),
  );
}

async function ask() {
  if (document.visibilityState !== "visible") return;
  const answer = await get("/api/v1/flags/undrawn/");
  if (!answer.ok) return;
  const flags = answer.body.flags.filter((flag) => flag.session !== shownHere);
  fill(bar, flags, () => flags.map(line));
  setHidden(bar, flags.length === 0);
}

if (bar) {
  void ask();
  setInterval(() => void ask(), ASK_EVERY_MS);
  document.addEventListener("visibilitychange", () => void ask());
}
