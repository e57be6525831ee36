"""Reads for screens and API: frozen values, never lazy querysets. Each begins with the clinic."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import takewhile
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

from clinic import queries as ground
from clinic.models import Clinic, Device, User
from clinic.refusals import NotFound
from sessions import protocol
from sessions import queries as treatments
from sessions.models import Session
from sessions.protocol import Step, StepState
from vitals.judging import late_names
from vitals.models import Finding, Flag, Quarantine, Watch
from vitals.pairing import doubts_of_moment
from vitals.panel import Panel, decode
from vitals.services.plans import plan_of
from vitals.vital import FIELDS, tidy


@dataclass(frozen=True, slots=True)
class ReadingView:
    """One version of one reading as lists and charts show it.

    values:   field → value; a doubtful or missing one is absent.
    doubtful: field → reason, with the value as received in it.
    """

    id: UUID
    measured_at: datetime
    received_at: datetime
    values: Mapping[str, int | float]
    late_fields: tuple[str, ...]
    doubtful: Mapping[str, str]
    absent: Mapping[str, str]
    version: int
    supersedes: UUID | None
    superseded_by: UUID | None
    recorded_by: str
    source: str
    reason: str

    @property
    def systolic(self) -> float | None:
        return self.values.get("systolic")

    @property
    def diastolic(self) -> float | None:
        return self.values.get("diastolic")

    @property
    def mean(self) -> float | None:
        return self.values.get("mean")

    @property
    def late(self) -> bool:
        return bool(self.late_fields)


_READINGS = f"""
SELECT id, measured_at, received_at, late_fields, doubtful, absent, version, supersedes,
       device_id, user_id, reason, {", ".join(f"{name}::float8" for name in FIELDS)}
FROM vitals_reading WHERE session_id = %(session)s
"""  # noqa: S608  the column names are constants


def readings(
    session_id: UUID,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    after: tuple[datetime, UUID] | None = None,
    at_most: int | None = None,
) -> list[ReadingView]:
    """Readings of a session by time, every version, halves of one pressure judged together.

    The caller has checked that the session is of the clinic.
    since, until: inclusive bounds on measured_at; after: the last row of the page before.
    """
    sql = _READINGS
    if since is not None:
        sql += " AND measured_at >= %(since)s"
    if until is not None:
        sql += " AND measured_at <= %(until)s"
    if after is not None:
        sql += " AND (measured_at, id) > (%(after_at)s, %(after_id)s)"
    sql += " ORDER BY measured_at, id"
    if at_most is not None:
        sql += " LIMIT %(at_most)s"
    with connection.cursor() as cursor:
        cursor.execute(
            sql,
            {
                "session": session_id,
                "since": since,
                "until": until,
                "after_at": after[0] if after else None,
                "after_id": after[1] if after else None,
                "at_most": at_most,
            },
        )
        rows = cursor.fetchall()
        cursor.execute(
            "SELECT supersedes, id FROM vitals_reading WHERE session_id = %s AND supersedes IS NOT NULL",
            [session_id],
        )
        superseded: dict[UUID, UUID] = dict(cursor.fetchall())
    names = _names(rows)
    return _doubt_halves([_view(row, superseded, names) for row in rows])


def _names(rows: Sequence[tuple[Any, ...]]) -> dict[UUID, str]:
    """Who recorded these rows, by device or user id."""
    devices = {row[8] for row in rows if row[8]}
    users = {row[9] for row in rows if row[9]}
    names: dict[UUID, str] = dict(Device.objects.filter(pk__in=devices).values_list("pk", "name"))
    names |= {user.pk: user.shown_name() for user in User.objects.filter(pk__in=users)}
    return names


def _view(row: tuple[Any, ...], superseded: Mapping[UUID, UUID], names: Mapping[UUID, str]) -> ReadingView:
    id_, measured_at, received_at, late, doubtful, absent, version, supersedes = row[:8]
    device, user, reason = row[8:11]
    return ReadingView(
        id=id_,
        measured_at=measured_at,
        received_at=received_at,
        values={n: tidy(v) for n, v in zip(FIELDS, row[11:], strict=True) if v is not None},
        late_fields=tuple(late_names(late)),
        doubtful={name: why for name, (_, why) in _json(doubtful).items()},
        absent=_json(absent),
        version=version,
        supersedes=supersedes,
        superseded_by=superseded.get(id_),
        recorded_by=names.get(device or user, ""),
        source="device" if device else "staff",
        reason=reason,
    )


def _json(value: Any) -> dict[str, Any]:
    """A jsonb column read through a plain cursor: Django leaves it as text."""
    if isinstance(value, str):
        decoded: dict[str, Any] = msgspec.json.decode(value)
        return decoded
    return value or {}


def _doubt_halves(views: Sequence[ReadingView]) -> list[ReadingView]:
    """Mark parts of one pressure that contradict each other, whichever of them came first."""
    by_moment: dict[datetime, list[ReadingView]] = defaultdict(list)
    for view in views:
        if view.superseded_by is None:
            by_moment[view.measured_at].append(view)
    marked: dict[UUID, ReadingView] = {}
    for rows in by_moment.values():
        if len(rows) == 1:
            continue
        for row, doubts in doubts_of_moment(rows):
            if doubts:
                marked[row.id] = _doubted(row, doubts)
    return [marked.get(view.id, view) for view in views]


def _doubted(view: ReadingView, doubts: Mapping[str, str]) -> ReadingView:
    kept = {name: value for name, value in view.values.items() if name not in doubts}
    return replace(view, values=kept, doubtful={**view.doubtful, **doubts})


def reading(clinic_id: int, reading_id: UUID) -> ReadingView:
    """One version of one reading of the clinic. raises: NotFound."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT session_id, measured_at FROM vitals_reading WHERE clinic_id = %s AND id = %s",
            [clinic_id, reading_id],
        )
        row = cursor.fetchone()
    if row is None:
        raise NotFound
    session_id, measured_at = row
    moment = readings(session_id, since=measured_at, until=measured_at)
    return next(view for view in moment if view.id == reading_id)


