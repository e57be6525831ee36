"""An export from the asking to its end: asked for, done by any worker, fetched, gone when it expires."""

import hashlib
import logging
import secrets
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from django.core.files import File
from django.core.files.storage import storages
from django.db import DatabaseError, transaction
from django.db.models import F, Q

from clinic import audit, jobs
from clinic.access import Act, Principal, check
from clinic.jobs import JobState
from clinic.models import Clinic
from clinic.refusals import Invalid, NotAllowed, NotFound
from reports.exports import asked as asking
from reports.exports.asked import Asked
from reports.exports.choosing import session_ids, that_fit
from reports.exports.forms import FORMS, why_not
from reports.exports.rendering import PLAIN
from reports.exports.taking import Plan, SnapshotLost, Taken, Taking, go_on, plan_of, rows_read, take
from reports.models import Export, ExportSchedule

MOST_SESSIONS = 200_000
# a job that killed so many workers is the cause of it
MOST_TRIES = 5
KEPT_FOR = timedelta(days=7)

log = logging.getLogger("vigil.exports")


class NotOurs(Exception):
    """The job was cancelled, or another worker has it: nothing more is kept."""


def ask(*, by: Principal, asked: Asked, at: datetime, schedule: ExportSchedule | None = None) -> Export:
    """Ask for an export; who asks answers for it. raises: AccessDenied; Invalid, also when nothing fits."""
    check(by, Act.EXPORT)
    asked = possible(asked)
    clinic = Clinic.objects.get(pk=by.clinic_id)
    chosen = session_ids(clinic, asked.filters)
    if not chosen:
        raise Invalid("No session fits these filters.", field="filters")
    if len(chosen) > MOST_SESSIONS:
        raise Invalid(f"More than {MOST_SESSIONS} sessions: choose fewer days.", field="from_day")
    assert by.user_id is not None, "an admin is a person"  # noqa: S101
    with transaction.atomic():
        row = Export.objects.create(
            clinic=clinic,
            by_id=by.user_id,
            schedule=schedule,
            asked=msgspec.json.encode(asked).decode(),
            session_ids=chosen,
            secret=secrets.token_hex(32),
            asked_by=by.name,
            asked_at=at,
        )
        _audit(by, "export", row, _told(asked, row))
    return row


def possible(asked: Asked) -> Asked:
    """The same, checked, also for what this installation can do. raises: Invalid."""
    if reason := why_not(asked.form):
        raise Invalid(f"form “{asked.form}” cannot be had: {reason}.", field="form")
    return asking.checked(asked)


def count(*, by: Principal, asked: Asked) -> int:
    """How many sessions would be exported. raises: as ``ask``, save when nothing fits."""
    check(by, Act.EXPORT)
    asked = possible(asked)
    audit.record_look(by, "export", "count")
    return that_fit(Clinic.objects.get(pk=by.clinic_id), asked.filters).count()


def asked_of(row: Export | ExportSchedule) -> Asked:
    return msgspec.json.decode(row.asked, type=Asked)


def _told(asked: Asked, row: Export) -> dict[str, Any]:
    """What the audit says of it: ids and counts."""
    return {
        "sessions": len(row.session_ids),
        "form": str(asked.form),
        "disclosure": str(asked.disclosure),
        "contents": list(asked.contents),
        "filters": msgspec.to_builtins(asked.filters),
        "schedule": str(row.schedule_id) if row.schedule_id else None,
    }


def cancel(*, by: Principal, export_id: UUID, at: datetime) -> Export:
    """End an export that goes on. raises: AccessDenied; NotFound; NotAllowed when it has ended."""
    with transaction.atomic():
        row = Export.objects.select_for_update().filter(clinic_id=by.clinic_id, pk=export_id).first()
        if row is None:
            raise NotFound
        check(by, Act.EXPORT)
        if not row.goes_on:
            raise NotAllowed(f"The export is {row.state} already.", missing=["one that goes on"])
        row.state, row.ended_at, row.lease, row.secret = JobState.CANCELLED, at, None, ""
        row.save(update_fields=["state", "ended_at", "lease", "secret"])
        _audit(by, "cancel-export", row)
    return row


def _audit(by: Principal, act: str, row: Export, details: Mapping[str, Any] | None = None) -> None:
    entry = audit.Entry(by=by, act=act, subject="export", subject_id=str(row.pk), details=details or {})
    audit.record([entry])


