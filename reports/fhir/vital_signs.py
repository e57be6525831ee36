"""Observations of readings: one for a pressure with both halves, one for each other vital. Pure.

A correction is a further version of the same resource: the id is of the reading as it first came. What could
not be has no value but a reason, and the value as it was received in a note.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

import msgspec

from reports.fhir import codes
from reports.fhir.around import ENTERED_IN_ERROR, Around, provenance
from reports.fhir.values import Json, Row, Told, instant, key, note, quantity, resource
from vitals.pairing import doubts_of_moment, pair_halves
from vitals.vital import ABOUT, Vital, shown

PRESSURE = (Vital.SYSTOLIC, Vital.DIASTOLIC)
SUFFIX = {
    Vital.SYSTOLIC: "bp",
    Vital.DIASTOLIC: "bp",
    Vital.MEAN: "map",
    Vital.HEART_RATE: "hr",
    Vital.RESPIRATORY_RATE: "rr",
    Vital.SPO2: "spo2",
    Vital.TEMPERATURE: "temp",
    Vital.ETCO2: "etco2",
    Vital.SEDATION: "moaa-s",
}
# what one Observation is of
KINDS: tuple[tuple[Vital, ...], ...] = (PRESSURE, *((vital,) for vital in Vital if vital not in PRESSURE))


@dataclass(frozen=True, slots=True)
class Part:
    """What one version of a reading says of one vital: a value, or why there is none.

    doubt:  (value as received, why it cannot be).
    absent: why it was not measured; empty where a limited export leaves the words out.
    """

    value: float | None = None
    doubt: tuple[float, str] | None = None
    absent: str | None = None


Parts = Mapping[Vital, Part]


@dataclass(slots=True)
class Elsewhere:
    """Reading → the reading whose id its Observation bears, where that is another."""

    pressure: dict[UUID, UUID]
    other: dict[UUID, UUID]

    def id_of(self, reading_id: UUID, vital: str) -> str:
        """The id of the Observation that holds this vital of this reading."""
        known = self.pressure if vital in PRESSURE else self.other
        return f"{known.get(reading_id, reading_id)}-{SUFFIX[Vital(vital)]}"


def resources(rows: Iterable[Row], around: Around, elsewhere: Elsewhere) -> Iterator[Told]:
    """The Observations of a session's readings, moment by moment.

    rows:      of ``readings``, every version, by time.
    elsewhere: is filled on the way.
    """
    for _, moment in groupby(rows, key=lambda row: row["measured_at"]):
        yield from _of_moment(list(moment), around, elsewhere)


def _of_moment(rows: Sequence[Row], around: Around, elsewhere: Elsewhere) -> Iterator[Told]:
    chains = _chains(rows)
    for chain in chains:
        for row in chain[1:]:
            elsewhere.pressure[row["reading_id"]] = chain[0]["reading_id"]
            elsewhere.other[row["reading_id"]] = chain[0]["reading_id"]
    pairs, doubts = _pairs(chains) if len(chains) > 1 else ([], {})
    paired = set()
    for upper, lower in pairs:
        paired |= {upper, lower}
        for row in chains[lower]:
            elsewhere.pressure[row["reading_id"]] = chains[upper][0]["reading_id"]
        yield from _told([chains[upper], chains[lower]], PRESSURE, around, doubts)
    for number, chain in enumerate(chains):
        for kind in KINDS:
            if kind is not PRESSURE or number not in paired:
                yield from _told([chain], kind, around, doubts)


def _chains(rows: Sequence[Row]) -> list[list[Row]]:
    """The versions of each reading of one moment, first to newest."""
    after = {row["supersedes"]: row for row in rows if row["supersedes"] is not None}
    chains = []
    for row in rows:
        if row["supersedes"] is None:
            chain = [row]
            while (later := after.get(chain[-1]["reading_id"])) is not None:
                chain.append(later)
            chains.append(chain)
    return chains


@dataclass(frozen=True, slots=True)
class _Newest:
    """The newest version of a reading as the pairing sees it.

    id: its place among the rows of its moment, which are in order of the record's own keys: a limited export
    has others, and pairs the same halves.
    """

    id: UUID
    systolic: float | None
    diastolic: float | None
    mean: float | None


def _pairs(chains: Sequence[Sequence[Row]]) -> tuple[list[tuple[int, int]], dict[UUID, Mapping[str, str]]]:
    """Halves of one pressure by their chains' places; and by reading, what contradicts the other parts."""
    newest = [
        _Newest(UUID(int=place), chain[-1]["systolic"], chain[-1]["diastolic"], chain[-1]["mean"])
        for place, chain in enumerate(chains)
    ]
    pairs = [(upper.id.int, lower.id.int) for upper, lower in pair_halves(newest)]
    doubts = {chains[one.id.int][-1]["reading_id"]: found for one, found in doubts_of_moment(newest)}
    return pairs, doubts


@dataclass(frozen=True, slots=True)
class _State:
    """What the record said of one Observation from one row on."""

    row: Row
    parts: Parts


def _told(
    chains: Sequence[Sequence[Row]],
    kind: tuple[Vital, ...],
    around: Around,
    doubts: Mapping[UUID, Mapping[str, str]],
) -> Iterator[Told]:
    """One Observation in all its versions, each further one with who corrected it and why."""
    states = _states(chains, kind)
    if not states:
        return
    last = states[-1]
    states[-1] = _State(last.row, _doubted(last.parts, [chain[-1] for chain in chains], doubts))
    for number, state in enumerate(states, start=1):
        made = _observation(chains, kind, state, number, around)
        yield Told(made, newest=number == len(states))
        if number > 1:
            row = state.row
            agent = around.parties.person(row.get("recorder_id"), row.get("recorded_by"))
            yield Told(provenance(made, number - 1, row["received_at"], agent, row.get("reason")))


