"""Opening and closing the day: who looked, when, and what they found."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from clinic import audit
from clinic.access import Act, Principal, check
from clinic.models import Clinic
from clinic.refusals import Invalid, NotAllowed, NotFound
from sessions import day, day_queries
from sessions.day import OPENING, Answer, Kind, Point
from sessions.day_queries import DaySpan
from sessions.models import DayEntry

LONGEST_REASON = 300


def open_day(*, by: Principal, at: datetime, answers: Mapping[str, Mapping[str, Any]]) -> DayEntry:
    """Open the clinic's day, or open it anew: every opening stays, the newest counts.

    raises: AccessDenied; Invalid naming the answer at fault; NotFound for a person of another clinic.
    """
    check(by, Act.OPEN_DAY)
    fault = day.fault_in(answers)
    if fault is not None:
        raise Invalid(fault.words, field=fault.field)
    clinic = Clinic.objects.get(pk=by.clinic_id)
    span = day_queries.day_of(clinic, at)
    for question in OPENING:
        said = answers[question.code]
        if question.asks_who and said["answer"] == Answer.YES:
            _check_prescriber(clinic, span, question.code, str(said["who"]))
    with transaction.atomic():
        return _keep(by, span, Kind.OPEN, at, day.kept_answers(answers))


def close_day(*, by: Principal, at: datetime, points: Iterable[Point], reason: str) -> DayEntry:
    """Close the clinic's day. What is left open is kept with the reason; without a reason it is refused.

    points: all that is left open, from here and from above.
    raises: AccessDenied; NotAllowed when the day is not open, or when points are left and no reason is given.
    """
    check(by, Act.OPEN_DAY)
    clinic = Clinic.objects.get(pk=by.clinic_id)
    span = day_queries.day_of(clinic, at)
    state = day.day_state(day_queries.entries(by.clinic_id, span.day), points)
    if state.opened is None:
        raise NotAllowed("The day was not opened, so it cannot be closed.", missing=["the opening"])
    if state.closed is not None:
        closed_at = state.closed.at.astimezone(clinic.zone)
        raise NotAllowed(f"The day was closed at {closed_at:%H:%M} by {state.closed.by_name}.")
    left = [one for one in day.found(state.points) if one.points]
    reason = reason.strip()
    if left and not reason:
        words = ", ".join(one.words for one in left)
        raise NotAllowed(f"Left open: {words}. Say why the day closes with it.", field="reason")
    counts = {one.check.code: len(one.points) for one in left}
    with transaction.atomic():
        return _keep(by, span, Kind.CLOSE, at, {"left": counts, "reason": reason})


def _check_prescriber(clinic: Clinic, span: DaySpan, code: str, user_id: str) -> None:
    if any(str(user.pk) == user_id for user in day_queries.prescribers(clinic.pk, span.day)):
        return
    name = day_queries.member_name(clinic.pk, user_id)
    if name is None:
        raise NotFound
    raise Invalid(f"{name} holds no prescriber's credential that is in date.", field=f"items.{code}.who")


def _keep(by: Principal, span: DaySpan, kind: Kind, at: datetime, items: Mapping[str, Any]) -> DayEntry:
    row = DayEntry(
        clinic_id=by.clinic_id,
        day=span.day,
        kind=kind,
        items=dict(items),
        at=at,
        by_id=by.actor_id,
        by_name=by.name,
    )
    row.save(force_insert=True)
    audit.record(
        [
            audit.Entry(
                by=by,
                act=Act.OPEN_DAY,
                subject="day",
                subject_id=str(row.id),
                details={"day": span.day.isoformat(), "kind": kind, **_told(kind, items)},
            )
        ]
    )
    return row


def _told(kind: Kind, items: Mapping[str, Any]) -> dict[str, Any]:
    """What the audit says of it: codes and counts, no free text."""
    if kind is Kind.CLOSE:
        return {"left": items["left"]}
    return {"answers": {code: said["answer"] for code, said in items.items()}}
