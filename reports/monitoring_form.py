"""The monitoring form of a session: gathered, filled, compared with what was filed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.utils.dateparse import parse_datetime

from clinic.models import Clinic, Patient, User
from clinic.refusals import NotAllowed
from sessions import queries as treatments
from sessions import record
from sessions.models import FormFiling, Session
from sessions.monitoring_form import cells, due, filling, pressures, shipped
from sessions.monitoring_form.cells import Cell, Difference, Origin
from sessions.monitoring_form.due import Due
from sessions.monitoring_form.facts import (
    AdverseEvent,
    DeviceGiven,
    Episode,
    FormFacts,
    Person,
    Pressure,
    Said,
    Scored,
    Setting,
)
from sessions.monitoring_form.fields import FormVersion, version_at
from sessions.monitoring_form.filling import Gap
from sessions.protocol import Anchor, ProtocolRules, Route
from sessions.record import Entry
from sessions.services.monitoring_form import ANSWER
from sessions.states import State
from vitals import queries as readings
from vitals.pairing import pair_halves
from vitals.queries import ReadingView

NO_FORM = "Only nasal sessions of outpatients have a monitoring form."


@dataclass(frozen=True, slots=True)
class Form:
    """One session's form as it stands: cells, gaps, deadline, what was filed and what changed since.

    as_of: when the newest thing it is filled from was charted.
    differs: cells that no longer hold what the newest filing held; empty when nothing was filed.
    """

    session: Session
    version: FormVersion
    facts: FormFacts
    cells: tuple[Cell, ...]
    gaps: tuple[Gap, ...]
    deviations: tuple[str, ...]
    filings: tuple[FormFiling, ...]
    differs: tuple[Difference, ...]
    due: Due | None
    as_of: datetime

    def cell(self, code: str) -> Cell:
        return next(cell for cell in self.cells if cell.code == code)

    @property
    def filed(self) -> FormFiling | None:
        """The newest filing."""
        return self.filings[0] if self.filings else None


def has_form(session: Session) -> bool:
    """Only nasal sessions have one. Vigil's clinics are outpatient settings; inpatients' have none."""
    return session.protocol.route == Route.NASAL and session.state != State.CANCELLED


def form_of(session: Session, *, at: datetime) -> Form:
    """The form as of now. raises: NotAllowed for a session that has none."""
    if not has_form(session):
        raise NotAllowed(NO_FORM, missing=["a nasal session that was not cancelled"])
    entries = treatments.entries(session.id)
    views = readings.readings(session.id)
    filings = tuple(session.filings.order_by("-recorded_at"))
    facts = facts_of(session, entries, views, earlier_session=_earlier_session(session))
    version = version_of(session, filings)
    filled = filling.fill(version, facts)
    return Form(
        session=session,
        version=version,
        facts=facts,
        cells=filled,
        gaps=filling.gaps(version, filled, facts, at),
        deviations=filling.deviations(facts),
        filings=filings,
        differs=cells.differences(cells_of(filings[0]), filled) if filings else (),
        due=due.due(session.ended_at, at, facts.zone) if session.ended_at and facts.started_at else None,
        as_of=_as_of(session, entries, views),
    )


def version_of(session: Session, filings: Sequence[FormFiling]) -> FormVersion:
    """The version in force on the session's day; once a copy was filed, that copy's for good."""
    for known in shipped.VERSIONS:
        if filings and known.code == filings[0].form_version:
            return known
    begun = session.dose_started_at or session.scheduled_at
    return version_at(shipped.VERSIONS, begun.astimezone(session.clinic.zone).date())


def _as_of(session: Session, entries: Iterable[Entry], views: Iterable[ReadingView]) -> datetime:
    charted = [entry.recorded_at for entry in entries] + [view.received_at for view in views]
    return max(charted, default=session.scheduled_at)


def cells_of(filing: FormFiling) -> tuple[Cell, ...]:
    """What a filing held, as cells again."""
    return tuple(
        Cell(
            row["code"],
            row["value"],
            row["words"],
            tuple(
                Origin(one["kind"], one["id"], parse_datetime(one["at"] or ""), one["words"])
                for one in row["origins"]
            ),
        )
        for row in filing.cells
    )


def facts_of(
    session: Session, entries: Sequence[Entry], views: Sequence[ReadingView], *, earlier_session: str
) -> FormFacts:
    """What is known of a session, as the form's pure rooms read it."""
    rules = treatments.rules_of(session.protocol_id)
    opens_min, closes_min = _window_of(rules)
    current = [view for view in views if view.superseded_by is None]
    return FormFacts(
        session=str(session.id),
        state=State(session.state),
        zone=session.clinic.zone,
        patient=_patient(session.patient),
        setting=_setting(session.clinic),
        provider=_provider(session.nurse),
        # the column, not an entry's own time: a corrected start moves all that hangs on it
        started_at=session.dose_started_at,
        ended_at=session.ended_at,
        window_ends_at=session.window_ends_at,
        outcome=session.outcome,
        outcome_reason=session.outcome_reason,
        device_mg=rules.dose.device_mg,
        total_min=rules.total_min,
        opens_min=opens_min,
        closes_min=closes_min,
        earlier_session=earlier_session,
        medicines=_medicines(entries),
        devices=_devices(entries),
        pressures=_pressures(current, _older(views)),
        saturations=_scores(current, "spo2"),
        sedations=_scores(current, "sedation"),
        episodes=_episodes(entries),
        adverse_events=_adverse_events(entries),
        answers=_answers(entries),
    )


