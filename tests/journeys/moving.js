// What moves on a page by style, as it is computed: one line a rule and element, before and after included.
// `flashes_per_s`: a flash is a pair of opposing changes, so half the changes of a cycle over its seconds.
() => {
  const found = [];
  for (const animation of document.getAnimations()) {
    const { duration, iterations } = animation.effect.getComputedTiming();
    const frames = animation.effect.getKeyframes();
    const looks = frames.map(({ offset, computedOffset, easing, composite, ...values }) => JSON.stringify(values));
    const changes = looks.filter((look, index) => index > 0 && look !== looks[index - 1]).length;
    const target = animation.effect.target;
    found.push({
      name: animation.animationName ?? animation.transitionProperty,
      on: `${target.tagName.toLowerCase()}.${target.className}`,
      urgent: target.dataset.urgent ?? null,
      repeats: iterations > 1,
      flashes_per_s: duration > 0 ? changes / 2 / (duration / 1000) : iterations > 1 ? Infinity : 0,
    });
  }
  const still = (time) => time.split(",").every((part) => parseFloat(part) === 0);
  const styled = [];
  for (const node of document.querySelectorAll("*")) {
    for (const part of [null, "::before", "::after"]) {
      const style = getComputedStyle(node, part);
      const moves = style.animationName !== "none" && !still(style.animationDuration);
      if (moves || !still(style.transitionDuration)) styled.push(`${node.tagName.toLowerCase()}.${node.className}${part ?? ""}`);
    }
  }
  return { found, styled };
}
