"""The demo clinic: made once, through the same services and the same corridor as everything else.

What lies in the past is entered as if it had happened live: each act and reading at its own time.
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from clinic import services as ground
from clinic.access import Principal
from clinic.local.state import demo_folder, write_private
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
from clinic.tokens import issue_for_device, issue_for_member, principal_of_device, principal_of_member
from sessions import day, day_queries
from sessions import queries as treatments
from sessions.checklist import WANTED, Kind, Phase, asked
from sessions.gate import pressure_in
from sessions.models import Session
from sessions.protocol import Route
from sessions.services import courses, days, protocols
from sessions.services import schedule as scheduling
from sessions.states import PRESENT
from vitals import rules, summaries
from vitals.demo import cast, follow_ups, stock
from vitals.demo.cast import Treatment
from vitals.limits import LimitSet
from vitals.measured import Measured
from vitals.services import acts
from vitals.services.arrivals import Incoming
from vitals.services.limit_sets import current_limit_set_id, install_limits, limit_set
from vitals.services.record import record_readings
from vitals.simulator import config as simulate
from vitals.simulator import population
from vitals.simulator.physiology import Session as Simulated
from vitals.simulator.ward import seated

PRE_DOSE_MIN = 12
CUFF_EVERY_MIN = 5
# a session of an earlier day's demo is ended this long after its earliest release
STALE_AFTER = timedelta(hours=1)
OPENED_BEFORE = timedelta(hours=3)
CALM_BELOW_MMHG = 148
HYPERTENSIVE_STARTS_IN_S = 20


@dataclass(frozen=True, slots=True)
class Seeded:
    """What `seed_demo` prints."""

    clinic: Clinic
    passwords: Mapping[str, str]
    device_token: str


def seed(at: datetime) -> Seeded:
    """Make the demo clinic as of ``at``, or bring the one that is there up to it."""
    clinic, _ = Clinic.objects.get_or_create(
        name=cast.CLINIC, defaults={"time_zone": settings.NEW_CLINIC_TIME_ZONE}
    )
    protocols.install_protocols(clinic)
    install_limits(clinic)
    for position in range(1, cast.CHAIRS + 1):
        Chair.objects.get_or_create(clinic=clinic, name=str(position), defaults={"position": position})
    passwords = _staff(clinic)
    _credentials(clinic, at)
    _own_data(clinic)
    gateway, _ = Device.objects.get_or_create(clinic=clinic, name="Gateway")
    _end_stale(clinic, at)
    _open_day(clinic, at)
    if not Session.objects.filter(clinic=clinic, state__in=[state.value for state in PRESENT]).exists():
        with transaction.atomic():
            follow_ups.seed(clinic, _principal(clinic, "supervisor"), at)
            seeds = {treatment.chair: _begin(clinic, treatment, at) for treatment in _today()}
        _simulate_config(clinic, seeds)
    else:
        _simulate_config(clinic, None)
    stock.stock(clinic, _principal(clinic, "supervisor"), at)
    return Seeded(clinic, passwords, issue_for_device(gateway))


def _today() -> list[Treatment]:
    """The cast in an order in which chairs are free when their session begins."""
    return sorted(cast.TREATMENTS, key=lambda one: one.minutes is None)


def _staff(clinic: Clinic) -> dict[str, str]:
    """The demo's people; their passwords are made once and kept beside the demo, for its owner alone."""
    path = demo_folder() / "passwords.json"
    passwords: dict[str, str] = msgspec.json.decode(path.read_bytes()) if path.exists() else {}
    for person in cast.STAFF:
        user, made = User.objects.get_or_create(
            username=person.username, defaults={"first_name": person.shown_as}
        )
        if made or person.username not in passwords:
            passwords[person.username] = secrets.token_urlsafe(9)
            _set_password(user, passwords[person.username])
        Membership.objects.get_or_create(
            user=user, clinic=clinic, defaults={"role": MembershipRole(person.role)}
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    write_private(path, msgspec.json.encode(passwords).decode())
    return passwords


def _credentials(clinic: Clinic, at: datetime) -> None:
    """Each enters another's papers, as the clinic's rule is; one of them soon runs out."""
    entered_by = {"supervisor": "admin"}
    held = set(Credential.objects.filter(user__memberships__clinic=clinic).values_list("user_id", "kind"))
    for person in cast.STAFF:
        by = _principal(clinic, entered_by.get(person.username, "supervisor"))
        user_id = _principal(clinic, person.username).actor_id
        for kind, in_days in person.credentials:
            if (user_id, kind) not in held:
                ground.renew_credential(
                    by=by,
                    user_id=user_id,
                    kind=CredentialKind(kind),
                    number=f"DEMO-{kind.upper()}",
                    expires_on=at.date() + timedelta(days=in_days),
                )


def _own_data(clinic: Clinic) -> None:
    if not clinic.phone:
        ground.change_clinic(by=_principal(clinic, "admin"), changes=cast.OWN_DATA)


def _set_password(user: AbstractBaseUser, password: str) -> None:
    user.set_password(password)
    user.save()


def _principal(clinic: Clinic, username: str) -> Principal:
    return principal_of_member(
        Membership.objects.select_related("user").get(clinic=clinic, user__username=username)
    )


def _end_stale(clinic: Clinic, at: datetime) -> None:
    """End what an earlier demo left open long ago, so that a new day begins with a new cast."""
    by = _principal(clinic, "supervisor")
    for row in Session.objects.filter(clinic=clinic, state__in=[state.value for state in PRESENT]):
        over = (row.window_ends_at or row.scheduled_at + timedelta(hours=3)) + STALE_AFTER
        if over < at:
            _act(by, row, "transfer", at, {"reason": "The demo began anew"})


def _open_day(clinic: Clinic, at: datetime) -> None:
    """The supervisor opened the day some hours ago, and is the prescriber on site."""
    span = day_queries.day_of(clinic, at)
    if day_queries.entries(clinic.pk, span.day):
        return
    by = _principal(clinic, "supervisor")
    answers = {question.code: {"answer": day.Answer.YES.value} for question in day.OPENING}
    answers[day.PRESCRIBER_ON_SITE]["who"] = str(by.user_id)
    days.open_day(by=by, at=max(span.start, at - OPENED_BEFORE), answers=answers)


def _act(
    by: Principal, row: Session, name: str, at: datetime, details: Mapping[str, Any] | None = None
) -> None:
    acts.act(by=by, session_id=row.id, name=name, at=at, recorded_at=at, details=details or {})


def _begin(clinic: Clinic, one: Treatment, at: datetime) -> int:
    """Enter one session up to ``at``. Returns the seed of its simulated patient."""
    by = _principal(clinic, one.nurse)
    patient, _ = Patient.objects.get_or_create(
        clinic=clinic,
        mrn=f"DEMO-{one.family_name.upper()}",
        defaults={
            "given_name": one.given_name,
            "family_name": one.family_name,
            "birth_date": one.birth_date,
            "sex": one.sex,
            "weight_kg": one.weight_kg,
            "allergies": one.allergies,
        },
    )
    begun = at - timedelta(minutes=one.minutes or 0)
    arrived = begun - timedelta(minutes=PRE_DOSE_MIN)
    if one.minutes is None:
        arrived = at - timedelta(minutes=one.arrived) if one.arrived is not None else at + timedelta(hours=1)
    row = scheduling.schedule(
        by=by,
        at=min(arrived, at),
        patient_id=patient.id,
        chair=one.chair,
        protocol_code=one.protocol,
        indication=one.indication,
        scheduled_at=arrived,
    )
    row = treatments.session(clinic.pk, row.id)
    seed_of_patient, simulated = _patient(one, row)
    if one.minutes is None and one.arrived is None:
        return seed_of_patient
    _act(by, row, "check-in", arrived)
    _consented(by, row, at)
    if one.minutes is not None:
        _dosed(by, clinic, one, row, simulated, begun, at)
    return seed_of_patient


def _consented(by: Principal, row: Session, at: datetime) -> None:
    """The course's consent, and for nasal the patient's enrolment, a week before the session."""
    day = (row.scheduled_at - timedelta(days=7)).date()
    courses.change_course(
        by=by,
        course_id=row.course_id,
        at=at,
        changes={
            "consent_signed_on": day,
            "consent_reference": "Demo file",
            "planned_sessions": cast.PLANNED_SESSIONS,
        },
    )
    if row.protocol.route == Route.NASAL:
        ground.change_patient(
            by=by, patient_id=row.patient_id, on=at.date(), changes={"rems_enrolled_on": day}
        )


def _answered(by: Principal, row: Session, moment: datetime) -> None:
    """The gate before the dose, as a nurse ticks it: nothing to caution about, everything confirmed."""
    items = asked(treatments.rules_of(row.protocol_id).items, Phase.BEFORE_DOSE)
    answers = {item.code: WANTED[item.kind].value for item in items if item.kind is not Kind.ON_RECORD}
    _act(by, row, "gate", moment, {"answers": answers})


def _decided(clinic: Clinic, row: Session, moment: datetime) -> None:
    """Where the pressure before the dose asks for it, the demo's prescriber decides."""
    pressure = pressure_in(summaries.newest_values(row.id, moment))
    if pressure is not None and pressure.is_above(treatments.rules_of(row.protocol_id).dose):
        by = _principal(clinic, "supervisor")
        _act(by, row, "decide", moment, {"decision": "go-ahead", "reason": "Usual for this patient"})


def _patient(one: Treatment, row: Session) -> tuple[int, Simulated]:
    """The first simulated patient whose own session is calm: a board full of flags would teach nothing."""
    route = population.Route(row.protocol.route)
    limits = limit_set(current_limit_set_id(row.clinic_id, row.protocol.code))
    for candidate in range(1, 1000):
        simulated = seated(candidate, row.id, route)
        if not simulated.events and _is_calm(simulated, limits):
            return candidate, simulated
    raise RuntimeError(f"no calm patient in 1000 for chair {one.chair}")


def _is_calm(simulated: Simulated, limits: LimitSet) -> bool:
    """True when nothing that is measured over two hours would be flagged, nor comes near it in pressure."""
    for minutes in range(-5, 125, CUFF_EVERY_MIN):
        seen = {
            **simulated.vitals_at(minutes, artefacts=False),
            "sedation": float(simulated.sedation_at(minutes)),
        }
        if rules.findings(seen, limits) or simulated.systolic_at(minutes) >= CALM_BELOW_MMHG:
            return False
    return True


def _dosed(
    by: Principal,
    clinic: Clinic,
    one: Treatment,
    row: Session,
    simulated: Simulated,
    begun: datetime,
    at: datetime,
) -> None:
    """The dose and all that was measured since check-in, minute by minute as it would have come in."""
    monitor = principal_of_device(_monitor(clinic, one))
    iv = row.protocol.route == Route.IV
    assert one.minutes is not None, "only sessions that began are entered"  # noqa: S101
    # the decision sees the pressure that is measured as the dose is about to begin
    plan: list[tuple[datetime, str, dict[str, Any]]] = [
        (begun - timedelta(minutes=4), "gate", {}),
        (begun, "decide", {}),
    ]
    if iv:
        details = {"dose_mg": one.amount, "duration_min": 40, "concentration_mg_per_ml": 1}
        plan.append((begun, "start", details))
        if one.minutes > 40:
            plan.append((begun + timedelta(minutes=40), "stop", {"reason": "planned end"}))
    else:
        plan.append((begun, "start", {"planned_devices": int(one.amount), "lot": "DEMO-LOT"}))
        plan.extend(
            (begun + timedelta(minutes=5 * device), "dose", {"device": device + 1, "lot": "DEMO-LOT"})
            for device in range(1, int(one.amount))
        )
    until = at - timedelta(minutes=one.silent)
    moments = [begun + timedelta(minutes=minute) for minute in range(-5, one.minutes, CUFF_EVERY_MIN)]
    plan.extend((moment, "measure", {}) for moment in moments if moment <= until)
    for moment, name, details in sorted(plan, key=lambda doing: (doing[0], doing[1] != "measure")):
        if name == "measure":
            _measure(by, monitor, row, simulated, moment, (moment - begun).total_seconds() / 60)
        elif name == "gate":
            _answered(by, row, moment)
        elif name == "decide":
            _decided(clinic, row, moment)
        else:
            _act(by, row, name, moment, details)
    if one.ready:
        items = asked(treatments.rules_of(row.protocol_id).items, Phase.BEFORE_LEAVING)
        told = {
            "items": {item.code: "yes" for item in items},
            "escort": "Demo Maple",
            "escort_relation": "brother",
        }
        _act(by, row, "readiness", at - timedelta(minutes=1), told)
        _act(by, row, "wait-escort", at - timedelta(minutes=1), {"escort_phone": "555 0100"})


def _measure(
    by: Principal, monitor: Principal, row: Session, simulated: Simulated, moment: datetime, minutes: float
) -> None:
    """What the monitor measured at a moment, and every ten minutes the nurse's sedation score."""
    seen = simulated.vitals_at(minutes, artefacts=False)
    sedation = {"sedation": float(simulated.sedation_at(minutes))}
    values = {name: value for name, value in seen.items() if name != "sedation"}
    batch = [Incoming(monitor, 0, moment, Measured(None, moment, values), session_id=row.id)]
    if round(minutes) % 10 == 0 or minutes < 0:
        batch.append(Incoming(by, 1, moment, Measured(None, moment, sedation), session_id=row.id))
    record_readings(batch, at=moment)


def _monitor(clinic: Clinic, one: Treatment) -> Device:
    return Device.objects.get_or_create(
        clinic=clinic,
        name=f"Monitor, chair {one.chair}",
        defaults={"chair": Chair.objects.get(clinic=clinic, name=one.chair), "simulated": True},
    )[0]


@transaction.atomic
def _simulate_config(clinic: Clinic, seeds: Mapping[str, int] | None) -> None:
    """Tell `simulate` who sits where, and the monitors' rows where `simulate` answers.

    seeds: of the patients by chair; None keeps those of the file that is there.
    """
    path = Path(os.environ.get("SIMULATE_CONFIG") or demo_folder() / "simulate.json")
    held = simulate.load(path) if seeds is None and path.exists() else None
    port = int(os.environ.get("SIMULATE_PORT") or 8100)
    token = held.token if held else secrets.token_urlsafe(24)  # a running `simulate` read the old one
    by_chair = {one.chair: one for one in reversed(cast.TREATMENTS)}
    old = {monitor.chair: monitor.seed for monitor in held.monitors} if held else {}
    monitors = []
    for chair in Chair.objects.filter(clinic=clinic).order_by("position"):
        one = by_chair.get(chair.name)
        key = f"chair-{chair.name}"
        connected = one is None or one.connected
        Device.objects.update_or_create(
            clinic=clinic,
            name=f"Monitor, chair {chair.name}",
            defaults={
                "chair": chair,
                "simulated": True,
                "driver": "simulated" if connected else "",
                "address": f"http://127.0.0.1:{port}/monitors/{key}" if connected else "",
                "monitor_token": token if connected else "",
            },
        )
        if not connected:
            continue
        scene = simulate.Scene(population.EventKind.HYPERTENSIVE, HYPERTENSIVE_STARTS_IN_S)
        monitors.append(
            simulate.MonitorConfig(
                key=key,
                chair=chair.name,
                seed=(seeds or old).get(chair.name, chair.position),
                script=(scene,) if one is not None and one.hypertensive else (),
            )
        )
    nurse = Membership.objects.select_related("user").get(clinic=clinic, user__username="nurse-b")
    charted = [name for name, one in by_chair.items() if one.charted]
    simulate.save(
        simulate.SimulateConfig(
            base_url=os.environ.get("DEMO_URL") or "http://127.0.0.1:8000",
            api_token=issue_for_member(nurse, expires_at=None),
            port=port,
            token=token,
            monitors=tuple(monitors),
            charted_chairs=tuple(charted),
        ),
        path,
    )