def _window_of(rules: ProtocolRules) -> tuple[int, int]:
    """The protocol's window around the 40-minute set; without such a step, none but the minute itself."""
    forty = pressures.FORTY.total_seconds() / 60
    for step in rules.steps:
        if step.anchor is Anchor.DOSE_START and step.first_min == forty and step.every_min is None:
            return step.opens_min, step.closes_min
    return 0, 0


def _patient(row: Patient) -> Person:
    return Person(
        id=str(row.id),
        given_name=row.given_name,
        family_name=row.family_name,
        middle_initial=row.middle_initial,
        birth_date=row.birth_date,
        sex=row.sex,
        rems_enrolled_on=row.rems_enrolled_on,
    )


def _provider(row: User | None) -> Person | None:
    if row is None:
        return None
    return Person(str(row.id), row.first_name, row.last_name, phone=row.phone, email=row.email)


def _setting(row: Clinic) -> Setting:
    return Setting(str(row.pk), row.name, row.address_1, row.address_2, row.city, row.state, row.zip_code)


def _earlier_session(session: Session) -> str:
    """An earlier nasal session of this patient in which a device was used; "" when there is none."""
    if session.dose_started_at is None:
        return ""
    found = (
        Session.objects.filter(
            clinic_id=session.clinic_id,
            patient_id=session.patient_id,
            protocol__route=Route.NASAL,
            dose_started_at__lt=session.dose_started_at,
        )
        .order_by("-dose_started_at")
        .values_list("id", flat=True)
        .first()
    )
    return str(found) if found else ""


def _medicines(entries: Iterable[Entry]) -> dict[str, Said]:
    """The newest answer to each item of the pre-dose checklist."""
    answers: dict[str, Said] = {}
    for entry in record.of_kind(entries, "gate"):
        for code, value in entry.details.get("answers", {}).items():
            answers[code] = Said(str(value), str(entry.entry), entry.at, entry.by_name)
    return answers


def _devices(entries: Iterable[Entry]) -> tuple[DeviceGiven, ...]:
    """The devices in the order of their use; the first comes with the start of the dose."""
    used = [one for one in record.of_kind(entries, "start", "dose") if "check" not in one.details]
    return tuple(
        DeviceGiven(number, str(entry.details.get("lot") or "").strip(), str(entry.entry), entry.at)
        for number, entry in enumerate(used, start=1)
    )


def _older(views: Iterable[ReadingView]) -> dict[UUID, tuple[str, ...]]:
    """The ids of every version that a reading replaced, by its id."""
    before = {view.id: view.supersedes for view in views}
    older: dict[UUID, tuple[str, ...]] = {}
    for id_ in before:
        chain, at = [], before[id_]
        while at is not None:
            chain.append(str(at))
            at = before.get(at)
        older[id_] = tuple(chain)
    return older


def _pressures(current: Iterable[ReadingView], older: dict[UUID, tuple[str, ...]]) -> tuple[Pressure, ...]:
    """Whole pressures by time: of one row, or of two halves of one moment. None is doubtful."""
    found = []
    for _, of_moment in groupby(current, key=lambda view: view.measured_at):
        rows = list(of_moment)
        whole = [(row, row) for row in rows if row.systolic is not None and row.diastolic is not None]
        for upper, lower in whole + pair_halves(rows):
            assert upper.systolic is not None, "both lists hold it"  # noqa: S101
            assert lower.diastolic is not None, "both lists hold it"  # noqa: S101
            halves = dict.fromkeys((upper.id, lower.id))
            ids = [str(id_) for id_ in halves] + [old for id_ in halves for old in older[id_]]
            found.append(Pressure(tuple(ids), upper.measured_at, upper.systolic, lower.diastolic))
    return tuple(found)


def _scores(current: Iterable[ReadingView], name: str) -> tuple[Scored, ...]:
    return tuple(
        Scored(str(view.id), view.measured_at, view.values[name]) for view in current if name in view.values
    )


def _episodes(entries: Sequence[Entry]) -> tuple[Episode, ...]:
    """Charted symptoms; each is over at the first time at which it was charted as gone."""
    gone: dict[str, datetime] = {}
    for entry in record.of_kind(entries, "resolve-symptom"):
        gone.setdefault(str(entry.details.get("of")), entry.at)
    return tuple(
        Episode(
            code=str(entry.details.get("code", "")),
            entry=str(entry.entry),
            onset_at=_moment(entry.details.get("onset_at")) or entry.at,
            resolved_at=gone.get(str(entry.entry)),
        )
        for entry in record.of_kind(entries, "symptom")
    )


def _moment(text: Any) -> datetime | None:
    return parse_datetime(text) if isinstance(text, str) else None


def _adverse_events(entries: Iterable[Entry]) -> tuple[AdverseEvent, ...]:
    return tuple(
        AdverseEvent(
            str(entry.entry),
            entry.at,
            str(entry.details.get("narrative", "")),
            tuple(entry.details.get("criteria", ())),
        )
        for entry in record.of_kind(entries, "adverse-event")
    )


def _answers(entries: Iterable[Entry]) -> dict[str, Said]:
    """The newest answer to each field of the form."""
    return {
        entry.details["field"]: Said(
            entry.details.get("value"),
            str(entry.entry),
            entry.recorded_at,
            entry.by_name,
            entry.details.get("digest", ""),
        )
        for entry in record.of_kind(entries, ANSWER)
    }
