"""Plain functions that build what tests need, with defaults; and the fixed cast, a comment each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from clinic.access import Principal
from clinic.models import (
    Chair,
    Clinic,
    Credential,
    CredentialKind,
    Device,
    Membership,
    MembershipRole,
    Patient,
    User,
)
from clinic.tokens import principal_of_device, principal_of_member
from sessions import queries as treatments
from sessions.models import Session
from sessions.services import protocols
from sessions.services import schedule as scheduling
from vitals.measured import Measured
from vitals.models import LimitChange, LimitSet
from vitals.services import acts, corrections, limit_drafts, patient_limits
from vitals.services.arrivals import Incoming, Outcome
from vitals.services.limit_drafts import Edits
from vitals.services.limit_sets import current_limit_set_id, install_limits
from vitals.services.record import record_readings

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Cast:
    """Everybody that tests know by name."""

    clinic: Clinic
    other_clinic: Clinic
    nurse: Principal  # gives care at Harbor
    supervisor: Principal  # leads at Harbor and holds a prescriber's credential
    admin: Principal  # runs Harbor's desk; gives no care
    auditor: Principal  # reads at Harbor, changes nothing
    outsider: Principal  # a supervisor of Meadow, who must never see Harbor
    gateway: Principal  # a device of Harbor that is bound to no chair
    monitor: Principal  # a device bound to Harbor's chair 1


def clinic(name: str = "Harbor", *, time_zone: str = "America/New_York", chairs: int = 12) -> Clinic:
    """A clinic with chairs, both shipped protocols and the example limits."""
    made = Clinic.objects.create(name=name, time_zone=time_zone)
    protocols.install_protocols(made)
    install_limits(made)
    for position in range(1, chairs + 1):
        Chair.objects.create(clinic=made, name=str(position), position=position)
    return made


def member(of: Clinic, username: str, role: str = "nurse", *, prescriber: bool = False) -> Principal:
    user = User.objects.create_user(username=username, password=PASSWORD, first_name=username.title())
    membership = Membership.objects.create(user=user, clinic=of, role=MembershipRole(role))
    if prescriber:
        Credential.objects.create(user=user, kind=CredentialKind.PRESCRIBER, expires_on=date(2099, 1, 1))
    return principal_of_member(membership)


def device(of: Clinic, name: str = "Gateway", *, chair: str | None = None, **columns: Any) -> Principal:
    bound = Chair.objects.get(clinic=of, name=chair) if chair else None
    return principal_of_device(Device.objects.create(clinic=of, name=name, chair=bound, **columns))


def cast() -> Cast:
    harbor, meadow = clinic("Harbor"), clinic("Meadow", time_zone="Europe/Berlin")
    return Cast(
        clinic=harbor,
        other_clinic=meadow,
        nurse=member(harbor, "nurse"),
        supervisor=member(harbor, "supervisor", "supervisor", prescriber=True),
        admin=member(harbor, "admin", "admin"),
        auditor=member(harbor, "auditor", "auditor"),
        outsider=member(meadow, "outsider", "supervisor", prescriber=True),
        gateway=device(harbor, "Gateway"),
        monitor=device(harbor, "Monitor 1", chair="1"),
    )


def patient(of: Clinic, mrn: str | None = None, **columns: Any) -> Patient:
    return Patient.objects.create(
        clinic=of,
        mrn=mrn or f"MR-{uuid4().hex[:8]}",
        **{
            "given_name": "Test",
            "family_name": "Patient",
            "birth_date": date(1980, 1, 1),
            "sex": "female",
            "weight_kg": Decimal(70),
            **columns,
        },
    )


def scheduled(
    by: Principal, of: Clinic, at: datetime, *, chair: str = "1", protocol: str = "iv-ketamine"
) -> Session:
    row = scheduling.schedule(
        by=by,
        at=at,
        patient_id=patient(of).id,
        chair=chair,
        protocol_code=protocol,
        indication="Severe depression",
        scheduled_at=at,
    )
    return treatments.session(of.pk, row.id)


def act(
    by: Principal,
    session: Session,
    name: str,
    at: datetime,
    /,
    *,
    recorded_at: datetime | None = None,
    **details: Any,
) -> Session:
    return acts.act(
        by=by, session_id=session.id, name=name, at=at, recorded_at=recorded_at or at, details=details
    )


def checked_in(by: Principal, of: Clinic, at: datetime, **how: Any) -> Session:
    session = scheduled(by, of, at, **how)
    act(by, session, "check-in", at)
    return treatments.session(of.pk, session.id)


def dosing(by: Principal, of: Clinic, at: datetime, *, protocol: str = "iv-ketamine", **how: Any) -> Session:
    """A session whose dose began at ``at``; checked in ten minutes before, its baseline 124/78."""
    session = checked_in(by, of, at - timedelta(minutes=10), protocol=protocol, **how)
    record(incoming(by, session, at - timedelta(minutes=5), systolic=124, diastolic=78))
    details: Mapping[str, Any] = {"dose_mg": 35} if protocol == "iv-ketamine" else {"planned_devices": 2}
    act(by, session, "start", at, **details)
    return treatments.session(of.pk, session.id)


def incoming(
    by: Principal,
    session: Session | None,
    at: datetime,
    *,
    id_: UUID | None = None,
    received_at: datetime | None = None,
    chair: str | None = None,
    absent: Mapping[str, str] | None = None,
    **values: float,
) -> Incoming:
    return Incoming(
        by=by,
        call=1,
        received_at=received_at or at,
        measured=Measured(id_, at, values, absent or {}),
        session_id=session.id if session else None,
        chair=chair,
    )


def record(*batch: Incoming) -> list[Outcome]:
    """Bring readings through the corridor, at the time the last of them was received."""
    return record_readings(batch, at=max(item.received_at for item in batch))


def correct(
    by: Principal, reading_id: UUID | None, at: datetime, *, reason: str = "Mistyped", **fields: float | None
) -> UUID:
    """Correct a stored reading; returns the new version's id."""
    assert reading_id is not None
    return corrections.correct(by=by, reading_id=reading_id, fields=fields, reason=reason, at=at)


def draft(by: Principal, at: datetime, *, protocol: str = "iv-ketamine", **edits: Any) -> LimitSet:
    """A draft of the clinic's limits from the version in use, changed by these edits."""
    in_use = current_limit_set_id(by.clinic_id, protocol)
    row = limit_drafts.new_draft(by=by, based_on=in_use, name="", at=at)
    if edits:
        row = limit_drafts.change_draft(by=by, limit_set_id=row.pk, edits=Edits(**edits))
    return row


def signed_limits(by: Principal, at: datetime, *, protocol: str = "iv-ketamine", **edits: Any) -> LimitSet:
    """The next version of the clinic's limits, reviewed and in use; without edits the example's rows."""
    row = draft(by, at, protocol=protocol, **edits)
    return limit_drafts.sign_draft(by=by, limit_set_id=row.pk, signature=by.name, seen=row.revision, at=at)


def limit_change(
    by: Principal, patient: Patient, at: datetime, *, hours: float = 4, **wanted: Any
) -> LimitChange:
    """A rule changed for one patient; without more, BP-2 at 175 instead of 165."""
    asked = {"code": "BP-2", "vital": "systolic", **(wanted or {"threshold": 175})}
    return patient_limits.change_limit(
        by=by,
        patient_id=patient.id,
        wanted=patient_limits.Wanted(**asked),
        reason="Known hypertension, agreed with the prescriber",
        until=at + timedelta(hours=hours),
        at=at,
        protocol_code=None if patient.courses.exists() else "iv-ketamine",
    )
