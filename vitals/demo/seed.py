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
    Sex,
    User,
)
from clinic.tokens import issue_for_device, issue_for_member, principal_of_device
from sessions import day_queries
from sessions import queries as treatments
from sessions.models import Session
from sessions.protocol import Route
from sessions.services import protocols
from sessions.services import schedule as scheduling
from sessions.states import PRESENT
from vitals.demo import cast, charting, follow_ups, history, stock
from vitals.demo.cast import Treatment
from vitals.services.limit_sets import install_limits
from vitals.simulator import config as simulate
from vitals.simulator import population
from vitals.simulator.physiology import Session as Simulated

PRE_DOSE_MIN = 12
SEDATION_EVERY_MIN = 10
# a session of an earlier day's demo is ended this long after its earliest release
STALE_AFTER = timedelta(hours=1)
OPENED_BEFORE = timedelta(hours=3)
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
            follow_ups.seed(clinic, charting.principal(clinic, "supervisor"), at)
            seeds = {treatment.chair: _begin(clinic, treatment, at) for treatment in _today()}
        _simulate_config(clinic, seeds)
    else:
        _simulate_config(clinic, None)
    stock.stock(clinic, charting.principal(clinic, "supervisor"), at)
    return Seeded(clinic, passwords, issue_for_device(gateway))


def _today() -> list[Treatment]:
    """The cast in an order in which chairs are free when their session begins."""
    return sorted(cast.TREATMENTS, key=lambda one: one.minutes is None)


def _staff(clinic: Clinic) -> dict[str, str]:
    """The demo's people; their passwords are made once and kept beside the demo, for its owner alone."""
    path = demo_folder() / "passwords.json"
    passwords: dict[str, str] = msgspec.json.decode(path.read_bytes()) if path.exists() else {}
    for person in cast.STAFF:
        user, made = User.objects.update_or_create(
            username=person.username,
            defaults={
                "first_name": person.given_name,
                "last_name": person.family_name,
                "phone": person.phone,
                "email": person.email,
            },
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
        by = charting.principal(clinic, entered_by.get(person.username, "supervisor"))
        user_id = charting.principal(clinic, person.username).actor_id
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
    """What the clinic has not said of itself; what somebody changed stays."""
    open_ = {name: value for name, value in cast.OWN_DATA.items() if not getattr(clinic, name)}
    if open_:
        ground.change_clinic(by=charting.principal(clinic, "admin"), changes=open_)


def _set_password(user: AbstractBaseUser, password: str) -> None:
    user.set_password(password)
    user.save()


def _end_stale(clinic: Clinic, at: datetime) -> None:
    """End what an earlier demo left open long ago, so that a new day begins with a new cast."""
    by = charting.principal(clinic, "supervisor")
    for row in Session.objects.filter(clinic=clinic, state__in=[state.value for state in PRESENT]):
        over = (row.window_ends_at or row.scheduled_at + timedelta(hours=3)) + STALE_AFTER
        if over < at:
            charting.act(by, row, "transfer", at, {"reason": "The demo began anew"})


def _open_day(clinic: Clinic, at: datetime) -> None:
    """Today was opened some hours ago."""
    span = day_queries.day_of(clinic, at)
    charting.open_day(clinic, max(span.start, at - OPENED_BEFORE))


def _begin(clinic: Clinic, one: Treatment, at: datetime) -> int:
    """Enter one session up to ``at``. Returns the seed of its simulated patient."""
    by = charting.principal(clinic, one.nurse)
    patient = _patient(by, clinic, one, at)
    history.before_today(clinic, patient, one, at)
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
    seed_of_patient, simulated = charting.calm_patient(row)
    if one.minutes is None and one.arrived is None:
        return seed_of_patient
    charting.act(by, row, "check-in", arrived)
    charting.consent(by, row, at)
    if one.minutes is not None:
        _dosed(by, clinic, one, row, simulated, begun, at)
    return seed_of_patient


def _patient(by: Principal, clinic: Clinic, one: Treatment, at: datetime) -> Patient:
    """The patient with what is known of them; for nasal enrolled a week before the first session here."""
    mrn = f"DEMO-{one.family_name.upper()}"
    today = day_queries.day_of(clinic, at).day
    held = Patient.objects.filter(clinic=clinic, mrn=mrn).first()
    if held is not None:
        # a demo that is weeks old: with an old weight a dose would ask for a reason
        weighed = {"weight_kg": one.weight_kg, "weighed_on": today}
        return ground.change_patient(by=by, patient_id=held.id, on=today, changes=weighed)
    first_on = today - timedelta(days=max((earlier.days_ago for earlier in one.earlier), default=0))
    nasal = one.protocol == cast.PROTOCOLS["nasal"]
    return ground.register_patient(
        by=by,
        on=today,
        mrn=mrn,
        given_name=one.given_name,
        family_name=one.family_name,
        birth_date=one.birth_date,
        sex=Sex(one.sex),
        weight_kg=one.weight_kg,
        weighed_on=first_on,
        allergies=one.allergies,
        address=f"{one.family_name} House, Example Street, Exampleton",
        phone=f"555 01{50 + cast.TREATMENTS.index(one)}",
        email=f"{one.family_name.lower()}@example.org",
        rems_enrolled_on=first_on - timedelta(days=7) if nasal else None,
    )


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
    monitor = principal_of_device(charting.monitor_of(clinic, one.chair))
    assert one.minutes is not None, "only sessions that began are entered"  # noqa: S101
    # the decision sees the pressure that is measured as the dose is about to begin
    plan: list[tuple[datetime, str, Any]] = [
        (begun - timedelta(minutes=4), "gate", {}),
        (begun, "decide", {}),
    ]
    dose = charting.dose_plan(one, Route(row.protocol.route), begun)
    plan.extend(
        (begun + timedelta(minutes=minute), name, details)
        for minute, name, details in dose
        if minute < one.minutes
    )
    for noted in one.noted:
        plan.append((begun + timedelta(minutes=noted.minute), "note", noted))
    until = at - timedelta(minutes=one.silent)
    moments = [
        begun + timedelta(minutes=minute) for minute in range(-5, one.minutes, charting.CUFF_EVERY_MIN)
    ]
    plan.extend((moment, "measure", {}) for moment in moments if moment <= until)
    for moment, name, details in sorted(plan, key=lambda doing: (doing[0], doing[1] != "measure")):
        if name == "measure":
            minutes = (moment - begun).total_seconds() / 60
            scored = round(minutes) % SEDATION_EVERY_MIN == 0 or minutes < 0
            charting.measure(by, monitor, row, simulated, moment, minutes, scored=scored)
        elif name == "gate":
            charting.answer_gate(by, row, moment)
        elif name == "decide":
            charting.decide(clinic, row, moment)
        elif name == "note":
            charting.note(by, row, details, begun)
        else:
            charting.act(by, row, name, moment, details)
    if one.ready:
        moment = at - timedelta(minutes=1)
        charting.assess(by, row, moment, escort="Demo Maple", relation="brother")
        charting.act(by, row, "wait-escort", moment, {"escort_phone": "555 0100"})


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
