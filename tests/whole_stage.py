"""Databases to take a clinic out of and to read it into; ``python -m tests.whole_stage`` fills one.

Two clinics: Harbor with 200 simulated sessions, 40 of them over and 160 with their dose under way, and a row
in every table, in which stands what files and shells could take for their own; and Meadow, of which nothing
may leave with Harbor.
"""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg

from clinic.local.state import ROOT

# each act is of a tenth of a second; those that are over have seven
OVER, UNDER_WAY = 40, 160
BEGAN = datetime(2026, 9, 28, 14, tzinfo=UTC)
STOPPED_MIN, ASSESSED_MIN, RELEASED_MIN = 40, 118, 121
# what a field, a line, a formula, a missing value, an escape and another alphabet look like
ODD = 'a "b", c;\n\\N\t\\.\r\n=SUM(A1) \'; -- Ж 血圧 \u2028'
CANARY = "canary"


# --- databases


@dataclass(frozen=True)
class Database:
    """One database of the tests' server."""

    name: str

    @property
    def url(self) -> str:
        return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{self.name}"))

    def run(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run Python with these words on this database."""
        return subprocess.run(
            [sys.executable, *words],
            cwd=ROOT,
            env={
                "PATH": os.environ["PATH"],
                "DATABASE_URL": self.url,
                "REDIS_URL": os.environ["REDIS_URL"],
                "SECRET_KEY": os.environ["SECRET_KEY"],
                "ALLOWED_HOSTS": "testserver",
                "DEMO": "0",
                **environment,
            },
            capture_output=True,
            text=True,
            check=False,
        )

    def manage(self, *words: str, **environment: str) -> str:
        """What a command said. raises: AssertionError with its words when it failed."""
        done = self.run("manage.py", *words, **environment)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            found = connection.execute(sql)
            return found.fetchall() if found.description else []


@contextlib.contextmanager
def database(like: Database | None = None) -> Iterator[Database]:
    """A database of its own, empty or as another one is that nobody is connected to; dropped afterwards."""
    made = Database(f"whole_{uuid4().hex[:12]}")
    template = f" TEMPLATE {like.name}" if like else ""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {made.name}{template}")
        try:
            yield made
        finally:
            admin.execute(f"DROP DATABASE {made.name} WITH (FORCE)")


# --- archives


def export(source: Database, clinic: str, folder: Path, *words: str) -> str:
    """The archive's total, as the command prints it last."""
    said = source.manage("export_sessions", "--everything", "--clinic", clinic, "--to", str(folder), *words)
    return said.split()[-1]


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# --- the two clinics


def fill() -> dict[str, str]:
    """Fill the database of the settings. returns: what a test needs to know of it."""
    from tests import builders

    cast = builders.cast()
    from clinic.models import Chair, Membership, User

    # one person works in both: their name leaves with each of them, what they do in the other does not
    outsider = User.objects.get(username="outsider")
    Membership.objects.create(user_id=cast.nurse.actor_id, clinic=cast.other_clinic, role="nurse")
    User.objects.filter(pk=outsider.pk).update(email=f"{CANARY}@meadow.example", first_name=CANARY)
    type(cast.other_clinic).objects.filter(pk=cast.other_clinic.pk).update(name=f"Meadow {CANARY}")
    Chair.objects.bulk_create(
        Chair(clinic=cast.clinic, name=str(number), position=number) for number in range(13, UNDER_WAY + 1)
    )
    over = [simulated(cast, number, BEGAN) for number in range(OVER)]
    for number in range(UNDER_WAY):
        simulated(cast, number, BEGAN + timedelta(days=7), is_over=False)
    other = builders.patient(cast.other_clinic, f"MR-{CANARY}", family_name=CANARY)
    builders.dosing(cast.outsider, cast.other_clinic, BEGAN)
    one_of_each(cast, over[0])
    return {
        "session": str(over[-1].id),
        "clinic": str(cast.clinic.pk),
        "patient": str(other.id),
        "people": json.dumps([str(outsider.id)]),
    }


def simulated(cast: Any, number: int, began: datetime, *, is_over: bool = True) -> Any:
    """A session in the chair of that number, with what the simulator's monitors would show of it."""
    from tests import builders
    from vitals.simulator.physiology import Patient, Session
    from vitals.simulator.population import Route

    rng = Random(f"whole/{number}")
    course = Session.draw(Patient.draw(rng, Route.IV), rng)

    def at(minutes: float) -> datetime:
        return began + timedelta(minutes=minutes)

    # no two entries of one moment: their order is the database's own
    row = builders.scheduled(cast.nurse, cast.clinic, at(-60), chair=str(number + 1))
    builders.act(cast.nurse, row, "check-in", at(-10))
    builders.record(builders.incoming(cast.nurse, row, at(-5), systolic=124, diastolic=78))
    builders.act(cast.nurse, row, "start", at(0), dose_mg=35)
    # as a gateway sends it that was away for a while: all at once
    until = ASSESSED_MIN if is_over else STOPPED_MIN
    sets = [
        builders.incoming(cast.gateway, row, at(minute), **_measured(course, minute))
        for minute in range(5, until, 5)
    ]
    builders.record(*sets)
    if is_over:
        builders.act(cast.nurse, row, "stop", at(STOPPED_MIN))
        builders.act(cast.nurse, row, "readiness", at(ASSESSED_MIN), escort="A. Friend")
        builders.act(cast.nurse, row, "release", at(RELEASED_MIN))
    return row


def _measured(course: Any, minute: float) -> dict[str, Any]:
    """What a careful person measures then; what could not be measured is not there."""
    return {name: value for name, value in course.vitals_at(minute, artefacts=False).items() if value}


def one_of_each(cast: Any, session: Any) -> None:
    """A row in each table that the sessions leave empty, odd texts and missing values among them."""
    from clinic.models import Device
    from sessions import models as record
    from vitals import models as vitals

    at, nurse = BEGAN, {"by_id": cast.nurse.actor_id, "by_name": ODD}
    here = {"clinic": cast.clinic}
    item = record.StockItem.objects.create(
        **here,
        product="ketamine-50",
        label=ODD,
        lot="\\N",
        expires_on=date(2099, 1, 1),
        unit="mL",
        mg_per_unit=50,
        received_at=at,
    )
    waste = record.LedgerEntry.objects.create(
        **here, entry=uuid4(), item=item, kind="waste", quantity=1, at=at, recorded_at=at, **nurse
    )
    record.LedgerWitness.objects.create(
        ledger_entry=waste, acted_by_id=cast.nurse.actor_id, by_id=cast.admin.actor_id, by_name="A", at=at
    )
    record.FormFiling.objects.create(
        **here,
        session=session,
        cells={"z": ODD, "a": [1.10, None, {"b": True}], "long": "x" * 200_000},
        filed_at=at,
        recorded_at=at,
        channel="fax",
        **nurse,
    )
    home = record.FollowUp.objects.create(
        **here, session=session, kind="xx", due_at=at, expires_at=at, key_hash="secret-of-a-link", sent_at=at
    )
    record.FollowUpAnswer.objects.create(
        follow_up=home, answered_at=at, answers={"text": ODD}, worries=[ODD, "", "NULL", "{a,b}"]
    )
    record.FollowUpReview.objects.create(follow_up=home, at=at, text="", **nurse)
    record.DayEntry.objects.create(**here, day=at.date(), kind="open", items={}, at=at, **nurse)
    record.ScaleWording.objects.create(**here, scale="cadss", item="1", text=ODD)
    record.SymptomChip.objects.create(**here, code="odd", text="'", position=1)
    Device.objects.filter(pk=cast.monitor.device_id).update(
        driver="http-json", address="http://10.0.0.1", monitor_token="secret-of-a-monitor"
    )
    flag = vitals.Flag.objects.filter(session__clinic=cast.clinic).order_by("id")[0]
    target = vitals.AlertTarget.objects.create(
        **here, channel="webhook", address="https://secret.example", secret="secret-of-a-hook", added_at=at
    )
    vitals.Notification.objects.create(
        **here, target=target, flag=flag, session=flag.session, attention=at, cause="raised", at=at
    )
    vitals.AlertingSwitch.objects.create(**here, channel="email", is_on=False, at=at, **nurse)
    vitals.ShiftTimes.objects.create(**here, hand_over_min=30, cover_min=5, at=at, **nurse)
    hand_over = vitals.HandOver.objects.create(
        **here,
        from_user_id=cast.nurse.user_id,
        to_user_id=cast.supervisor.user_id,
        began_at=at,
        ends_by=at,
    )
    vitals.HandOverChair.objects.create(hand_over=hand_over, session=session, position=1)
    vitals.Quarantine.objects.create(
        **here, received_at=at, sender=ODD, code="x", reason="", body=ODD * 100, digest=uuid4()
    )
    limits = vitals.LimitSet.objects.filter(clinic=cast.clinic).order_by("id")[0]
    vitals.LimitChange.objects.create(
        **here,
        patient=session.patient,
        limit_set=limits,
        code="BP-2",
        vital="systolic",
        reason=ODD,
        by_name="S",
        from_at=at,
        until_at=at + timedelta(hours=1),
    )
    replay = vitals.LimitReplay.objects.create(
        **here,
        limit_set=limits,
        rules="[]",
        from_day=at.date(),
        until_day=at.date(),
        session_ids=[session.id, uuid4()],
        asked_by="S",
        asked_at=at,
    )
    vitals.LimitReplayResult.objects.create(replay=replay, session=session, compared=ODD)


# --- what a system answers


ASKED = ("", "ledger/")


def answers() -> dict[str, Any]:
    """What the API of the settings' database says of one session, to the person and of it as named."""
    from django.test import Client

    from clinic.models import User

    username, session = sys.argv[2:]
    client = Client()
    client.force_login(User.objects.get(username=username))
    told = {path: client.get(f"/api/v1/sessions/{session}/{path}") for path in ASKED}
    assert {answer.status_code for answer in told.values()} == {200}, told
    found = {path: answer.json() for path, answer in told.items()}
    # when it was asked
    del found[""]["clock"]["now"]
    return found


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    django.setup()
    print(json.dumps({"fill": fill, "answers": answers}[sys.argv[1]]()))
