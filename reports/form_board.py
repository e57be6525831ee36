"""The forms of a clinic by deadline: to file, filed and changed since, still in the chair, filed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db.models import Exists, Max, OuterRef, Prefetch, Q, QuerySet

from reports import monitoring_form
from reports.monitoring_form import Form
from sessions.models import FormFiling, Session, SessionEvent
from sessions.monitoring_form import cells, filling
from sessions.protocol import Route
from sessions.states import PRESENT, State
from vitals import queries as readings

# filed forms are listed for this long; each session's own page shows its filings for good
FILED_SHOWN_FOR = timedelta(days=14)
AT_MOST = 200
# what is not charted, so that no entry tells of its change
UNCHARTED = frozenset({"patient", "clinic", "staff"})


class Standing(StrEnum):
    DUE = "due"
    DIFFERS = "differs"
    OPEN = "open"
    FILED = "filed"


@dataclass(frozen=True, slots=True)
class Line:
    """One session on the board. ``form``: None for one that was filed and did not change since."""

    session: Session
    standing: Standing
    form: Form | None
    filed: FormFiling | None


def board(clinic_id: int, *, at: datetime, standing: Standing | None = None) -> list[Line]:
    """The clinic's forms, the most pressing first."""
    rows = _rows(clinic_id, at)
    changed = _may_differ([row for row in rows if _newest(row) is not None])
    lines = [_line(row, at, changed) for row in rows]
    order = tuple(Standing)
    lines.sort(key=lambda line: (order.index(line.standing), line.session.ended_at or at))
    return [line for line in lines if standing is None or line.standing is standing]


def sessions_between(clinic_id: int, since: datetime, until: datetime) -> list[Session]:
    """The nasal sessions whose dose began in the span, by that time."""
    rows = _nasal(clinic_id).filter(dose_started_at__gte=since, dose_started_at__lt=until)
    return list(rows.exclude(state=State.CANCELLED).order_by("dose_started_at", "id"))


def lines_of(rows: Iterable[Session], *, at: datetime) -> Iterator[Line]:
    """Each of these sessions with its form filled, one at a time."""
    return (_filled(row, at) for row in rows)


def _nasal(clinic_id: int) -> QuerySet[Session]:
    """The clinic's nasal sessions with their filings, the newest of each first."""
    return (
        Session.objects.select_related("patient", "chair", "protocol", "nurse", "clinic")
        .prefetch_related(Prefetch("filings", FormFiling.objects.order_by("-recorded_at")))
        .filter(clinic_id=clinic_id, protocol__route=Route.NASAL)
    )


def _rows(clinic_id: int, at: datetime) -> list[Session]:
    """Nasal sessions that are under way, unfiled, or filed of late; newest first, at most so many."""
    filings = FormFiling.objects.filter(session=OuterRef("pk"))
    rows = (
        _nasal(clinic_id)
        .filter(
            Q(state__in=[state.value for state in PRESENT])
            | Q(ended_at__isnull=False, dose_started_at__isnull=False)
        )
        .filter(~Exists(filings) | Exists(filings.filter(recorded_at__gte=at - FILED_SHOWN_FOR)))
        .order_by("-scheduled_at", "id")
    )
    return list(rows[:AT_MOST])


def _newest(row: Session) -> FormFiling | None:
    """The newest filing, of those that were fetched with the row."""
    return next(iter(row.filings.all()), None)


def _line(row: Session, at: datetime, changed: set[UUID]) -> Line:
    filed = _newest(row)
    if filed is not None and row.id not in changed:
        return Line(row, Standing.FILED, None, filed)
    return _filled(row, at)


def _filled(row: Session, at: datetime) -> Line:
    filed, form = _newest(row), monitoring_form.form_of(row, at=at)
    if filed is not None:
        return Line(row, Standing.DIFFERS if form.differs else Standing.FILED, form, filed)
    return Line(row, Standing.OPEN if row.ended_at is None else Standing.DUE, form, None)


def _may_differ(filed: Sequence[Session]) -> set[UUID]:
    """Those of which something was charted after the filing, or whose uncharted cells read otherwise now.

    Only these are filled anew: the board's cost hangs on what changed, not on all that was filed.
    """
    ids = [row.id for row in filed]
    charted = SessionEvent.objects.filter(session_id__in=ids).values_list("session_id")
    entries = dict(charted.annotate(newest=Max("recorded_at")))
    received = readings.newest_received(ids)
    return {row.id for row in filed if _changed(row, [entries.get(row.id), received.get(row.id)])}


def _changed(row: Session, newest: Iterable[datetime | None]) -> bool:
    filing = _newest(row)
    if filing is None:
        return False
    if any(one is not None and one > filing.recorded_at for one in newest):
        return True
    version = monitoring_form.version_of(row, [filing])
    facts = monitoring_form.facts_of(row, (), (), earlier_session="")
    uncharted = [
        cell
        for cell in monitoring_form.cells_of(filing)
        if {origin.kind for origin in cell.origins} & UNCHARTED
    ]
    codes = {cell.code for cell in uncharted}
    now = [cell for cell in filling.fill(version, facts) if cell.code in codes]
    return bool(cells.differences(uncharted, now))