# --- looking and fetching


def newest(by: Principal, *, at_most: int = 50) -> list[Export]:
    """The clinic's exports, newest first. raises: AccessDenied."""
    check(by, Act.SEE_EXPORTS)
    rows = Export.objects.select_related("schedule").filter(clinic_id=by.clinic_id)
    return list(rows.order_by("-asked_at", "id")[:at_most])


def one(by: Principal, export_id: UUID) -> Export:
    """raises: NotFound, also for another clinic's; AccessDenied."""
    row = Export.objects.select_related("schedule").filter(clinic_id=by.clinic_id, pk=export_id).first()
    if row is None:
        raise NotFound
    check(by, Act.SEE_EXPORTS)
    return row


def seconds_left(row: Export, *, at: datetime) -> int | None:
    """How long it will go on, by how long it took so far; None until that says anything."""
    if not row.goes_on or row.started_at is None or not row.rows:
        return None
    # reading and writing count alike
    done = (row.read + row.written) / (2 * row.rows)
    gone_by = (at - row.started_at).total_seconds()
    return round(gone_by * (1 - done) / done) if done > 0 else None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A finished export's file, open; whoever takes it closes it."""

    name: str
    size: int
    file: File  # type: ignore[type-arg]  # of bytes; the stubs leave it open


def fetch(*, by: Principal, export_id: UUID, at: datetime) -> Fetched:
    """The file, for who may export now; every fetching is audited.

    raises: NotFound, also for another clinic's and for a file that is gone; AccessDenied; NotAllowed while
    there is none.
    """
    row = one(by, export_id)
    check(by, Act.EXPORT)
    if row.state != JobState.DONE:
        raise NotAllowed(f"The export is {row.state}: there is no file.", missing=["an export that is done"])
    if is_gone(row, at=at) or not storages["exports"].exists(row.file):
        raise NotFound
    with transaction.atomic():
        _audit(by, "fetch-export", row, {"sha256": row.sha256})
    return Fetched(row.file, row.size or 0, storages["exports"].open(row.file))


def is_gone(row: Export, *, at: datetime) -> bool:
    """True once its link has expired."""
    return row.expires_at is not None and row.expires_at <= at


def remove_expired(*, at: datetime) -> int:
    """Remove the files whose links have expired, and the folders of what has ended; gives how many files."""
    removed = 0
    for row in Export.objects.filter(expires_at__lte=at).exclude(file=""):
        storages["exports"].delete(row.file)
        Export.objects.filter(pk=row.pk).update(file="")
        removed += 1
    root = Path(settings.EXPORT_WORK_DIR)
    if root.is_dir():
        going_on = {
            str(pk) for pk in Export.objects.filter(state__in=jobs.GOING_ON).values_list("pk", flat=True)
        }
        for folder in root.iterdir():
            if folder.name not in going_on:
                shutil.rmtree(folder, ignore_errors=True)
    return removed


def waits_since() -> datetime | None:
    """Since when the longest waiting export of any clinic waits while no worker is at one; else None."""
    waiting = unclaimed()
    if not waiting or Export.objects.filter(state=JobState.RUNNING).exclude(pk__in=waiting).exists():
        return None
    return Export.objects.filter(pk=waiting[0]).values_list("asked_at", flat=True).first()


def failed(clinic_id: int, *, at: datetime) -> int:
    """How many of the clinic's exports of the last days failed, or were made and not left in their store."""
    rows = Export.objects.filter(clinic_id=clinic_id, ended_at__gt=at - KEPT_FOR)
    not_left = Q(run__isnull=False, run__stored_at__isnull=True, run__tries__gt=0, state=JobState.DONE)
    return rows.filter(Q(state=JobState.FAILED) | not_left).count()


# --- the work


def unclaimed() -> list[UUID]:
    """The exports that go on and that no living worker has."""
    return jobs.unclaimed(Export.objects.all())


