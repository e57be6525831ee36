"""The down-time sheet: what a nurse needs to go on by hand with each open session for two hours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sessions.models import Session
from sessions.protocol import Step
from vitals.models import Watch
from vitals.panel import Panel, decode
from vitals.services import acts
from vitals.services.plans import plan_of
from vitals.vital import ABOUT, Vital, shown

AHEAD = timedelta(hours=2)
# lines to write on: at least, and as many as half a page of A4 across holds at the height of a hand's writing
ROWS, MOST_ROWS = 14, 17
# what is written by hand, in the order in which the cuff shows it
WRITTEN = (Vital.HEART_RATE, Vital.RESPIRATORY_RATE, Vital.SPO2, Vital.SEDATION)


@dataclass(frozen=True, slots=True)
class Value:
    """The newest value of a vital, as it stands on the sheet."""

    name: str
    words: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """One line to write on: a set that is due with the vitals it asks for, or an empty one."""

    due_at: datetime | None = None
    needs: frozenset[str] = frozenset()

    @property
    def cells(self) -> list[bool]:
        """Per box, whether it is to be written: BP, then the others in their order."""
        return [self.due_at is None or vital in self.needs for vital in (Vital.SYSTOLIC, *WRITTEN)]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One open session on paper."""

    session: Session
    panel: Panel
    values: Sequence[Value]
    lines: Sequence[Line]

    @property
    def state_words(self) -> str:
        return self.session.state.replace("_", " ")


def sheets_of(clinic_id: int, at: datetime) -> list[Sheet]:
    """A sheet for each open session of the clinic, by chair."""
    rows = Watch.objects.filter(clinic_id=clinic_id, is_open=True).select_related(
        "session__patient", "session__chair", "session__protocol", "session__nurse"
    )
    sheets = [_sheet(row, at) for row in rows]
    return sorted(sheets, key=lambda sheet: _place(sheet.session))


def _place(session: Session) -> tuple[int, str]:
    """Chairs in their order; who has none comes last."""
    return (session.chair.position if session.chair else 10_000, str(session.id))


def _sheet(row: Watch, at: datetime) -> Sheet:
    panel = decode(row.panel)
    steps = [step for step in plan_of(row.protocol_id, panel) if at < step.due_at <= at + AHEAD]
    now = acts.due_step(panel)
    if now is not None and now.due_at <= at:
        steps.insert(0, now)
    return Sheet(row.session, panel, values_of(panel), lines_of(steps))


def values_of(panel: Panel) -> list[Value]:
    """The newest values with their times; blood pressure is one of them."""
    found = []
    systolic, diastolic = panel.values.get(Vital.SYSTOLIC), panel.values.get(Vital.DIASTOLIC)
    if systolic is not None:
        lower = shown(diastolic.value) if diastolic is not None else "–"
        found.append(Value("BP", f"{shown(systolic.value)}/{lower} mmHg", systolic.at))
    for vital in WRITTEN:
        latest = panel.values.get(vital)
        if latest is not None:
            about = ABOUT[vital]
            found.append(Value(about.short, f"{shown(latest.value)} {about.shown_unit}".strip(), latest.at))
    return found


def lines_of(steps: Sequence[Step]) -> list[Line]:
    """The sets that are due, those of one moment on one line, then empty lines up to the sheet's end."""
    needs: dict[datetime, frozenset[str]] = {}
    for step in steps:
        needs[step.due_at] = needs.get(step.due_at, frozenset()) | frozenset(step.needs)
    lines = [Line(due_at, of) for due_at, of in sorted(needs.items())][:MOST_ROWS]
    return lines + [Line()] * (ROWS - len(lines))


def blanks_beside(sheets: int) -> int:
    """Empty sheets to add: one or two, so that the last page is full."""
    return 1 if sheets % 2 else 2