def _states(chains: Sequence[Sequence[Row]], kind: tuple[Vital, ...]) -> list[_State]:
    """What was said of it first, and after each correction that changed it; none when nothing ever was."""
    now = [chain[0] for chain in chains]
    states = [_State(now[0], _merged(now, kind))]
    corrections = [
        (row["received_at"], place, row) for place, chain in enumerate(chains) for row in chain[1:]
    ]
    for _, place, row in sorted(corrections, key=lambda one: one[:2]):
        now[place] = row
        said = _merged(now, kind)
        if said != states[-1].parts:
            states.append(_State(row, said))
    return states if states[0].parts else states[1:]


def _merged(rows: Sequence[Row], kind: tuple[Vital, ...]) -> dict[Vital, Part]:
    return {vital: part for vital in kind for row in rows if (part := part_of(row, vital)) is not None}


def part_of(row: Row, vital: Vital) -> Part | None:
    """What a row says of a vital; None when it says nothing."""
    if row[vital] is not None:
        return Part(value=row[vital])
    if row["doubtful"] is not None:
        received: tuple[float, str] | None = msgspec.json.decode(row["doubtful"]).get(vital)
        if received is not None:
            return Part(doubt=(received[0], received[1]))
    if row["absent_values"] is not None and vital in row["absent_values"].split():
        return Part(absent=msgspec.json.decode(row.get("absent") or "{}").get(vital, ""))
    return None


def _doubted(parts: Parts, rows: Sequence[Row], doubts: Mapping[UUID, Mapping[str, str]]) -> Parts:
    """The parts, those that contradict another reading of the moment in doubt."""
    found = {vital: why for row in rows for vital, why in doubts.get(row["reading_id"], {}).items()}
    return {
        vital: Part(doubt=(part.value, found[vital])) if part.value is not None and vital in found else part
        for vital, part in parts.items()
    }


def _observation(
    chains: Sequence[Sequence[Row]],
    kind: tuple[Vital, ...],
    state: _State,
    number: int,
    around: Around,
) -> Json:
    row, first = state.row, chains[0][0]
    by = around.parties.device if row["source"] == "device" else around.parties.person
    recorder = by(row.get("recorder_id"), row.get("recorded_by"))
    measured_at: datetime = row["measured_at"]
    return resource(
        "Observation",
        f"{first['reading_id']}-{SUFFIX[kind[0]]}",
        at=row["received_at"],
        version=number,
        meta=_profile(kind),
        identifier=[one for chain in chains for one in key(chain[-1]["reading_id"])],
        partOf=[around.procedure],
        status=_status(state, number),
        category=codes.SURVEY if kind == (Vital.SEDATION,) else codes.VITAL_SIGNS,
        subject=around.patient,
        encounter=around.encounter,
        effectiveDateTime=instant(measured_at),
        issued=instant(row["received_at"]),
        performer=[recorder] if recorder and row["source"] == "staff" else [],
        device=recorder if row["source"] == "device" else None,
        note=[one for vital in kind for one in _received(vital, state.parts.get(vital))],
        **_pressure(state.parts) if kind is PRESSURE else _single(kind[0], state.parts.get(kind[0])),
    )


def _profile(kind: tuple[Vital, ...]) -> Json:
    if kind is PRESSURE:
        return {"profile": [f"{codes.PROFILES}bp"]}
    if kind == (Vital.SEDATION,):
        return {}
    return {"profile": [f"{codes.PROFILES}{codes.PROFILE_OF.get(kind[0], 'vitalsigns')}"]}


def _status(state: _State, number: int) -> str:
    """A value that was taken away by a correction was entered in error."""
    if not state.parts:
        return ENTERED_IN_ERROR
    return "final" if number == 1 else "corrected"


def _pressure(parts: Parts) -> dict[str, Any]:
    components = [
        {"code": codes.VITAL_CODES[vital], **_value(vital, parts.get(vital), bool(parts))}
        for vital in PRESSURE
    ]
    return {"code": codes.BLOOD_PRESSURE, "component": components}


def _single(vital: Vital, part: Part | None) -> dict[str, Any]:
    return {"code": codes.VITAL_CODES[vital], **_value(vital, part, part is not None)}


def _value(vital: Vital, part: Part | None, stands: bool) -> dict[str, Any]:
    """The value, or why there is none. stands: False for what was taken back as a whole."""
    if part is None:
        reason = codes.why_absent("unknown") if stands else codes.why_absent("error", "Taken back")
    elif part.value is not None:
        about = ABOUT[vital]
        return {"valueQuantity": quantity(part.value, about.ucum, about.shown_unit)}
    elif part.doubt is not None:
        reason = codes.why_absent("error", part.doubt[1])
    else:
        reason = codes.why_absent("not-performed", part.absent)
    return {"dataAbsentReason": reason}


def _received(vital: Vital, part: Part | None) -> list[Json]:
    if part is None or part.doubt is None:
        return []
    about = ABOUT[vital]
    return note(f"{about.label} as received: {shown(part.doubt[0])} {about.shown_unit}")
