"""Due checks on time, as a page: by step of the protocol, and by month."""

from datetime import datetime

from reports import small_counts
from reports.asked import Asked
from reports.figures import checks as sums
from reports.figures.checks import Checks, Figures
from reports.small_counts import Said
from screens.charts import by_month
from screens.figures.parts import (
    ALL,
    Headline,
    Page,
    Part,
    Row,
    bar_name,
    month_words,
    nothing,
    numbered,
    series,
)

OF = "sets"


def page(clinic_id: int, asked: Asked, at: datetime) -> Page:
    found = sums.figures(clinic_id, asked, at=at)
    if not found.whole.due:
        return nothing(asked, "No set of a session that is over was due")
    says = (
        f"Of {numbered(small_counts.count(found.whole.due), 'due set')} {_share(found.whole).words} were"
        f" measured inside their window, in {numbered(_sessions(found.whole), 'session')}.{_looked(found)}"
    )
    return Page(
        says,
        (
            Headline(_share(found.whole).words, "of due sets measured inside their window"),
            Headline(small_counts.count(found.whole.due).words, "sets were due"),
        ),
        (_by_step(found, says), _by_month(found)),
    )


def _looked(found: Figures) -> str:
    if found.looked_at == found.over:
        return ""
    return f" Looked at are the newest {found.looked_at} of {found.over} sessions that are over."


def _share(checks: Checks) -> Said:
    if small_counts.is_few(checks.sessions):
        return Said(f"under {small_counts.FEWEST} sessions")
    return small_counts.share(checks.met, checks.due, of=OF)


def _sessions(checks: Checks) -> Said:
    return small_counts.count(checks.sessions)


def _cells(checks: Checks) -> tuple[Said, ...]:
    sessions = _sessions(checks)
    if small_counts.is_few(checks.sessions):
        return sessions, sessions, sessions, _share(checks)
    met = small_counts.count_of(checks.met, checks.due)
    return sessions, small_counts.count(checks.due), met, _share(checks)


HEAD = ("Sessions", "Due", "Inside the window", "Share")


def _by_step(found: Figures, says: str) -> Part:
    steps = found.by_step
    return Part(
        key="steps",
        title="On time, by step of the protocol",
        says=says,
        figure=by_month.bars(
            [bar_name(label, _share(one)) for label, one in steps.items()],
            [_share(one).value for one in steps.values()],
            unit="% of due sets",
        ),
        head=("Step", *HEAD),
        rows=tuple(Row(label, _cells(one)) for label, one in steps.items()),
        note="A set is on time when each vital it needs was measured, or charted as “could not measure”,"
        " inside its window; a set put off has its window later. A window still open when the session ended"
        " counts for neither. Judged anew from each session’s own plan.",
    )


def _by_month(found: Figures) -> Part:
    names = [month_words(month) for month in found.by_month]
    rows = [Row(name, _cells(one)) for name, one in zip(names, found.by_month.values(), strict=True)]
    if len(rows) > 1:
        rows.append(Row(ALL, _cells(found.whole), is_sum=True))
    said = [_share(one) for one in found.by_month.values()]
    known = [one.value for one in said if one.value is not None]
    span = f"Between {min(known):g} and {max(known):g} % from month to month." if len(known) > 1 else ""
    return Part(
        key="months",
        title="On time, by month",
        says=span or "There is one month to tell, or none.",
        figure=by_month.columns(names, [series("On time", said)], unit="% of due sets"),
        head=("Month", *HEAD),
        rows=tuple(rows),
    )
