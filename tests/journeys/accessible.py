"""What axe-core finds on a page, as sentences: WCAG 2.2 A and AA, and the contrast of what only eyes read.

axe is run by the browser's own means, past the page's policy, in windows of tests alone: it is no part of
what is served.
"""

from collections.abc import Iterator
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT

ALL = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
IMPACTS = {"serious", "critical"}

RUN = """async ([within, only]) => {
  const found = await axe.run(within, { runOnly: only, resultTypes: ["violations"] });
  return found.violations.map(({ id, impact, nodes }) => ({
    id, impact, nodes: nodes.map(({ target, html, failureSummary }) => ({ target, html, failureSummary })),
  }));
}"""

# What lies under a bar at one place of the page can be scrolled free. A target found too small is looked at
# again where it stands in the middle; what is too small there is too small.
FREE = """async (found) => {
  const at = [scrollX, scrollY];
  const runOnly = { type: "rule", values: ["target-size"] };
  for (const violation of found.filter(({ id }) => id === "target-size")) {
    const kept = [];
    for (const node of violation.nodes) {
      document.querySelector(node.target[0]).scrollIntoView({ block: "center" });
      const again = await axe.run({ include: [node.target] }, { runOnly });
      if (again.violations.length > 0) kept.push(node);
    }
    violation.nodes = kept;
  }
  scrollTo(...at);
  return found;
}"""

# A tile is read aloud as one sentence of its link, so its numbers are hidden from screen readers and axe
# passes them over. Its contrast is for eyes: here it is shown to axe, without the link that lies over it.
FOR_EYES = """() => {
  for (const node of document.querySelectorAll("[aria-hidden=true]:not(svg)")) {
    node.removeAttribute("aria-hidden");
    node.dataset.forEyes = "";
  }
  const any = document.querySelector("[data-for-eyes]") !== null;
  for (const link of document.querySelectorAll(".tile-link:not([hidden])")) {
    link.hidden = true;
    link.dataset.forEyes = "";
  }
  return any;
}"""
AS_IT_WAS = """() => {
  for (const node of document.querySelectorAll("[data-for-eyes]")) {
    delete node.dataset.forEyes;
    if (node.matches(".tile-link")) node.hidden = false;
    else node.setAttribute("aria-hidden", "true");
  }
}"""


def violations(page: Any, within: str = "html", rules: Any = ALL) -> list[str]:
    """What is seriously wrong on the page as it stands, or in the part of it that the selector names."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate(FREE, page.evaluate(RUN, [within, rules]))
    if page.evaluate(FOR_EYES):
        found += page.evaluate(RUN, [within, COLOURS])
    page.evaluate(AS_IT_WAS)
    return sorted(
        {words for violation in found if violation["impact"] in IMPACTS for words in _said(violation)}
    )


def _said(violation: dict[str, Any]) -> Iterator[str]:
    for node in violation["nodes"]:
        why = " ".join(node["failureSummary"].split())
        yield f"{violation['id']} ({violation['impact']}): {node['target']} {node['html'][:160]} {why[:240]}"
