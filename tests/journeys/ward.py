"""Harbor clinic, served, with a window for each person who looks at it; and how people press its buttons."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.contrib.auth.hashers import Argon2PasswordHasher

from clinic import clock
from clinic.models import User
from tests import builders, processes
from tests.builders import Cast
from tests.journeys.windows import LAPTOP, TABLET, WALL, Windows


@dataclass
class Ward:
    """Harbor clinic, served, with a window for each person who looks at it."""

    url: str
    cast: Cast
    windows: Windows

    def open(self, who, path, size=TABLET):
        return self.windows.of(who, f"{self.url}{path}", size)

    def board(self, who=None):
        page = self.open(who or self.cast.supervisor, "/board/", WALL)
        page.locator("[data-part=live][data-state=live]").wait_for()
        return page

    def bedside(self, session, who=None):
        page = self.open(who or self.cast.nurse, f"/sessions/{session.id}/bedside/")
        page.locator("#identity h1").wait_for()
        return page

    def session_page(self, session, who=None):
        page = self.open(who or self.cast.nurse, f"/sessions/{session.id}/", LAPTOP)
        page.locator("#chart .main-svg").first.wait_for()
        return page

    def dosing(self, minutes=20, **how):
        """A session whose dose began so many minutes ago."""
        at = clock.now() - timedelta(minutes=minutes)
        return builders.dosing(self.cast.nurse, self.cast.clinic, at, **how)

    def calm_set(self, session):
        """A full set inside all limits, charted now."""
        builders.record(
            builders.incoming(
                self.cast.nurse,
                session,
                clock.now(),
                systolic=118,
                diastolic=74,
                heart_rate=71,
                respiratory_rate=14,
                spo2=98,
                sedation=5,
            )
        )

    def past_its_dose(self, minutes, *, chair="1"):
        """An infusion that began so many minutes ago and ran for forty, with a calm set just now."""
        session = self.dosing(minutes, chair=chair)
        ended_at = session.dose_started_at + timedelta(minutes=40)
        builders.act(self.cast.nurse, session, "stop", ended_at, reason="Dose complete")
        self.calm_set(session)
        return session


@contextmanager
def open_ward(windows: Windows, folder: Path, **more: str) -> Iterator[Ward]:
    """The cast and a served copy with its watch, until the block ends. ``more``: of its environment."""
    cast = builders.cast()
    # the web process keeps the product's hasher; this process has a quicker one
    encoded = Argon2PasswordHasher().encode(builders.PASSWORD, "salt-of-the-tests")
    User.objects.update(password=encoded)
    environment = processes.environment(**more)
    web, url = processes.web(environment, folder)
    with processes.running(web, processes.watch(environment, folder)):
        processes.await_web(web, url)
        yield Ward(url, cast, windows)
        windows.close()


def button(page, words):
    return page.get_by_role("button", name=words, exact=True)


def confirm(page, words):
    """The dark button of the open dialog."""
    page.locator("dialog[open]").get_by_role("button", name=words, exact=True).click()
