"""``python -m benchmarks.frames``: how long a board's frames take while readings come, in a real Chromium.

The same page is measured twice: first with nothing but its own heartbeat, then with sets coming at a steady
rate. A frame is the time between two calls of ``requestAnimationFrame``, which is what an eye would see stand
still, whoever held it up; ``busy`` is the share of a core that the page's own thread used, to which other
programs add nothing.
"""

import asyncio
import contextlib
import sys
from dataclasses import dataclass
from typing import Any

import msgspec
from playwright.async_api import Page, async_playwright

from benchmarks.load import Order, percentile, send
from benchmarks.visible import CHROMIUM, sign_in

SETTLES_S = 2.0

# Gaps between frames, and the tasks that held the page up for longer than 50 ms, from now on.
BEGIN = """
() => {
  const kept = { gaps: [], long: [] };
  const keep = (entries) => kept.long.push(...entries.map((entry) => entry.duration));
  const tasks = new PerformanceObserver((list) => keep(list.getEntries()));
  tasks.observe({ type: "longtask" });
  let going = true;
  let last = null;
  const frame = () => {
    const now = performance.now();
    if (last !== null) kept.gaps.push(now - last);
    last = now;
    if (going) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  window.endFrames = () => {
    going = false;
    keep(tasks.takeRecords());
    tasks.disconnect();
    return kept;
  };
}
"""


@dataclass(frozen=True, slots=True)
class FramesOrder:
    """``load`` is sent while the second half is measured; both halves take ``load.seconds``."""

    load: Order
    tiles: int
    username: str
    password: str


@dataclass(frozen=True, slots=True)
class Half:
    """Frames in ms. ``busy``: the share of a core that the page's main thread used."""

    longest_ms: float
    p99_ms: float
    over_100_ms: int
    frames: int
    longest_task_ms: float
    busy: float


@dataclass(frozen=True, slots=True)
class Frames:
    """The page alone, and with readings coming; ``sets`` were acknowledged, ``failed`` calls were not."""

    idle: Half
    loaded: Half
    sets: int
    failed: int


async def _busy_s(devtools: Any) -> float:
    """CPU seconds of the page's main thread so far, which other programs of the machine do not add to."""
    told = await devtools.send("Performance.getMetrics")
    return float(next(row["value"] for row in told["metrics"] if row["name"] == "ThreadTime"))


async def _half(page: Page, devtools: Any, seconds: float) -> Half:
    before = await _busy_s(devtools)
    await page.evaluate(BEGIN)
    await asyncio.sleep(seconds)
    kept = await page.evaluate("window.endFrames()")
    used = await _busy_s(devtools) - before
    gaps = sorted(float(gap) for gap in kept["gaps"])
    return Half(
        longest_ms=gaps[-1],
        p99_ms=percentile(gaps, 0.99),
        over_100_ms=sum(gap > 100 for gap in gaps),
        frames=len(gaps),
        longest_task_ms=max((float(one) for one in kept["long"]), default=0.0),
        busy=used / seconds,
    )


async def measure(order: FramesOrder) -> Frames:
    """Carry an order out."""
    async with contextlib.AsyncExitStack() as until_the_end:
        play = await until_the_end.enter_async_context(async_playwright())
        browser = await play.chromium.launch(**CHROMIUM)
        until_the_end.push_async_callback(browser.close)
        page = await browser.new_page(viewport={"width": 1920, "height": 1080})
        await sign_in(page, order.load.port, order.username, order.password)
        await page.locator("[data-part=live][data-state=live]").wait_for()
        await page.locator(".tile .tile-link:not([hidden])").nth(order.tiles - 1).wait_for()
        devtools = await page.context.new_cdp_session(page)
        await devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
        await asyncio.sleep(SETTLES_S)
        idle = await _half(page, devtools, order.load.seconds)
        sending = asyncio.create_task(send(order.load))
        loaded = await _half(page, devtools, order.load.seconds)
        sent = await sending
    return Frames(idle, loaded, sets=sent.sets, failed=sent.failed)


def main() -> None:
    """Carry out one order per line of standard input."""
    for line in sys.stdin:
        seen = asyncio.run(measure(msgspec.json.decode(line, type=FramesOrder)))
        print(msgspec.json.encode(seen).decode(), flush=True)


if __name__ == "__main__":
    main()
