"""The demo clinic on a Monday at 10:42, served: twelve chairs, one of them in every kind of trouble.

The clock of all its processes begins at that moment, so a picture shows the same day whenever it is made.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from clinic.access import Principal
from clinic.models import Clinic, Device, Membership
from clinic.tokens import principal_of_device, principal_of_member
from sessions.models import Session
from tests import processes
from tests.builders import incoming, record
from vitals.demo.seed import seed
from vitals.models import Flag
from vitals.services import acts, corrections, flags
from vitals.services.quarantine import Refused, keep
from vitals.services.watch import beat

NOW = datetime(2026, 11, 23, 15, 42, 11, tzinfo=UTC)
LONG_GIVEN_NAME, LONG_FAMILY_NAME = "Constantina", "Featherstonehaugh-Vandersloot"  # forty letters
LONG_ALLERGIES = "Penicillin, cephalosporins, natural rubber latex, iodinated contrast media"
TROUBLED_CHAIR = "3"


@dataclass
class BusyClinic:
    """Where it is served, who works there, and the session with the longest names and numbers."""

    url: str
    clinic: Clinic
    troubled: Session
    watch: processes.Part

    def person(self, username: str) -> Principal:
        row = Membership.objects.select_related("user").get(clinic=self.clinic, user__username=username)
        return principal_of_member(row)

    @property
    def nurse(self) -> Principal:
        return self.person("nurse")

    @property
    def supervisor(self) -> Principal:
        return self.person("supervisor")

    def poll(self) -> None:
        """A sign of life of the worker, which does not run here: it is believed for a minute."""
        beat("worker", at=NOW)

    def at(self, path: str) -> str:
        return f"{self.url}{path}"

    @property
    def session_page(self) -> str:
        return self.at(f"/sessions/{self.troubled.id}/")

    @property
    def bedside_page(self) -> str:
        return self.at(f"/sessions/{self.troubled.id}/bedside/")


@contextmanager
def served(folder: Path) -> Iterator[BusyClinic]:
    """Needs a database in which commits are real; ``folder`` takes the demo's files and the logs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DEMO_FOLDER", str(folder / "demo"))
        clinic = seed(NOW).clinic
    troubled = Session.objects.get(clinic=clinic, chair__name=TROUBLED_CHAIR, ended_at=None)
    environment = processes.environment(DEMO="1", DEMO_CLOCK=f"{time.time()},{NOW.timestamp()},1")
    web, url = processes.web(environment, folder)
    watch = processes.watch(environment, folder)
    busy = BusyClinic(url, clinic, troubled, watch)
    _trouble(busy)
    with processes.running(web, watch):
        processes.await_web(web, url)
        yield busy


def _minutes_ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def _session_at(clinic: Clinic, chair: str) -> Session:
    return Session.objects.get(clinic=clinic, chair__name=chair, ended_at=None)


def _trouble(busy: BusyClinic) -> None:
    """The longest names; pressure and oxygen out of their limits; a set corrected, a value that cannot be."""
    nurse = busy.nurse
    patient = busy.troubled.patient
    patient.given_name, patient.family_name = LONG_GIVEN_NAME, LONG_FAMILY_NAME
    patient.allergies = LONG_ALLERGIES
    patient.save()
    taken = incoming(
        nurse, busy.troubled, _minutes_ago(11), systolic=158, diastolic=94, heart_rate=96, spo2=97, sedation=4
    )
    [outcome] = record(taken)
    assert outcome.id is not None
    corrections.correct(
        by=nurse,
        reading_id=outcome.id,
        fields={"systolic": 168, "diastolic": 98},
        reason="Typed wrong",
        at=_minutes_ago(10),
    )
    record(
        incoming(
            nurse,
            busy.troubled,
            _minutes_ago(2.5),
            absent={"temperature": "Patient moving"},
            systolic=204,
            diastolic=124,
            heart_rate=101,
            respiratory_rate=18,
            spo2=97,
            sedation=4,
        ),
        incoming(nurse, busy.troubled, _minutes_ago(1.5), etco2=300, heart_rate=101),
    )
    acts.act(
        by=nurse,
        session_id=busy.troubled.id,
        name="symptom",
        at=_minutes_ago(6),
        recorded_at=_minutes_ago(6),
        details={"code": "nausea", "severity": "moderate"},
    )
    dim = _session_at(busy.clinic, "7")
    for minutes in (4, 1):
        record(incoming(nurse, dim, _minutes_ago(minutes), spo2=91))
    flag = Flag.objects.get(session=dim, vital="spo2", resolved_at=None)
    flags.acknowledge(by=busy.supervisor, flag_id=flag.id, action="At the chair", at=_minutes_ago(0.5))
    body = '{"chair": "9", "measured_at": "2026-11-23T15:40:00Z", "systolic": 184, "diastolic": 104}'
    gateway = principal_of_device(Device.objects.get(clinic=busy.clinic, name="Gateway"))
    keep([Refused(gateway, _minutes_ago(2), "no_session", "No session was in chair 9 at that time.", body)])
