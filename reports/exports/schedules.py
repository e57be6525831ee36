"""Exports made again each week or month, by the authority their owner has then, and left in a store."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from django.conf import settings
from django.core.files.storage import storages
from django.db import transaction
from django.db.models import F
from django.utils.text import slugify

from clinic import audit
from clinic.access import Act, Principal, Role, check, may
from clinic.jobs import JobState
from clinic.models import Clinic, Membership
from clinic.refusals import Invalid, NotAllowed, NotFound
from clinic.tokens import principal_of_member
from reports.exports import jobs, spans, stores
from reports.exports.asked import Asked
from reports.exports.choosing import that_fit
from reports.exports.spans import Every, Span
from reports.models import Export, ExportRun, ExportSchedule

LONGEST_NAME = 80
# until each further try to leave a file in its store; all of them before its link expires
BACKOFF = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440)]
# a worker that began to leave one and said no more has died
HELD_FOR = timedelta(minutes=30)
RUNS_SHOWN = 6

log = logging.getLogger("vigil.exports")


def new(
    *, by: Principal, name: str, every: str, at_hour: int, store: str, asked: Asked, at: datetime
) -> ExportSchedule:
    """Set up a schedule; its first span is the one that this moment lies in.

    asked: without days, which are those of each span. raises: AccessDenied; Invalid.
    """
    check(by, Act.SCHEDULE_EXPORT)
    asked = jobs.possible(asked)
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise Invalid(f"name has {len(name)} characters: 1 to {LONGEST_NAME} are needed.", field="name")
    _one_of("every", every, list(Every))
    if not 0 <= at_hour <= 23:
        raise Invalid(f"at_hour {at_hour} is no hour: 0 to 23.", field="at_hour")
    _one_of("store", store, settings.EXPORT_STORES)
    if asked.filters.from_day or asked.filters.until_day:
        raise Invalid("from_day and until_day are those of each week or month: give none.", field="from_day")
    clinic = Clinic.objects.get(pk=by.clinic_id)
    that_fit(clinic, asked.filters)  # raises for what the clinic does not know
    assert by.user_id is not None, "an admin is a person"  # noqa: S101
    with transaction.atomic():
        # the clinic's row parts two of the same name that come together
        Clinic.objects.select_for_update().get(pk=clinic.pk)
        if ExportSchedule.objects.filter(clinic=clinic, name=name, ended_at__isnull=True).exists():
            raise Invalid(f"name “{name}” is that of another schedule.", field="name")
        row = ExportSchedule.objects.create(
            clinic=clinic,
            name=name,
            asked=msgspec.json.encode(asked).decode(),
            every=every,
            at_hour=at_hour,
            store=store,
            owner_id=by.user_id,
            made_by=by.name,
            made_at=at,
            last_until=spans.newest_due(Every(every), at_hour, clinic.zone, at).last,
        )
        _audit(by, "schedule-export", row, asked=msgspec.to_builtins(asked), every=every, store=store)
    return row


def _one_of(field: str, value: str, known: Iterable[str]) -> None:
    names = [str(name) for name in known]
    if value not in names:
        raise Invalid(f"{field} “{value}” is not one of: {', '.join(names) or 'none'}.", field=field)


def end(*, by: Principal, schedule_id: UUID, at: datetime) -> ExportSchedule:
    """End a schedule; what it made stays. raises: AccessDenied; NotFound; NotAllowed when it has ended."""
    with transaction.atomic():
        row = (
            ExportSchedule.objects.select_for_update().filter(clinic_id=by.clinic_id, pk=schedule_id).first()
        )
        if row is None:
            raise NotFound
        check(by, Act.SCHEDULE_EXPORT)
        if row.ended_at is not None:
            raise NotAllowed("The schedule has ended already.", missing=["one that goes on"])
        row.ended_at, row.ended_by = at, by.name
        row.save(update_fields=["ended_at", "ended_by"])
        _audit(by, "end-export-schedule", row)
    return row


def listed(by: Principal) -> list[ExportSchedule]:
    """The clinic's schedules, those that go on first. raises: AccessDenied."""
    check(by, Act.SEE_EXPORTS)
    rows = ExportSchedule.objects.select_related("clinic").filter(clinic_id=by.clinic_id)
    return list(rows.order_by(F("ended_at").desc(nulls_first=True), "name"))


def newest_runs(row: ExportSchedule) -> list[ExportRun]:
    """What became of its newest spans, newest first, each with its export."""
    return list(row.runs.select_related("export").order_by("-last")[:RUNS_SHOWN])


def next_at(row: ExportSchedule, *, at: datetime) -> datetime | None:
    """When it is made next; None once it has ended."""
    if row.ended_at is not None:
        return None
    every, zone = Every(row.every), row.clinic.zone
    newest = spans.newest_due(every, row.at_hour, zone, at)
    upcoming = newest if newest.last > row.last_until else spans.after(every, newest)
    return spans.due_at(upcoming, row.at_hour, zone)


def _audit(by: Principal, act: str, row: ExportSchedule, **details: object) -> None:
    entry = audit.Entry(by=by, act=act, subject="export-schedule", subject_id=str(row.pk), details=details)
    audit.record([entry])


# --- the work


def make_due(*, at: datetime) -> list[UUID]:
    """Ask for the newest span of every schedule whose hour has come; gives the exports asked for."""
    going_on = ExportSchedule.objects.filter(ended_at__isnull=True)
    made = (
        _make(schedule_id, at) for schedule_id in going_on.order_by("made_at").values_list("pk", flat=True)
    )
    return [export.pk for export in made if export is not None]


