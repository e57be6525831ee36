"""Timeliness of the monitoring forms, as a page."""

from collections.abc import Sequence
from datetime import datetime

from reports import small_counts
from reports.asked import Asked
from reports.figures import forms as sums
from reports.figures.forms import Figures, Filed
from reports.small_counts import WITHHELD, Said
from screens.charts import by_month
from screens.figures.parts import (
    ALL,
    Headline,
    Page,
    Part,
    Row,
    month_words,
    nothing,
    numbered,
    series,
)
from sessions.monitoring_form.due import DUE_AFTER

DAYS = DUE_AFTER.days
KINDS = (("Filed in time", ""), ("Filed late", "hatched"), ("Not filed", "crossed"), ("Not due yet", ""))
DRAWN = 3


def page(clinic_id: int, asked: Asked, at: datetime) -> Page:
    found = sums.figures(clinic_id, asked, at=at)
    whole = found.whole
    if not whole.due + whole.open:
        return nothing(asked, "No nasal session with a dose ended")
    says = (
        f"Of {numbered(small_counts.count(whole.due), 'form')} whose deadline of {DAYS} days has passed or"
        f" that were filed, {_in_time(whole).words} were filed in time."
    )
    return Page(
        says,
        (
            Headline(_in_time(whole).words, f"filed within {DAYS} days of the session"),
            Headline(_days(whole.median_h, whole).words, "after the session, half of those filed"),
            Headline(small_counts.count(whole.missed).words, "not filed, and the deadline has passed"),
        ),
        (_by_month(found, says),),
    )


def _in_time(filed: Filed) -> Said:
    return small_counts.share(filed.in_time, filed.due, of="forms")


def _days(hours: float | None, filed: Filed) -> Said:
    days = None if hours is None else hours / 24
    return small_counts.measure(days, base=filed.filed, unit="days", places=1)


def _counts(filed: Filed) -> list[int]:
    return [filed.in_time, filed.late, filed.missed, filed.open]


def _by_month(found: Figures, says: str) -> Part:
    counts = small_counts.table([_counts(one) for one in found.by_month.values()])
    names = [month_words(month) for month in found.by_month]
    rows = [
        Row(name, _cells(one, told))
        for name, one, told in zip(names, found.by_month.values(), counts, strict=False)
    ]
    if len(rows) > 1:
        rows.append(Row(ALL, _cells(found.whole, counts[-1]), is_sum=True))
    drawn = [
        series(name, [told[place] for told in counts[:-1]], look)
        for place, (name, look) in enumerate(KINDS[:DRAWN])
        if any(_counts(one)[place] for one in found.by_month.values())
    ]
    return Part(
        key="months",
        title="Forms by month",
        says=says,
        figure=by_month.columns(names, drawn, unit="forms"),
        head=(
            "Month",
            *(name for name, _ in KINDS),
            "Forms",
            "In time",
            "Half filed after",
            "Nine tenths after",
        ),
        rows=tuple(rows),
        note="Nasal sessions with a dose, by the month of their check-in. The first filing counts, at the"
        f" time given for it. In time: within {DAYS} days of the session’s end, whatever clocks changed. The"
        " share is of those filed, and of those not filed whose deadline has passed.",
    )


def _cells(filed: Filed, counts: Sequence[Said]) -> tuple[Said, ...]:
    # beside counts that are hidden, a share of them would tell what they are
    share = Said(WITHHELD) if any(told.value is None for told in counts) else _in_time(filed)
    return (*counts, share, _days(filed.median_h, filed), _days(filed.p90_h, filed))
