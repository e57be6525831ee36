"""The figures a second way: row by row in Python, with the code that judges one session at a time."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from statistics import fmean
from typing import Any

from clinic.models import Clinic
from reports.asked import Asked
from sessions import queries as treatments
from sessions.models import DayEntry, FollowUpAnswer, FormFiling, Occupancy, Session
from tests.flag_stage import between
from vitals import queries
from vitals.baseline import baseline_of

KINDS = {"24h": (1, 3), "day-3": (3, 5), "day-7": (7, 9)}  # days: due, and until when its link lives


def asked_for(clinic: Clinic, asked: Asked) -> list[Session]:
    """The clinic's sessions checked in inside the months, narrowed as asked."""
    rows = Session.objects.select_related("protocol", "course").filter(clinic=clinic)
    return [
        row
        for row in rows
        if row.checked_in_at
        and asked.since <= row.checked_in_at < asked.until
        and asked.route in ("", row.protocol.route)
        and asked.protocol in ("", row.protocol.code)
        and asked.indication in ("", row.course.indication)
    ]


def day_of(row: Session, asked: Asked) -> date:
    assert row.checked_in_at
    return row.checked_in_at.astimezone(asked.zone).date()


def use(clinic: Clinic, asked: Asked, at: datetime) -> dict[date, tuple[int, int, float, float]]:
    """Per day that was open: IV and nasal sessions, hours sat, hours open times chairs."""
    everybody = asked_for(clinic, Asked(asked.first, asked.last, asked.zone))
    shown = {row.pk for row in asked_for(clinic, asked)}
    chairs = clinic.chairs.count()
    by_day: dict[date, list[Session]] = defaultdict(list)
    for row in everybody:
        by_day[day_of(row, asked)].append(row)
    said: dict[date, list[DayEntry]] = defaultdict(list)
    for entry in DayEntry.objects.filter(clinic=clinic).order_by("at"):
        if asked.since.date() <= entry.day < asked.until.date():
            said[entry.day].append(entry)
    hours: dict[date, float] = {}
    for day, entries in said.items():
        if entries[-1].kind == "close" and entries[0].kind == "open":
            hours[day] = (entries[-1].at - entries[0].at) / timedelta(hours=1)
    for day, rows in by_day.items():
        first = min(row.checked_in_at for row in rows if row.checked_in_at)
        last = max(row.ended_at or at for row in rows)
        hours.setdefault(day, (last - first) / timedelta(hours=1))
    found = {}
    for day, open_h in hours.items():
        mine = [row for row in by_day[day] if row.pk in shown]
        seats = Occupancy.objects.filter(session__in=mine)
        used_h = sum(((seat.to_at or at) - seat.from_at) / timedelta(hours=1) for seat in seats)
        routes = [row.protocol.route for row in mine]
        found[day] = (routes.count("iv"), routes.count("nasal"), used_h, open_h * chairs)
    return found


def minutes(
    rows: Iterable[Session], since: str, until: str, *, released: bool
) -> tuple[int, list[float | None]]:
    """How many sessions have both ends, and a tenth, half and nine tenths of their minutes."""
    taken = sorted(
        (getattr(row, until) - getattr(row, since)) / timedelta(minutes=1)
        for row in rows
        if getattr(row, since) and getattr(row, until) and (not released or row.state == "released")
    )
    return len(taken), [between(taken, part) for part in (0.1, 0.5, 0.9)]


def pressure(rows: Iterable[Session]) -> dict[tuple[str, int], list[float]]:
    """Per route and ten minutes, every session's mean change of systolic pressure from its baseline."""
    found: dict[tuple[str, int], list[float]] = defaultdict(list)
    for row in rows:
        if row.dose_started_at is None:
            continue
        moments = [
            (view.measured_at, view.values) for view in queries.readings(row.pk) if view.superseded_by is None
        ]
        baseline = baseline_of(moments, row.dose_started_at)
        if baseline is None or baseline.systolic is None:
            continue
        by_moment: dict[datetime, list[float]] = defaultdict(list)
        for moment, values in moments:
            if "systolic" in values and moment > row.dose_started_at:
                by_moment[moment].append(values["systolic"])
        steps: dict[int, list[float]] = defaultdict(list)
        for moment, systolics in by_moment.items():
            after = (moment - row.dose_started_at) / timedelta(minutes=1)
            if after < 125:
                steps[int(after / 10 + 0.5) * 10].append(fmean(systolics) - baseline.systolic)
        for step, changes in steps.items():
            found[row.protocol.route, step].append(fmean(changes))
    return found


def numbers(clinic: Clinic) -> dict[Any, int]:
    """Session → its number among the doses of its course."""
    by_course: dict[Any, list[Session]] = defaultdict(list)
    for row in Session.objects.filter(clinic=clinic, dose_started_at__isnull=False):
        by_course[row.course_id].append(row)
    return {
        row.pk: number
        for rows in by_course.values()
        for number, row in enumerate(sorted(rows, key=lambda one: (one.dose_started_at, one.pk)), start=1)
    }


def symptoms_of(row: Session) -> set[str]:
    entries = treatments.entries(row.pk)
    return {entry.details["code"] for entry in entries if entry.kind == "symptom"} - {"none"}


def forms(rows: Iterable[Session], at: datetime) -> dict[str, int]:
    """How the forms of these sessions came out."""
    found = dict.fromkeys(("in_time", "late", "missed", "open"), 0)
    for row in rows:
        if row.protocol.route != "nasal" or row.dose_started_at is None or row.ended_at is None:
            continue
        filed = sorted(FormFiling.objects.filter(session=row).values_list("filed_at", flat=True))
        due_at = row.ended_at + timedelta(days=7)
        if filed:
            found["in_time" if filed[0] <= due_at else "late"] += 1
        else:
            found["missed" if due_at <= at else "open"] += 1
    return found


def points(clinic: Clinic, asked: Asked) -> dict[tuple[str, str], list[tuple[float, float | None]]]:
    """Per scale and point, every course's total with its change from before the dose."""
    shown = {row.pk for row in asked_for(clinic, asked)}
    found: dict[tuple[str, str], list[tuple[float, float | None]]] = defaultdict(list)
    counted = numbers(clinic)
    for first in Session.objects.filter(clinic=clinic, dose_started_at__isnull=False):
        if counted[first.pk] != 1 or first.pk not in shown:
            continue
        assert first.dose_started_at
        taken = sorted(
            (entry.at, entry.details["scale"], entry.details["total"])
            for row in Session.objects.filter(course=first.course_id)
            for entry in treatments.entries(row.pk)
            if entry.kind == "scale" and entry.details["total"] is not None
        )
        told: dict[tuple[str, str], float] = {}
        for at, scale, total in taken:
            if at <= first.dose_started_at:
                told[scale, "before"] = total
        for kind, (due, until) in KINDS.items():
            for at, scale, total in taken:
                if first.ended_at and timedelta(days=due) <= at - first.ended_at < timedelta(days=until):
                    told.setdefault((scale, kind), total)
            for answer in FollowUpAnswer.objects.filter(follow_up__session=first, follow_up__kind=kind):
                if "mood" in answer.answers:
                    told["home:mood", kind] = answer.answers["mood"]
        for (scale, kind), total in told.items():
            before = told.get((scale, "before"))
            found[scale, kind].append((total, None if before is None or kind == "before" else total - before))
    return found
