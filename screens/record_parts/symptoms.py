"""The record page's part on what was seen and given: symptoms, medicines, serious adverse events."""

from dataclasses import dataclass
from datetime import datetime

from clinic.access import Act, Principal, may
from sessions import adverse_events, medicines, states, symptoms
from sessions import queries as treatments
from sessions.adverse_events import AdverseEvent
from sessions.medicines import Given
from sessions.models import Session
from sessions.services import wording
from sessions.states import State
from sessions.symptoms import Chip, Episode


@dataclass(frozen=True, slots=True)
class SymptomsPart:
    """What the part shows, and which chips it offers; none when the session does not take them now."""

    episodes: list[tuple[str, Episode]]
    none_at: list[datetime]
    medicines: list[Given]
    adverse_events: list[AdverseEvent]
    chips: tuple[Chip, ...]
    severities: tuple[str, ...]
    charts: bool


def part(row: Session, by: Principal, at: datetime) -> SymptomsPart:
    entries = treatments.entries(row.id)
    chips = wording.chips(row.clinic_id)
    found = symptoms.episodes(entries)
    running = {episode.code for episode in found if episode.is_open}
    return SymptomsPart(
        episodes=[(symptoms.words_of(episode.code, chips), episode) for episode in found],
        none_at=symptoms.none_charted_at(entries),
        medicines=medicines.given(entries),
        adverse_events=adverse_events.adverse_events(entries),
        chips=tuple(chip for chip in chips if chip.shown and chip.code not in running),
        severities=tuple(severity.value for severity in symptoms.Severity),
        charts=may(by, Act.SYMPTOM) and bool(states.rows_of("symptom", State(row.state))),
    )
