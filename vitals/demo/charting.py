"""How the demo charts: each act, set and symptom at its own time, as if it had come in live."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from clinic import queries as ground
from clinic.access import Principal
from clinic.models import Clinic, Device, Membership
from clinic.tokens import principal_of_member
from sessions import day, day_queries, record
from sessions import queries as treatments
from sessions.checklist import WANTED, Kind, Phase, asked
from sessions.gate import pressure_in
from sessions.models import Session
from sessions.protocol import Route
from sessions.services import courses, days
from vitals import rules, summaries
from vitals.demo import cast
from vitals.demo.cast import Noted, Treatment
from vitals.limits import LimitSet
from vitals.measured import Measured
from vitals.services import acts
from vitals.services.arrivals import Incoming
from vitals.services.limit_sets import current_limit_set_id, limit_set
from vitals.services.record import record_readings
from vitals.simulator import population
from vitals.simulator.physiology import Session as Simulated
from vitals.simulator.ward import seated

CUFF_EVERY_MIN = 5
# of the dose's clock, until the last patient of the past has gone home
CALM_FROM_MIN, CALM_UNTIL_MIN = -5, 135
CALM_BELOW_MMHG = 148
BASELINE_OF = ("systolic", "diastolic")
INFUSION_MIN = 40
DEVICE_EVERY_MIN = 5
LOT = "DEMO-LOT"
DEVICES_LAST = timedelta(days=300)


def principal(clinic: Clinic, username: str) -> Principal:
    return principal_of_member(
        Membership.objects.select_related("user").get(clinic=clinic, user__username=username)
    )


def act(
    by: Principal, row: Session, name: str, at: datetime, details: Mapping[str, Any] | None = None
) -> None:
    acts.act(by=by, session_id=row.id, name=name, at=at, recorded_at=at, details=details or {})


def open_day(clinic: Clinic, at: datetime) -> None:
    """The supervisor opens the day, unless it is open, and is the prescriber on site."""
    span = day_queries.day_of(clinic, at)
    if day_queries.entries(clinic.pk, span.day):
        return
    by = principal(clinic, "supervisor")
    answers = {question.code: {"answer": day.Answer.YES.value} for question in day.OPENING}
    answers[day.PRESCRIBER_ON_SITE]["who"] = str(by.user_id)
    days.open_day(by=by, at=max(span.start, at), answers=answers)


def consent(by: Principal, row: Session, at: datetime) -> None:
    """The course's consent, signed a week before its first session."""
    if treatments.course(by.clinic_id, row.course_id).consent_signed_on is None:
        courses.change_course(
            by=by,
            course_id=row.course_id,
            at=at,
            changes={
                "consent_signed_on": (row.scheduled_at - timedelta(days=7)).date(),
                "consent_reference": "Demo file",
                "planned_sessions": cast.PLANNED_SESSIONS,
            },
        )


def answer_gate(by: Principal, row: Session, moment: datetime) -> None:
    """The gate before the dose, as a nurse ticks it: nothing to caution about, everything confirmed."""
    items = asked(treatments.rules_of(row.protocol_id).items, Phase.BEFORE_DOSE)
    answers = {item.code: WANTED[item.kind].value for item in items if item.kind is not Kind.ON_RECORD}
    act(by, row, "gate", moment, {"answers": answers})


def decide(clinic: Clinic, row: Session, moment: datetime) -> None:
    """Where the pressure before the dose asks for it, the demo's prescriber decides."""
    pressure = pressure_in(summaries.newest_values(row.id, moment))
    if pressure is not None and pressure.is_above(treatments.rules_of(row.protocol_id).dose):
        by = principal(clinic, "supervisor")
        act(by, row, "decide", moment, {"decision": "go-ahead", "reason": "Usual for this patient"})


