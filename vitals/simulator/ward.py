"""The patients behind the monitors: which virtual session sits in which chair, and how far it is."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from vitals.simulator.board import Board, OpenSession
from vitals.simulator.config import HYPERTENSIVE_SCENE_SYSTOLIC, MonitorConfig, Scene
from vitals.simulator.physiology import Event, Patient, Session
from vitals.simulator.population import EVENTS, EventKind, Route

# Before the dose there is no minute zero, so the minutes of the hour stand far below it: the same after a
# restart, and away from events that begin shortly before a dose.
BEFORE_DOSE_MIN = -120.0


def minutes_at(moment: datetime, dose_started_at: datetime | None) -> float:
    """The moment on the session's own clock, minutes; below -60 before the dose."""
    if dose_started_at is None or moment < dose_started_at:
        return BEFORE_DOSE_MIN + (moment.timestamp() % 3600) / 60
    return (moment - dose_started_at).total_seconds() / 60


def seated(seed: int | str, session: UUID, route: Route, number: int = 1) -> Session:
    """The virtual session behind a real one: the same for the same seed and id, whoever asks."""
    rng = Random(f"{seed}:{session}")
    return Session.draw(Patient.draw(rng, route), rng, number=number)


class Ward:
    """The chairs as the newest board tells them. Given the same board, two wards hold the same patients."""

    def __init__(self, monitors: tuple[MonitorConfig, ...], started_at: datetime) -> None:
        """started_at: simulated time from which scripted scenes count."""
        self.started_at = started_at
        self._monitors: Mapping[str, MonitorConfig] = {monitor.chair: monitor for monitor in monitors}
        self._open: dict[str, OpenSession] = {}

    def learn(self, board: Board) -> None:
        """Take over a newer board."""
        self._open = board.by_chair()

    def open_session(self, chair: str) -> OpenSession | None:
        """Who sits in the chair now."""
        return self._open.get(chair)

    def patient_in(self, chair: str) -> Session | None:
        """The virtual session of the chair, scripted scenes included; the same at every call."""
        entry = self._open.get(chair)
        if entry is None:
            return None
        monitor = self._monitors.get(chair)
        if monitor is None:  # there is a patient all the same, whom the nurse measures by hand
            return seated(chair, entry.session, entry.route)
        session = seated(monitor.seed, entry.session, entry.route, monitor.session_number)
        for scene in monitor.script:
            session = session.with_scene(self._event(scene, session, entry.dose_started_at))
        return session

    def scene_starts(self, scene: Scene) -> datetime:
        """When a scripted scene begins, in simulated time."""
        return self.started_at + timedelta(seconds=scene.starts_in_s)

    def _event(self, scene: Scene, session: Session, dose_started_at: datetime | None) -> Event:
        starts_at_min = minutes_at(self.scene_starts(scene), dose_started_at)
        ramp_min = scene.ramp_s / 60
        return Event(
            kind=scene.kind,
            starts_at_min=starts_at_min,
            ends_at_min=starts_at_min + scene.lasts_s / 60,
            size=_scene_size(scene, session.systolic_at(starts_at_min + ramp_min)),
            vital=scene.vital,
            ramp_min=ramp_min,
        )


def _scene_size(scene: Scene, systolic: float) -> float:
    """See `config.Scene.size`; systolic is what this patient would have without the scene."""
    if scene.size is not None:
        return scene.size
    if scene.kind is EventKind.HYPERTENSIVE:
        return max(0.0, HYPERTENSIVE_SCENE_SYSTOLIC - systolic)
    low, high = EVENTS[scene.kind].size
    return (low + high) / 2
