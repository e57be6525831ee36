"""``python -m benchmarks.visible``: how long after a device's POST a reading is seen.

Seen on the event stream (``stream``), and as a tile drawn by a real Chromium (``browser``). The probe has a
session of its own, whose heart rate is another with every POST, so that what is drawn names its POST.
"""

import asyncio
import contextlib
import re
import shutil
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import msgspec
from playwright.async_api import Page, async_playwright

# each probe has a heart rate of its own, all inside the limits
FIRST_RATE, PROBES_AT_MOST = 60, 60
LAST_ONE_MAY_TAKE_S = 3.0
CHROMIUM: dict[str, Any] = {
    "executable_path": shutil.which("chromium"),
    "args": ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
}

# After the mutation, the next frame is awaited and its drawing let finish: what counts is what can be seen.
WATCH_TILE = """
(session) => {
  const tile = document.querySelector(`[data-board] a[href*="${session}"]`).closest("[data-board] > *");
  const rate = tile.querySelector('[data-vital="heart_rate"]');
  window.seen = [];
  let last = null;
  new MutationObserver(() => {
    const shown = rate.textContent;
    if (shown === last) return;
    last = shown;
    requestAnimationFrame(() => setTimeout(() => {
      window.seen.push([shown, performance.timeOrigin + performance.now()]);
    }));
  }).observe(rate, { subtree: true, childList: true, characterData: true });
}
"""


@dataclass(frozen=True, slots=True)
class ProbeOrder:
    """probes: how many POSTs, one each ``every_s``; with ``browser``, also the board in Chromium."""

    port: int
    device_key: str
    staff_key: str
    session: str
    probes: int
    every_s: float
    browser: bool = False
    username: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """Milliseconds from before the POST to being seen, sorted; ``missed`` were never seen."""

    stream_ms: list[float] = field(default_factory=list)
    browser_ms: list[float] = field(default_factory=list)
    stream_missed: int = 0
    browser_missed: int = 0


@dataclass(frozen=True, slots=True)
class _Posted:
    id: str
    rate: int
    at_s: float


async def _post_all(order: ProbeOrder) -> list[_Posted]:
    if order.probes > PROBES_AT_MOST:
        raise ValueError(f"{order.probes} probes are more than {PROBES_AT_MOST}")
    reader, writer = await asyncio.open_connection("127.0.0.1", order.port)
    posted: list[_Posted] = []
    for number in range(order.probes):
        id_, rate = str(uuid4()), FIRST_RATE + number
        body = (
            f'{{"id":"{id_}","session":"{order.session}","measured_at":"{datetime.now(UTC).isoformat()}",'
            f'"heart_rate":{rate},"systolic":120,"diastolic":80}}'
        )
        at_s = time.time()
        writer.write(
            f"POST /api/v1/readings/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Authorization: Token {order.device_key}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 201"):
            raise RuntimeError(f"the probe was answered {head[:80]!r}")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(int(length[15:]))
        posted.append(_Posted(id_, rate, at_s))
        await asyncio.sleep(max(0.0, order.every_s - (time.time() - at_s)))
    writer.close()
    return posted


async def _listen(order: ProbeOrder, heard: dict[str, float], begun: asyncio.Event) -> None:
    """Note when each reading of the probe's session came down the board's stream."""
    reader, writer = await asyncio.open_connection("127.0.0.1", order.port, limit=2**24)
    writer.write(
        f"GET /live/board/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Authorization: Token {order.staff_key}\r\n\r\n".encode()
    )
    name = b""
    while line := await reader.readline():
        if line.startswith(b"event: "):
            name = line[7:].strip()
        elif line.startswith(b"data: "):
            if name == b"snapshot":
                begun.set()
            elif name == b"reading" and order.session.encode() in line:
                heard[msgspec.json.decode(line[6:])["id"]] = time.time()


async def sign_in(page: Page, port: int, username: str, password: str) -> None:
    """Sign in as people do, and open the board."""
    address = f"http://127.0.0.1:{port}"
    await page.goto(f"{address}/sign-in/")
    await page.fill("[name=username]", username)
    await page.fill("[name=password]", password)
    await page.click("form[method=post] button[type=submit]")
    await page.goto(f"{address}/board/")


async def _open_board(order: ProbeOrder, until_the_end: contextlib.AsyncExitStack) -> Page:
    play = await until_the_end.enter_async_context(async_playwright())
    browser = await play.chromium.launch(**CHROMIUM)
    until_the_end.push_async_callback(browser.close)
    page = await browser.new_page(viewport={"width": 1920, "height": 1080})
    await sign_in(page, order.port, order.username, order.password)
    await page.wait_for_selector(f'[data-board] a[href*="{order.session}"]')
    await page.evaluate(WATCH_TILE, order.session)
    return page


def _in_browser(posted: list[_Posted], drawn: list[tuple[str, float]]) -> list[float]:
    """Per POST, how long until the tile showed its rate, or already the one of a later POST."""
    shown = [(int(found[0]), ms) for words, ms in drawn if (found := re.match(r"\d+", words))]
    delays: list[float] = []
    for post in posted:
        at_ms = next((ms for rate, ms in shown if rate >= post.rate and ms >= post.at_s * 1000), None)
        if at_ms is not None:
            delays.append(at_ms - post.at_s * 1000)
    return sorted(delays)


async def probe(order: ProbeOrder) -> Seen:
    """Carry an order out."""
    heard: dict[str, float] = {}
    begun = asyncio.Event()
    listening = asyncio.create_task(_listen(order, heard, begun))
    drawn: list[Any] = []
    async with contextlib.AsyncExitStack() as until_the_end:
        page = await _open_board(order, until_the_end) if order.browser else None
        await asyncio.wait_for(begun.wait(), 30)
        posted = await _post_all(order)
        await asyncio.sleep(LAST_ONE_MAY_TAKE_S if page else 0.5)
        if page is not None:
            drawn = await page.evaluate("window.seen")
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    on_stream = sorted((heard[post.id] - post.at_s) * 1000 for post in posted if post.id in heard)
    in_browser = _in_browser(posted, [(str(shown), float(ms)) for shown, ms in drawn])
    return Seen(
        stream_ms=on_stream,
        browser_ms=in_browser,
        stream_missed=len(posted) - len(on_stream),
        browser_missed=len(posted) - len(in_browser) if order.browser else 0,
    )


def main() -> None:
    """Carry out one order per line of standard input."""
    for line in sys.stdin:
        seen = asyncio.run(probe(msgspec.json.decode(line, type=ProbeOrder)))
        print(msgspec.json.encode(seen).decode(), flush=True)


if __name__ == "__main__":
    main()