def dose_plan(one: Treatment, route: Route, begun: datetime) -> list[tuple[int, str, dict[str, Any]]]:
    """The acts of a whole dose, each with its minute and what is charted with it."""
    if route is Route.IV:
        order = {"dose_mg": one.amount, "duration_min": INFUSION_MIN, "concentration_mg_per_ml": 1}
        return [(0, "start", order), (INFUSION_MIN, "stop", {"reason": "planned end"})]
    kit = {"lot": LOT, "expires_on": (begun + DEVICES_LAST).date().isoformat()}
    devices = int(one.amount)
    return [
        (0, "start", {"planned_devices": devices, **kit}),
        *(
            (DEVICE_EVERY_MIN * (device - 1), "dose", {"device": device, **kit})
            for device in range(2, devices + 1)
        ),
    ]


def note(by: Principal, row: Session, noted: Noted, begun: datetime) -> None:
    """Chart what was noted; where it was wrong, put it right a minute later."""
    moment = begun + timedelta(minutes=noted.minute)
    act(by, row, noted.act, moment, noted.details)
    if noted.corrected:
        acts.correct_entry(
            by=by,
            session_id=row.id,
            entry=record.of_kind(treatments.entries(row.id), noted.act)[-1].entry,
            new_at=None,
            details=noted.corrected,
            in_error=False,
            reason=noted.reason,
            recorded_at=moment + timedelta(minutes=1),
        )


def assess(by: Principal, row: Session, moment: datetime, *, escort: str, relation: str) -> None:
    """Everything before leaving is confirmed, and the patient assessed as ready."""
    items = asked(treatments.rules_of(row.protocol_id).items, Phase.BEFORE_LEAVING)
    told = {
        "items": {item.code: "yes" for item in items},
        "escort": escort,
        "escort_relation": relation,
    }
    act(by, row, "readiness", moment, told)


def measure(
    by: Principal,
    monitor: Principal,
    row: Session,
    simulated: Simulated,
    moment: datetime,
    minutes: float,
    *,
    scored: bool,
) -> None:
    """What the monitor measured at a moment, and the nurse's sedation score where it was ``scored``."""
    seen = simulated.vitals_at(minutes, artefacts=False)
    values = {name: value for name, value in seen.items() if name != "sedation"}
    batch = [Incoming(monitor, 0, moment, Measured(None, moment, values), session_id=row.id)]
    if scored:
        sedation = {"sedation": float(simulated.sedation_at(minutes))}
        batch.append(Incoming(by, 1, moment, Measured(None, moment, sedation), session_id=row.id))
    record_readings(batch, at=moment)


def monitor_of(clinic: Clinic, chair: str) -> Device:
    return Device.objects.get_or_create(
        clinic=clinic,
        name=f"Monitor, chair {chair}",
        defaults={"chair": ground.chair_named(clinic.pk, chair), "simulated": True},
    )[0]


def calm_patient(row: Session) -> tuple[int, Simulated]:
    """The first simulated patient whose own session is calm: a board full of flags would teach nothing."""
    route = population.Route(row.protocol.route)
    limits = limit_set(current_limit_set_id(row.clinic_id, row.protocol.code))
    for candidate in range(1, 1000):
        simulated = seated(candidate, row.id, route)
        if not simulated.events and _is_calm(simulated, limits):
            return candidate, simulated
    raise RuntimeError(f"no calm patient in 1000 for session {row.id}")


def _is_calm(simulated: Simulated, limits: LimitSet) -> bool:
    """True when nothing that is measured over two hours would be flagged, nor comes near it in pressure.

    Not even in a patient who is a little dizzy, as some of the demo's are.
    """
    before = simulated.vitals_at(CALM_FROM_MIN, artefacts=False)
    setting = rules.Setting({name: before[name] for name in before if name in BASELINE_OF}, {"dizzy": False})
    for minutes in range(CALM_FROM_MIN, CALM_UNTIL_MIN, CUFF_EVERY_MIN):
        seen = {
            **simulated.vitals_at(minutes, artefacts=False),
            "sedation": float(simulated.sedation_at(minutes)),
        }
        if rules.findings(seen, limits, setting) or simulated.systolic_at(minutes) >= CALM_BELOW_MMHG:
            return False
    return True