@transaction.atomic
def _make(schedule_id: UUID, at: datetime) -> Export | None:
    # one that another worker is at is made by it
    rows = ExportSchedule.objects.select_for_update(skip_locked=True, of=("self",)).select_related("clinic")
    row = rows.filter(pk=schedule_id, ended_at__isnull=True).first()
    if row is None:
        return None
    every = Every(row.every)
    span = spans.newest_due(every, row.at_hour, row.clinic.zone, at)
    if span.last <= row.last_until:
        return None
    owner = _owner_now(row)
    if owner is None:
        _stop(row, at)
        return None
    passed_over = len(list(spans.between(every, row.last_until, span)))
    row.last_until = span.last
    row.save(update_fields=["last_until"])
    run = ExportRun(schedule=row, first=span.first, last=span.last, made_at=at, passed_over=passed_over)
    try:
        run.export = jobs.ask(by=owner, asked=_of(span, jobs.asked_of(row)), at=at, schedule=row)
        run.next_try_at = at
    except Invalid as refusal:
        run.trouble = refusal.message
    run.save()
    return run.export


def _of(span: Span, asked: Asked) -> Asked:
    days = msgspec.structs.replace(asked.filters, from_day=span.first, until_day=span.last)
    return msgspec.structs.replace(asked, filters=days)


def _owner_now(row: ExportSchedule) -> Principal | None:
    """Whose authority it runs by, as it is now; None when that is not enough any more."""
    membership = (
        Membership.objects.select_related("user")
        .filter(clinic_id=row.clinic_id, user_id=row.owner_id, ended_at__isnull=True, user__is_active=True)
        .first()
    )
    owner = principal_of_member(membership) if membership else None
    return owner if owner and may(owner, Act.SCHEDULE_EXPORT) and may(owner, Act.EXPORT) else None


def _stop(row: ExportSchedule, at: datetime) -> None:
    row.ended_at = at
    row.stopped = f"{row.made_by}, who set it up, may no longer export here. An admin can set up another."
    row.save(update_fields=["ended_at", "stopped"])
    system = Principal(clinic_id=row.clinic_id, role=Role.SYSTEM, name="Vigil")
    _audit(system, "stop-export-schedule", row, reason=row.stopped)


def to_leave(*, at: datetime) -> list[int]:
    """The runs whose file is made and is to be left in its store by now."""
    rows = ExportRun.objects.filter(next_try_at__lte=at, export__state=JobState.DONE)
    return list(rows.order_by("next_try_at").values_list("pk", flat=True))


def leave(run_id: int, *, at: datetime) -> None:
    """Leave a run's file in its store, unless another worker is at it; what fails is tried again later."""
    ours = ExportRun.objects.filter(pk=run_id, next_try_at__lte=at)
    if not ours.update(next_try_at=at + HELD_FOR, tries=F("tries") + 1):
        return
    run = ExportRun.objects.select_related("schedule__clinic", "export").get(pk=run_id)
    export = run.export
    assert export is not None, "only a run with a file waits for its store"  # noqa: S101
    owner = _owner_now(run.schedule)
    if owner is None:
        if run.schedule.ended_at is None:
            with transaction.atomic():
                _stop(run.schedule, at)
        _settle(run, trouble=f"Not left: {run.schedule.made_by} may no longer export here.")
    elif jobs.is_gone(export, at=at) or not export.file:
        _settle(run, trouble=f"Given up: its file expired. {run.trouble}"[:300])
    else:
        _leave(run, export, owner, at)


def _leave(run: ExportRun, export: Export, owner: Principal, at: datetime) -> None:
    name = name_of(run, export)
    try:
        with storages["exports"].open(export.file) as file:
            stores.leave(run.schedule.store, name, file)
    except Exception as error:
        log.exception("export %s was not left in %s", export.pk, run.schedule.store)
        waits = BACKOFF[run.tries - 1] if run.tries <= len(BACKOFF) else None
        _settle(run, trouble=_words(error), next_try_at=at + waits if waits else None)
        return
    with transaction.atomic():
        _settle(run, trouble="", stored_as=name, stored_at=at)
        told = {"store": run.schedule.store, "name": name, "export": str(export.pk), "sha256": export.sha256}
        _audit(owner, "leave-export", run.schedule, **told)


def _settle(run: ExportRun, *, next_try_at: datetime | None = None, **columns: object) -> None:
    ExportRun.objects.filter(pk=run.pk).update(next_try_at=next_try_at, **columns)


def _words(error: Exception) -> str:
    """Short, and without the paths of this machine."""
    words = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
    return f"{type(error).__name__}: {words}"[:300]


def name_of(run: ExportRun, export: Export) -> str:
    """A file's name in its store: clinic, schedule, days, form, and a part of the export's id."""
    schedule = run.schedule
    # the number too: two clinics of one installation may have one name
    folder = f"{slugify(schedule.clinic.name)[:60] or 'clinic'}-{schedule.clinic_id}"
    form, suffix = jobs.asked_of(schedule).form, export.file.rpartition(".")[2]
    words = [slugify(schedule.name) or "export", str(run.first), str(run.last), form, str(export.pk)[:8]]
    return f"{folder}/{'_'.join(words)}.{suffix}"
