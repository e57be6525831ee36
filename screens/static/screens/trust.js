// On pages where work goes on, lost trust is a banner: the numbers are old, entry still works.

import { clockTime } from "./clinic-clock.js";
import { fill } from "./dom.js";
import { icon } from "./icons.js";

/** Show "Not watching since …" while the stream is not to be trusted. `live` is the page's Live. */
export function showTrust(node, live) {
  const stale = live.state === "stale";
  node.hidden = !stale;
  if (!stale) return;
  const since = live.goodServerMs ? ` since ${clockTime(live.goodServerMs)}` : "";
  const words = `Not watching${since}. ${live.cause()} Numbers here are old: look at the patient. What you save is kept and sent.`;
  fill(node, words, () => [icon("triangle-alert"), words]);
}
