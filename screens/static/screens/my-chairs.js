// The nurse's chairs along the top, each with when its next set is due and whether a flag is open there.

import { dueWords } from "./due.js";
import { el, fill } from "./dom.js";
import { iconOf, needsSomeone } from "./flag-words.js";
import { icon } from "./icons.js";
import { dueNow } from "./ring.js";
import { looksAfter } from "./stand-in.js";

/** This chair and those of this nurse, in the order of their names; all chairs while the nurse has none. */
function chairsOf(panels, { current, nurse }) {
  const mine = panels.filter((panel) => looksAfter(panel, nurse) || panel.session === current);
  const shown = mine.some((panel) => looksAfter(panel, nurse)) ? mine : panels;
  return shown
    .filter((panel) => panel.chair)
    .sort((a, b) => a.chair.name.localeCompare(b.chair.name, "en", { numeric: true }));
}

export function showMyChairs(list, panels, { current, nurse, now }) {
  const rows = chairsOf(panels, { current, nurse }).map((panel) => ({
    session: panel.session,
    chair: panel.chair.name,
    here: panel.session === current,
    words: panel.due ? dueWords(panel.due, now) : "none due",
    overdue: panel.due ? dueNow(panel.due, now).phase === "overdue" : false,
    priority: ["high", "medium"].find((priority) => openFlags(panel).some((flag) => flag.priority === priority)) ?? null,
  }));
  fill(list, rows, () => [
    ...rows.map((row) => el("li", {}, link(row))),
    el("li", {}, el("a.chair-link.chair-board", { href: "/board/", "aria-label": "Board" }, icon("layout-grid"))),
  ]);
}

/** Flags that ask for someone: physiological, and not yet taken. */
const openFlags = (panel) => panel.flags.filter((flag) => flag.category === "physiological" && needsSomeone(flag));

function link(row) {
  const state = row.priority ?? (row.overdue ? "technical" : "none");
  return el(
    "a.chair-link",
    { href: `/sessions/${row.session}/bedside/`, "aria-current": row.here ? "page" : null, data: { state } },
    el("b", {}, row.chair),
    row.priority && iconOf(row.priority),
    row.priority && el("span.said", {}, `${row.priority} flag,`),
    !row.priority && row.overdue && iconOf("technical"),
    el("span", {}, row.words),
  );
}
