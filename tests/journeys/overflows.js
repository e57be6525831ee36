// What overflows on the board, as a list of sentences; empty when all is well. Evaluated in the page.
// Every box that is drawn lies inside its tile, and no two rows or numbers of a tile lie on one another.
// Text that an ellipsis may shorten (names) is held by a box that clips; ages, units and numbers are not.
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
    apart(body.querySelectorAll(".tile-head, .lead, .tile-line, .small-age"), "rows");
    apart(body.querySelectorAll(".lead > *"), "large number");
  }
  for (const card of document.querySelectorAll(".card-flag")) {
    const what = card.querySelector(".card-what");
    // Half a line more than is drawn is a line that was cut; less is the tail of a letter.
    const across = what.scrollWidth > what.clientWidth + 1;
    const down = what.scrollHeight - what.clientHeight > parseFloat(getComputedStyle(what).fontSize) / 2;
    if (card.dataset.taken === undefined && visible(what) && (across || down))
      found.push(`strip: "${what.textContent}" is cut`);
  }
  if (document.documentElement.scrollWidth > innerWidth) found.push("the page scrolls sideways");
  return found;
}
