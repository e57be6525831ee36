// The strip over today's schedule: how the day stands, and the way to open it, to close it, to print for down-time.

import { clockTime } from "./clinic-clock.js";
import { el, fill } from "./dom.js";
import { count } from "./format.js";
import { icon } from "./icons.js";

const button = (href, words, primary = false) => el(primary ? "a.button.button-primary" : "a.button", { href }, words);

/** One line of words for a day. */
function words(day) {
  const left = day.points.length ? `${count(day.points.length, "point")} open` : "nothing left open";
  if (day.state === "not opened") return ["Day not opened", `${count(day.to_check.length, "thing")} to check`];
  if (day.state === "closed") return [`Day closed ${clockTime(day.closed.at)} by ${day.closed.by}`, left];
  const prescriber = day.prescriber ? `prescriber on site: ${day.prescriber}` : "no prescriber on site";
  return [`Day open since ${clockTime(day.opened.at)}`, prescriber];
}

/**
 * @param {HTMLElement} node
 * @param {Object} day the API's answer
 * @param {{mayOpen: boolean}} may whether this person opens and closes days
 */
export function showDay(node, day, { mayOpen }) {
  node.hidden = false;
  node.dataset.day = day.state;
  fill(node, [day, mayOpen], () => {
    const [first, ...rest] = words(day);
    return [
      el(
        "div.day-words",
        {},
        icon(day.state === "open" ? "check" : day.state === "closed" ? "moon" : "clock-alert"),
        el(
          "div",
          {},
          el("p", {}, el("b", {}, first), ` · ${rest.join(" · ")}`),
          day.not_as_wished.map((row) => el("p.day-not", {}, el("b", {}, `${row.text}: no.`), ` ${row.reason}`)),
          day.closed?.items.reason && el("p.day-not", {}, `Closed with points open: ${day.closed.items.reason}`),
        ),
      ),
      el(
        "div.row",
        {},
        mayOpen && day.state !== "open" && button("/today/open/", day.state === "closed" ? "Open the day again" : "Open the day", day.state === "not opened"),
        mayOpen && day.state === "open" && button("/today/open/", "Change the opening"),
        mayOpen && day.state === "open" && button("/today/close/", "Close the day"),
        el("a.button", { href: "/down-time/" }, icon("printer"), "Print the down-time sheet"),
      ),
    ];
  });
}
