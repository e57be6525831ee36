"""The demo's charting nurse: when the board says that a set is due, measures it and charts it, as people do.

Only the demo has one, and only for the chairs named in its configuration.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import UUID, uuid5

import httpx

from vitals.simulator.board import OpenSession
from vitals.simulator.monitor import NAMESPACE
from vitals.simulator.physiology import Session
from vitals.simulator.ward import Ward, minutes_at

PATH = "/api/v1/readings/"
# All our design: most sets come within two minutes, one in twenty-five when it is overdue.
DELAY_S = (15.0, 110.0)
LATE_SHARE = 0.04
LATE_DELAY_S = (330.0, 480.0)
# A cuff gives both; the mean is the monitor's to say.
PRESSURES = frozenset({"systolic", "diastolic", "mean"})
CUFF_PAIR = ("systolic", "diastolic")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Charting:
    """One call of `POST /api/v1/readings/`."""

    due_at: datetime
    id: UUID
    session: UUID
    measured_at: datetime
    values: dict[str, float]

    def body(self) -> dict[str, object]:
        """As JSON takes it."""
        return {
            "id": str(self.id),
            "session": str(self.session),
            "measured_at": self.measured_at.isoformat(timespec="milliseconds"),
            **self.values,
        }


def charting(
    entry: OpenSession, patient: Session, *, on_duty_since: datetime, now: datetime
) -> Charting | None:
    """What the nurse charts at this moment, if anything.

    The delay, the id and the values follow from the session and the due time alone, so two nurses chart
    one set once. A set that fell due before `on_duty_since` is measured now.
    """
    due = entry.due
    if due is None:
        return None
    rng = Random(f"{entry.session}:{due.at.isoformat()}")
    late = rng.random() < LATE_SHARE
    acts_at = due.at + timedelta(seconds=rng.uniform(*(LATE_DELAY_S if late else DELAY_S)))
    acts_at = min(acts_at, max(due.at, due.closes_at - timedelta(seconds=5)))
    if now < acts_at:
        return None
    measured_at = now if acts_at < on_duty_since else acts_at
    minutes = minutes_at(measured_at, entry.dose_started_at)
    return Charting(
        due_at=due.at,
        id=uuid5(NAMESPACE, f"bedside/{entry.session}/{due.at.isoformat()}"),
        session=entry.session,
        measured_at=measured_at,
        values=_measured(patient, minutes, frozenset(due.missing)),
    )


def _measured(patient: Session, minutes: float, missing: frozenset[str]) -> dict[str, float]:
    """The sedation score, which only a person can give, and what else the set lacks."""
    wanted = missing - PRESSURES
    if missing & PRESSURES:
        wanted |= set(CUFF_PAIR)
    by_hand = patient.vitals_at(minutes, artefacts=False)
    return {
        **{name: value for name, value in by_hand.items() if name in wanted},
        "sedation": patient.sedation_at(minutes),
    }


class ChartingNurse:
    """Goes round the charted chairs; remembers what is done, so that each set is charted once."""

    def __init__(
        self, chairs: tuple[str, ...], ward: Ward, client: httpx.AsyncClient, now: Callable[[], datetime]
    ) -> None:
        """client: carries the base URL and a staff token."""
        self._chairs = chairs
        self._ward = ward
        self._client = client
        self._now = now
        self._done: dict[UUID, datetime] = {}  # session → due time of the last set charted

    async def go_round(self) -> None:
        """Chart what is due in every charted chair."""
        for chair in self._chairs:
            entry, patient = self._ward.open_session(chair), self._ward.patient_in(chair)
            if entry is None or patient is None:
                continue
            task = charting(entry, patient, on_duty_since=self._ward.started_at, now=self._now())
            if task is not None and self._done.get(task.session) != task.due_at:
                await self._chart(task)

    async def _chart(self, task: Charting) -> None:
        try:
            response = await self._client.post(PATH, json=task.body())
        except httpx.HTTPError as error:
            # the same id makes the next attempt harmless
            logger.warning("could not chart: %s", error or type(error).__name__)
            return
        if response.status_code in (201, 409):  # 409: charted before we were started
            self._done[task.session] = task.due_at
        elif response.status_code in (
            404,
            422,
        ):  # the session has left, or the set cannot be taken: not again
            self._done[task.session] = task.due_at
            logger.warning("set refused, %s: %s", response.status_code, response.text[:300])
        else:
            logger.warning("could not chart: answered %s", response.status_code)
