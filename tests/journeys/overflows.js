// What overflows on a page, as a list of sentences; empty when all is well. Evaluated in the page.
// Everywhere: no sideways scrolling, every line of text inside its button, card or dialog, and no text on another.
// On the board: every box that is drawn lies inside its tile, and no two rows or numbers of a tile lie on one
// another. Text that an ellipsis may shorten (names) is held by a box that clips; ages, units and numbers are not.
() => {
  const found = [];
  const visible = (node) => node.getClientRects().length > 0 && !node.closest("[hidden]");
  const clips = (node, root) => {
    for (let at = node.parentElement; at && at !== root; at = at.parentElement)
      if (getComputedStyle(at).overflow !== "visible") return true;
    return false;
  };
  for (const tile of document.querySelectorAll('.tile:not([data-state="free"])')) {
    const body = tile.querySelector(".tile-body");
    const edge = tile.getBoundingClientRect();
    for (const node of body.querySelectorAll("*")) {
      if (node.closest("svg") || !visible(node) || clips(node, body)) continue;
      const box = node.getBoundingClientRect();
      const across = box.right > edge.right + 1 || box.left < edge.left - 1;
      const down = box.bottom > edge.bottom + 1 || box.top < edge.top - 1;
      if (across || down)
        found.push(`chair ${tile.dataset.chair}: ${node.className} "${node.textContent}" leaves its tile`);
    }
    const apart = (nodes, what) => {
      const boxes = [...nodes].filter(visible).map((node) => [node, node.getBoundingClientRect()]);
      boxes.forEach(([one, a], index) => boxes.slice(index + 1).forEach(([other, b]) => {
        const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (across > 2 && down > 4)
          found.push(`chair ${tile.dataset.chair}: ${what} "${one.textContent}" on "${other.textContent}"`);
      }));
    };
    apart(body.querySelectorAll(".small"), "numbers");
    // A raised number stands in the row of the large one.
    apart(body.querySelectorAll(".tile-head, .lead, .tile-line, .small:not([data-raised]) .small-age"), "rows");
    apart(body.querySelectorAll(".lead > *, .small[data-raised] > *"), "large number");
  }
  for (const card of document.querySelectorAll(".card-flag")) {
    const what = card.querySelector(".card-what");
    // Half a line more than is drawn is a line that was cut; less is the tail of a letter.
    const across = what.scrollWidth > what.clientWidth + 1;
    const down = what.scrollHeight - what.clientHeight > parseFloat(getComputedStyle(what).fontSize) / 2;
    if (card.dataset.taken === undefined && visible(what) && (across || down))
      found.push(`strip: "${what.textContent}" is cut`);
  }
  const BOXES = "button, .button, .chip, .card, .state-edge, .state-label, .tag, .input, dialog, header, .schedule-row, .chair-link";
  const root = document.querySelector("dialog[open]") ?? document.body;
  const scrolls = (node) => ["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(node).overflowX);
  const lines = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const holder = text.parentElement;
    if (!text.data.trim() || holder.closest("svg, .said, .skip-link, noscript, script, .tile, .strip, [inert]")) continue;
    if (!holder.checkVisibility({ visibilityProperty: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const box = holder.closest(BOXES);
    const edge = box?.getBoundingClientRect();
    // What scrolls or is cut on purpose is only held to what can be seen of it.
    let window = null;
    for (let at = holder; at && at !== root; at = at.parentElement) if (scrolls(at)) { window = at.getBoundingClientRect(); break; }
    for (const line of range.getClientRects()) {
      if (line.width < 1) continue;
      const across = edge && !window && (line.right > edge.right + 1 || line.left < edge.left - 1);
      const down = edge && !window && box.matches("button, .button, .chip, .state-label, .chair-link") && (line.bottom > edge.bottom + 4 || line.top < edge.top - 4);
      if (across || down) found.push(`"${text.data.trim()}" leaves its ${box.tagName.toLowerCase()}.${box.className}`);
      if (!window && line.right > innerWidth + 1) found.push(`"${text.data.trim()}" leaves the screen`);
      const seen = window
        ? { left: Math.max(line.left, window.left), right: Math.min(line.right, window.right), top: Math.max(line.top, window.top), bottom: Math.min(line.bottom, window.bottom) }
        : line;
      if (seen.right > seen.left && seen.bottom > seen.top) lines.push([text, seen]);
    }
  }
  const pinned = (text) => text.parentElement.closest(".pad-column"); // on a phone the pad lies over the form on purpose
  lines.forEach(([text, a], index) => lines.slice(index + 1).forEach(([other, b]) => {
    if (text === other || Boolean(pinned(text)) !== Boolean(pinned(other))) return;
    const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (across > 2 && down > 6) found.push(`"${text.data.trim()}" lies on "${other.data.trim()}"`);
  }));
  if (document.documentElement.scrollWidth > innerWidth) {
    const wide = [...document.querySelectorAll("body *")].filter((node) => node.getBoundingClientRect().right > innerWidth + 1);
    found.push(`the page scrolls sideways, by ${wide.map((node) => `${node.tagName}.${node.className}`).slice(0, 4).join(", ")}`);
  }
  return [...new Set(found)];
}
