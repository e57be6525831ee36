"""Due checks done on time: of the sets that the protocol asked for, those measured inside their windows.

Worked out anew from the plan of each session, as it is nowhere stored; so of the newest sessions only.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from reports.asked import Asked
from reports.figures.shown import SHOWN, rows, values
from sessions.protocol import StepState
from vitals.past_sets import past_sets

AT_MOST = 1000


@dataclass(frozen=True, slots=True)
class Checks:
    """Sets whose window was over before the session was; ``met`` inside it. In so many sessions."""

    sessions: int = 0
    met: int = 0
    due: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """All that was asked for. ``over`` sessions have ended; ``looked_at`` is at most ``AT_MOST`` of them."""

    asked: Asked
    over: int
    whole: Checks
    by_month: Mapping[date, Checks]
    by_step: Mapping[str, Checks]

    @property
    def looked_at(self) -> int:
        return min(self.over, AT_MOST)


_OVER = f"""
SELECT id, month, count(*) OVER () FROM ({SHOWN}) shown WHERE ended_at IS NOT NULL
ORDER BY checked_in_at DESC, id LIMIT %(at_most)s
"""  # noqa: S608  put together from constants


def figures(clinic_id: int, asked: Asked, *, at: datetime) -> Figures:
    """The sets of the clinic's newest sessions that were asked for and are over."""
    found = rows(_OVER, {**values(clinic_id, asked, at), "at_most": AT_MOST})
    months = {id_: month for id_, month, _ in found}
    sessions: dict[object, set[object]] = {}
    met: Counter[object] = Counter()
    due: Counter[object] = Counter()
    for one in past_sets(clinic_id, list(months)):
        if one.state not in {StepState.MET, StepState.MISSED}:
            continue
        for of in (None, months[one.session_id], one.label):
            sessions.setdefault(of, set()).add(one.session_id)
            due[of] += 1
            met[of] += one.state is StepState.MET

    def checks(of: object) -> Checks:
        return Checks(len(sessions.get(of, ())), met[of], due[of])

    return Figures(
        asked=asked,
        over=found[0][2] if found else 0,
        whole=checks(None),
        by_month={month: checks(month) for month in asked.months},
        by_step={label: checks(label) for label in due if isinstance(label, str)},
    )
