"""A clinic whose clock can be set forward between two acts, so that two hours pass while a test runs.

The served process is stopped and started with the later clock, as a demo's would be; what people see and
chart is real. The agreement of a record with its page, its API and its audit is checked here too.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from clinic import clock
from clinic.local.ports import free_port
from clinic.models import AuditEvent, Clinic, Patient, User
from sessions import queries
from sessions.models import Session, SessionEvent
from sessions.services.entries import digest
from tests import builders, processes
from tests.builders import Cast
from tests.journeys.windows import TABLET, Windows
from tests.processes import Part


@dataclass
class Treatment:
    """One clinic, served; ``later`` is how far its clock stands before the wall's."""

    cast: Cast
    windows: Windows
    folder: Path
    port: int
    later: timedelta = timedelta(0)
    web: Part | None = None
    url: str = ""

    def serve(self) -> None:
        settings.DEMO, settings.DEMO_CLOCK = True, (0.0, self.later.total_seconds(), 1.0)
        told = ",".join(str(part) for part in settings.DEMO_CLOCK)
        environment = processes.environment(DEMO="1", DEMO_CLOCK=told)
        self.web, self.url = processes.web(environment, self.folder, port=self.port)
        self.web.start()
        processes.await_web(self.web, self.url)

    def stop(self) -> None:
        if self.web is not None:
            self.web.stop()

    def pass_time(self, **minutes: float) -> None:
        """Set the clinic's clock forward; pages that are open must be loaded again."""
        self.windows.close()
        self.stop()
        self.later += timedelta(**minutes)
        self.serve()

    def open(self, who: Any, path: str, size: tuple[int, int] = TABLET) -> Any:
        page = self.windows.of(who, f"{self.url}{path}", size)
        page.locator("h1").first.wait_for()
        return page

    def api(self, who: Any, path: str) -> Any:
        """What the API tells this person."""
        answer = self.open(who, "/clinic/").context.request.get(f"{self.url}/api/v1/{path}")
        assert answer.ok, answer.text()
        return answer.json()


@contextmanager
def open_treatment(windows: Windows, folder: Path) -> Iterator[Treatment]:
    """The cast with what a form and a dispensing record name, served; the clock is put back afterwards."""
    before = settings.DEMO, settings.DEMO_CLOCK
    cast = builders.cast()
    Clinic.objects.filter(pk=cast.clinic.pk).update(
        address_1="1 Harbor Street", city="Boston", state="MA", zip_code="02110", phone="617 555 0199"
    )
    User.objects.filter(pk=cast.nurse.actor_id).update(
        last_name="Nguyen", phone="617 555 0100", email="nurse@harbor.example"
    )
    treatment = Treatment(cast, windows, folder, free_port())
    try:
        treatment.serve()
        yield treatment
    finally:
        windows.close()
        treatment.stop()
        settings.DEMO, settings.DEMO_CLOCK = before


def scheduled(treatment: Treatment, protocol: str) -> Session:
    """A patient of 70 kg with an address, expected now in chair 1."""
    at = clock.now()
    session = builders.scheduled(treatment.cast.nurse, treatment.cast.clinic, at, protocol=protocol)
    Patient.objects.filter(pk=session.patient_id).update(
        given_name="Ada", family_name="Lindqvist", address="12 Elm Street, Boston"
    )
    return session


def assert_record_page_and_api_agree(treatment: Treatment, session: Session) -> None:
    """Page, API and audit say of every version what the record says, word for word and value for value."""
    rows = {str(row.id): row for row in queries.events(session.id)}
    assert len(rows) > 10
    told = treatment.api(treatment.cast.nurse, f"sessions/{session.id}/")
    events = {event["id"]: event for event in told["events"]}
    assert events.keys() == rows.keys()
    page = treatment.open(treatment.cast.nurse, f"/sessions/{session.id}/record/")
    shown = page.locator("#entries").inner_text()
    for id_, row in rows.items():
        event = events[id_]
        assert (event["text"], event["details"], event["version"], event["status"], event["reason"]) == (
            row.text,
            row.details,
            row.version,
            row.status,
            row.reason,
        )
        assert " ".join(row.text.split()) in " ".join(shown.split()), row.text
        assert f"{row.at.astimezone(treatment.cast.clinic.zone):%H:%M}" in shown
    vouched = {
        (row["entry"], row["version"]): row["digest"]
        for row in AuditEvent.objects.filter(session_id=session.id, subject="session").values_list(
            "details", flat=True
        )
        if "version" in row
    }
    assert vouched == {
        (str(row.entry), row.version): digest(row) for row in SessionEvent.objects.filter(session=session)
    }