def work(export_id: UUID, *, at: datetime, for_s: float = jobs.PIECE_S) -> bool:
    """Do a piece of an export, unless another worker has it. True when there is more to do.

    at: the moment of the snapshot, and of the end, should they come in this piece.
    """
    rows = Export.objects.all()
    lease = jobs.claim(rows, export_id)
    if lease is None:
        return False
    row = rows.select_related("clinic").get(pk=export_id)
    worker = _Worker(row, lease, at)
    try:
        return worker.work(until=time.monotonic() + for_s)
    except NotOurs:
        # what else lies in the folder may be another worker's by now
        worker.leave_own()
        if not rows.get(pk=export_id).goes_on:
            worker.leave_nothing()
        return False
    except SnapshotLost as error:
        log.warning("export %s: %s; the snapshot is taken anew", export_id, error)
        worker.leave_nothing()
        return jobs.let_go(rows, export_id, lease)
    except DatabaseError:
        # the lease runs out and another try begins
        raise
    except Exception as error:
        log.exception("export %s failed", export_id)
        worker.fail(f"It failed: {type(error).__name__}. The log of the worker says more.")
        return False


class _Worker:
    """One piece of work on one export, by the worker that holds its lease."""

    def __init__(self, row: Export, lease: UUID, at: datetime) -> None:
        self._row, self._lease, self._at = row, lease, at
        self._asked = asked_of(row)
        self._form = FORMS[self._asked.form]
        self._taking = Taking(
            clinic_id=row.clinic_id,
            zone=row.clinic.time_zone,
            session_ids=row.session_ids,
            contents=() if self._form.of_sessions else self._asked.contents,
            disclosure=self._asked.disclosure,
            rendering=PLAIN if self._form.is_plain else self._asked.locale.rendering(),
            secret=row.secret,
            folder=Path(settings.EXPORT_WORK_DIR) / str(row.pk),
            bom=self._asked.locale.bom,
        )
        # a worker that lost its lease may still write for a moment, beside the one that goes on
        self._own = self._taking.folder / f"writing-{lease}"

    def work(self, *, until: float) -> bool:
        """True when there is more to do."""
        plan = self._begin()
        for found in go_on(self._taking, plan):
            self._keep(read=F("read") + found)
            if time.monotonic() >= until:
                return jobs.let_go(Export.objects.all(), self._row.pk, self._lease)
        if not self._form.of_sessions:
            self._keep(read=self._total(plan), written=0)
        self._write(Taken(self._taking, plan))
        return False

    def _total(self, plan: Plan) -> int:
        return len(self._row.session_ids) if self._form.of_sessions else sum(plan.rows.values())

    def _begin(self) -> Plan:
        if self._row.tries >= MOST_TRIES and plan_of(self._taking) is None:
            raise RuntimeError("tried too often")
        self._keep(tries=F("tries") + 1)
        plan = plan_of(self._taking)
        if plan is None:
            plan = take(self._taking, at=self._at, alive=self._keep)
        self._keep(
            rows=self._total(plan),
            read=rows_read(self._taking, plan),
            written=0,
            taken_at=plan.taken_at,
            started_at=self._row.started_at or self._at,
        )
        return plan

    def _write(self, taken: Taken) -> None:
        self._own.mkdir()
        out = self._own / f"out.{self._form.suffix}"
        self._form.write(taken, out, self._wrote)
        size, digest = _hashed(out)
        name = f"export-{taken.plan.taken_at:%Y%m%d}-{str(self._row.pk)[:8]}.{self._form.suffix}"
        self._keep()
        with out.open("rb") as file:
            kept = storages["exports"].save(f"{self._row.pk}/{name}", File(file))
        ended = jobs.end(
            Export.objects.all(),
            self._row.pk,
            self._lease,
            state=JobState.DONE,
            at=self._at,
            file=kept,
            size=size,
            sha256=digest,
            secret="",
            expires_at=self._at + KEPT_FOR,
        )
        if not ended:
            storages["exports"].delete(kept)
            raise NotOurs
        self.leave_nothing()

    def _wrote(self, more: int) -> None:
        read = {"read": F("read") + more} if self._form.of_sessions else {}
        self._keep(written=F("written") + more, **read)

    def _keep(self, **columns: Any) -> None:
        if not jobs.renew(Export.objects.all(), self._row.pk, self._lease, **columns):
            raise NotOurs

    def fail(self, trouble: str) -> None:
        jobs.end(
            Export.objects.all(),
            self._row.pk,
            self._lease,
            state=JobState.FAILED,
            at=self._at,
            trouble=trouble,
            secret="",
        )
        self.leave_nothing()

    def leave_own(self) -> None:
        """Remove what this worker alone has written."""
        shutil.rmtree(self._own, ignore_errors=True)

    def leave_nothing(self) -> None:
        shutil.rmtree(self._taking.folder, ignore_errors=True)


def _hashed(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        return path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()
