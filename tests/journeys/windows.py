"""Browser windows for the journeys: whose they are, how large, and what they complained of."""

from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from clinic.access import Principal
from clinic.models import User

WALL, LAPTOP = (1920, 1080), (1440, 900)
LONGEST_WAIT_MS = 30_000
TABLET, UPRIGHT, PHONE = (1280, 800), (800, 1280), (390, 844)


@dataclass
class Windows:
    """Contexts of one browser. ``expected`` holds beginnings of complaints that the test itself provokes."""

    browser: Any
    complaints: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()
    _contexts: list[Any] = field(default_factory=list)

    def context(self, size: tuple[int, int] = TABLET, *, theme: str = "light", **more: Any) -> Any:
        width, height = size
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=theme,
            reduced_motion="reduce",
            **more,
        )
        context.set_default_timeout(LONGEST_WAIT_MS)
        context.on("page", self._listen)
        self._contexts.append(context)
        return context

    def of(
        self,
        who: Principal | None,
        url: str,
        size: tuple[int, int] = TABLET,
        *,
        theme: str = "light",
        **more: Any,
    ) -> Any:
        """A window on the page at ``url`` where ``who`` is signed in already, or nobody."""
        context = self.context(size, theme=theme, **more)
        if who is not None:
            staff = Client()
            staff.force_login(User.objects.get(pk=who.actor_id))
            cookie = staff.cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": cookie, "domain": "127.0.0.1", "path": "/"}])
        page = context.new_page()
        page.goto(url)
        page.evaluate("document.fonts.ready")
        return page

    def close(self) -> None:
        for context in self._contexts:
            context.close()

    def _listen(self, page: Any) -> None:
        page.on("console", lambda said: self._hear(said.type, said.text))
        page.on("pageerror", lambda error: self._complain(str(error)))
        page.on("response", lambda answer: self._judge(answer.status, answer.url))

    def _hear(self, kind: str, words: str) -> None:
        if kind in {"error", "warning"}:
            self._complain(words)

    def _judge(self, status: int, url: str) -> None:
        if status >= 400:
            self._complain(f"{status} {url}")

    def _complain(self, words: str) -> None:
        if not words.startswith(self.expected):
            self.complaints.append(words)
