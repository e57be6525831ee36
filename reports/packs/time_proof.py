"""The pack of times: how long each session was watched, and which minutes at the chair the record proves."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from clinic.models import Clinic
from reports import direct_time
from reports.csv_table import moment, times
from reports.direct_time import Contact, Taken
from reports.packs import parts
from reports.packs.days import Days
from reports.packs.kinds import Kind, Pack, Part
from reports.packs.newest import newest_charted
from sessions import queries as treatments
from sessions.models import Session
from vitals import queries as readings
from vitals.queries import ReadingView

SESSION_HEAD = (
    "session",
    "record number",
    "family name",
    "given name",
    "born",
    "protocol",
    "route",
    *moment("checked in at"),
    *moment("dose began at"),
    *moment("dose ended at"),
    *moment("session ended at"),
    "outcome",
    "minutes from check-in to end",
    "minutes from start of dose to end",
    "minutes with a charted contact",
    "contacts counted",
    "contacts not counted",
    "minutes by person",
    "file",
)
CONTACT_HEAD = ("session", *moment("at"), *moment("charted at"), "by", "what", "counts", "why not")

METHOD = (
    "How direct time is worked out: nobody times it. A minute of the clock counts when somebody charted in"
    " time something that is done with the patient or seen at the chair (a set of vitals, a dose, a symptom,"
    " a scale, a checklist, an assessment, the release), at the minute that the entry names. Minutes between"
    " two such moments do not count, nor does what a monitor sent, what was charted late, what was moved to"
    " another time, notes and other writing. It is therefore a lower bound of what the record proves, not a"
    " measured duration: a counted minute holds a charted contact, and need not have been filled by it."
)
NO_CODE = "No billing code is proposed: which one fits is the biller's to judge, by the payer's rules."
FILES = {
    "sessions": "Every session, one a row: start, end, minutes watched, and minutes with a charted contact.",
    "contacts": "Every charted contact: when, by whom, what, and why it does not count where it does not.",
}
STATEMENT = "The statement of one session, on paper."


@dataclass(frozen=True, slots=True)
class Proof:
    """One session with what proves who was at the chair, by time."""

    session: Session
    contacts: tuple[Contact, ...]
    as_of: datetime

    @property
    def watched_min(self) -> int | None:
        return direct_time.whole_minutes(self.session.checked_in_at, self.session.ended_at)

    @property
    def since_dose_min(self) -> int | None:
        return direct_time.whole_minutes(self.session.dose_started_at, self.session.ended_at)


def pack_of_days(clinic: Clinic, days: Days, *, bom: bool) -> Pack:
    """The sessions that were checked in in these days."""
    sessions = list(
        _rows(clinic)
        .filter(checked_in_at__gte=days.since, checked_in_at__lt=days.until)
        .order_by("checked_in_at", "id")
    )
    return _pack(clinic, sessions, f"time-{days.name}", days.covers, days.since, bom=bom)


def pack_of_session(clinic: Clinic, session_id: UUID, *, bom: bool) -> Pack:
    """raises: NotFound."""
    row = treatments.session(clinic.pk, session_id)
    return _pack(clinic, [row], f"time-{row.id}", {"session": str(row.id)}, row.scheduled_at, bom=bom)


def _rows(clinic: Clinic) -> Any:
    return Session.objects.select_related("patient", "protocol", "nurse").filter(clinic=clinic)


def _pack(
    clinic: Clinic,
    sessions: Sequence[Session],
    stem: str,
    covers: dict[str, str],
    default: datetime,
    *,
    bom: bool,
) -> Pack:
    return Pack(
        kind=Kind.TIME,
        stem=stem,
        covers=covers,
        as_of=newest_charted([row.id for row in sessions], default),
        parts=_parts(clinic, sessions, bom),
        counts={"sessions": len(sessions)},
        notes=(METHOD, NO_CODE),
    )


def _parts(clinic: Clinic, sessions: Sequence[Session], bom: bool) -> Iterator[Part]:
    """A statement each; of the rest only the rows are kept."""
    rows: list[list[object]] = []
    contacts: list[list[object]] = []
    for row in sessions:
        proof = proof_of(row)
        file = f"statements/{_day(proof, clinic)}-{row.id}"
        yield parts.sheet(file, STATEMENT, _sheet(clinic, proof), as_of=proof.as_of)
        rows.append(_session_cells(clinic, proof, f"{file}.pdf"))
        contacts += [_contact_cells(clinic, proof, one) for one in proof.contacts]
    yield parts.table("sessions", FILES["sessions"], SESSION_HEAD, rows, bom=bom)
    yield parts.table("contacts", FILES["contacts"], CONTACT_HEAD, contacts, bom=bom)


def proof_of(session: Session) -> Proof:
    """What the record of a session proves. The caller has checked that it is of the clinic."""
    events = treatments.events(session.id)
    views = readings.readings(session.id)
    found = direct_time.of_entries(treatments.entry_of(event) for event in events)
    found += direct_time.of_readings(_taken(view) for view in views)
    charted = [event.recorded_at for event in events] + [view.received_at for view in views]
    return Proof(
        session=session,
        contacts=tuple(sorted(found, key=lambda one: (one.at, one.recorded_at, one.what, one.by_name))),
        as_of=max(charted, default=session.scheduled_at),
    )


def _taken(view: ReadingView) -> Taken:
    return Taken(
        id=view.id,
        supersedes=view.supersedes,
        measured_at=view.measured_at,
        received_at=view.received_at,
        by_name=view.recorded_by,
        by_staff=view.source == "staff",
        late=view.late,
    )


def _day(proof: Proof, clinic: Clinic) -> str:
    begun = proof.session.checked_in_at or proof.session.scheduled_at
    return begun.astimezone(clinic.zone).date().isoformat()


def _session_cells(clinic: Clinic, proof: Proof, file: str) -> list[object]:
    session, patient, zone = proof.session, proof.session.patient, clinic.zone
    counted = sum(not one.why_not for one in proof.contacts)
    return [
        session.id,
        patient.mrn,
        patient.family_name,
        patient.given_name,
        patient.birth_date,
        session.protocol.name,
        session.protocol.route,
        *times(session.checked_in_at, zone),
        *times(session.dose_started_at, zone),
        *times(session.dose_ended_at, zone),
        *times(session.ended_at, zone),
        session.outcome,
        proof.watched_min,
        proof.since_dose_min,
        direct_time.minutes(proof.contacts),
        counted,
        len(proof.contacts) - counted,
        _people(proof),
        file,
    ]


def _people(proof: Proof) -> str:
    return "; ".join(f"{name}: {count}" for name, count in direct_time.by_person(proof.contacts).items())


def _contact_cells(clinic: Clinic, proof: Proof, one: Contact) -> list[object]:
    return [
        proof.session.id,
        *times(one.at, clinic.zone),
        *times(one.recorded_at, clinic.zone),
        one.by_name,
        one.what,
        not one.why_not,
        one.why_not,
    ]


# --- on paper


def _sheet(clinic: Clinic, proof: Proof) -> dict[str, Any]:
    session, patient = proof.session, proof.session.patient
    who = (
        f"{patient.family_name}, {patient.given_name}, born {patient.birth_date:%-d %b %Y}, MR {patient.mrn}"
    )
    return {
        "title": "Time of a session",
        "subtitle": f"{clinic.name}. {who}. {session.protocol.name}.",
        "footer": f"{who} · session {session.id} · record as of {_local(proof.as_of, clinic)}",
        "landscape": False,
        "boxes": [
            f"Watched for {_minutes(proof.watched_min)} from check-in to end;"
            f" {direct_time.minutes(proof.contacts)} minutes with a charted contact."
        ],
        "sections": [
            parts.section(
                "Times",
                head=("What", "When"),
                widths=(2, 3),
                rows=[
                    ["Checked in", _local(session.checked_in_at, clinic)],
                    ["Dose began", _local(session.dose_started_at, clinic)],
                    ["Dose ended", _local(session.dose_ended_at, clinic)],
                    ["Session ended", _local(session.ended_at, clinic)],
                    ["Outcome", session.outcome or "not ended"],
                    ["From check-in to end", _minutes(proof.watched_min)],
                    ["From the start of the dose to end", _minutes(proof.since_dose_min)],
                ],
            ),
            parts.section(
                "Minutes with a charted contact",
                head=("By", "Minutes"),
                widths=(4, 1),
                numbers=(1,),
                rows=[[name, str(count)] for name, count in direct_time.by_person(proof.contacts).items()],
            ),
            parts.section(
                "What was charted at the chair",
                says=[] if proof.contacts else ["Nothing."],
                head=("When", "By", "What", "Counts"),
                widths=(1.6, 2, 2.4, 2),
                rows=[
                    [_local(one.at, clinic), one.by_name, one.what, one.why_not or "yes"]
                    for one in proof.contacts
                ],
            ),
        ],
        "signatures": ["Checked by"],
        "note": f"{METHOD} {NO_CODE}",
    }


def _local(at: datetime | None, clinic: Clinic) -> str:
    return f"{at.astimezone(clinic.zone):%-d %b %Y %H:%M}" if at else "not on record"


def _minutes(count: int | None) -> str:
    return "a time not on record yet" if count is None else f"{count} minutes"