# --- flags


@dataclass(frozen=True, slots=True)
class FlagView:
    """A flag with its findings, as lists show it."""

    flag: Flag
    findings: tuple[Finding, ...] = ()


def flags(
    clinic_id: int,
    *,
    session_id: UUID | None = None,
    state: str | None = None,
    before: tuple[datetime, UUID] | None = None,
    at_most: int = 200,
) -> list[FlagView]:
    """The clinic's flags, newest first. ``before`` is the last row of the page before."""
    rows = Flag.objects.filter(clinic_id=clinic_id)
    if session_id is not None:
        treatments.require_session(clinic_id, session_id)
        rows = rows.filter(session_id=session_id)
    if state is not None:
        rows = rows.filter(state=state)
    if before is not None:
        at, id_ = before
        rows = rows.filter(opened_at__lte=at).exclude(opened_at=at, id__gte=id_)
    page = list(rows.order_by("-opened_at", "-id")[:at_most])
    found: dict[UUID, list[Finding]] = defaultdict(list)
    for finding in Finding.objects.filter(flag__in=page).order_by("measured_at"):
        found[finding.flag_id].append(finding)
    return [FlagView(flag, tuple(found[flag.id])) for flag in page]


def flag(clinic_id: int, flag_id: UUID) -> FlagView:
    """One flag of the clinic with its findings. raises: NotFound."""
    row = Flag.objects.filter(clinic_id=clinic_id, pk=flag_id).first()
    if row is None:
        raise NotFound
    return FlagView(row, tuple(Finding.objects.filter(flag=row).order_by("measured_at")))


@dataclass(frozen=True, slots=True)
class UndrawnFlag:
    """An open flag that no board had drawn in time. ``chair`` is empty for a session without one."""

    flag: Flag
    chair: str


def undrawn_flags(clinic_id: int) -> list[UndrawnFlag]:
    """The clinic's flags that every screen shows because no board did, the oldest first."""
    rows = Flag.objects.filter(clinic_id=clinic_id, undrawn=True, resolved_at__isnull=True)
    return [
        UndrawnFlag(row, row.session.chair.name if row.session.chair else "")
        for row in rows.select_related("session__chair").order_by("opened_at")
    ]


# --- the board


@dataclass(frozen=True, slots=True)
class BoardView:
    """What a board shows. ``panels`` are the watch rows' own JSON texts, untouched."""

    clinic: Clinic
    chairs: Sequence[tuple[UUID, str]]
    panels: Sequence[str]
    limit_set_ids: Sequence[int] = field(default=())


def board(clinic_id: int) -> BoardView:
    """The clinic's open sessions from their watch rows alone: the cost does not grow with history."""
    rows = list(Watch.objects.filter(clinic_id=clinic_id, is_open=True).values_list("panel", "limit_set_id"))
    return BoardView(
        clinic=Clinic.objects.get(pk=clinic_id),
        chairs=[(chair.id, chair.name) for chair in ground.chairs(clinic_id)],
        panels=[panel for panel, _ in rows],
        limit_set_ids=sorted({limit_set_id for _, limit_set_id in rows}),
    )


def only(view: BoardView, watch: Watch | None) -> BoardView:
    """The board reduced to one session, for its own stream."""
    if watch is None:
        return replace(view, panels=(), limit_set_ids=())
    return replace(view, panels=(watch.panel,), limit_set_ids=(watch.limit_set_id,))


# --- one session


@dataclass(frozen=True, slots=True)
class StepView:
    step: Step
    state: StepState


def panel_of(session: Session) -> tuple[Panel, Watch] | None:
    """The session's panel and its watch row; None before check-in."""
    watch = Watch.objects.filter(pk=session.id).first()
    return (decode(watch.panel), watch) if watch else None


def steps(session: Session, panel: Panel, views: Iterable[ReadingView], at: datetime) -> list[StepView]:
    """The plan up to now and the next two sets, each with how it stands; late values count too."""
    measured: dict[str, list[datetime]] = defaultdict(list)
    for view in views:
        if view.superseded_by is None:
            for name in (*view.values, *view.absent):
                measured[name].append(view.measured_at)
    ends_at = session.ended_at
    shown: list[StepView] = []
    ahead = 0
    for step in steps_until(session.protocol_id, panel, ends_at):
        state = protocol.state_of(step, measured, ends_at or at)
        if state is StepState.WAITING:
            ahead += 1
            if ahead > 2:
                break
        shown.append(StepView(step, state))
    return shown


def steps_until(protocol_id: int, panel: Panel, ends_at: datetime | None) -> Iterator[Step]:
    """The session's plan up to its end; all of it while it has none."""
    plan = plan_of(protocol_id, panel)
    return takewhile(lambda step: ends_at is None or step.due_at <= ends_at, plan)


def quarantined(clinic_id: int, *, at_most: int = 200) -> list[Quarantine]:
    """What could not be taken, newest first."""
    return list(
        Quarantine.objects.select_related("device").filter(clinic_id=clinic_id).order_by("-id")[:at_most]
    )


def newest_received(session_ids: Iterable[UUID]) -> dict[UUID, datetime]:
    """When the newest reading of each of these sessions was received; those without readings are left out.

    The caller has checked that the sessions are of the clinic.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT session_id, max(received_at) FROM vitals_reading"
            " WHERE session_id = ANY(%s) GROUP BY session_id",
            [list(session_ids)],
        )
        return dict(cursor.fetchall())
