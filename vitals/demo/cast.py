"""Who sits where when the demo begins. Everybody here is invented."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

CLINIC = "Demo clinic"
CHAIRS = 12
MDD = "Severe depression"
PROTOCOLS = {"iv": "iv-ketamine", "nasal": "nasal-esketamine"}


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff of the demo. credentials: each kind with the days until it runs out."""

    username: str
    given_name: str
    family_name: str
    phone: str
    role: str
    credentials: tuple[tuple[str, int], ...] = ()

    @property
    def email(self) -> str:
        return f"{self.username}@example.org"


STAFF = (
    Person("nurse", "Nurse", "A", "555 0111", "nurse", (("licence", 400), ("acls", 12))),
    Person("nurse-b", "Nurse", "B", "555 0112", "nurse", (("licence", 300), ("acls", 200))),
    # the monitoring form asks for both names of whoever watched, and a supervisor may watch
    Person(
        "supervisor",
        "Supervisor",
        "C",
        "555 0113",
        "supervisor",
        (("prescriber", 365), ("licence", 500), ("dea", 250), ("rems", 600)),
    ),
    Person("admin", "Admin", "", "555 0114", "admin"),
)
PLANNED_SESSIONS = 6
# numbers that nobody has: 555-01xx is kept free for stories
OWN_DATA = {
    "address_1": "1 Example Street",
    "city": "Exampleton",
    "state": "Example State",
    "zip_code": "00000",
    "phone": "(555) 010-0100",
    "crisis_words": "Example: call your local crisis line, or emergency services.",
}


PHQ_9_ITEMS = (
    "interest",
    "mood",
    "sleep",
    "energy",
    "appetite",
    "failure",
    "concentration",
    "movement",
    "self-harm",
)


def phq_9(*scores: int) -> Mapping[str, Any]:
    """The body of the act "scale", with the nine answers in the scale's order."""
    return {"scale": "phq-9", "answers": dict(zip(PHQ_9_ITEMS, scores, strict=True))}


@dataclass(frozen=True, slots=True)
class Noted:
    """Something charted at a minute of the dose's clock.

    corrected: what was wrong in it; it is put right a minute later, with ``reason``.
    """

    minute: int
    act: str
    details: Mapping[str, Any]
    corrected: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Symptom:
    """A symptom from one minute of the dose's clock to another."""

    code: str
    severity: str
    from_min: int
    until_min: int


@dataclass(frozen=True, slots=True)
class Earlier:
    """A session of the same course that is over.

    days_ago: 7 would have a check-in due on the day of the demo; no session lies there.
    moods:    what was answered at home after 24 hours, on day 3 and on day 7, 0 to 10.
    """

    days_ago: int
    phq_9: Mapping[str, Any]
    symptoms: tuple[Symptom, ...]
    moods: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Treatment:
    """One session of the demo, as it stands when the demo begins.

    minutes:   since the dose began; None for a session that has not begun.
    arrived:   minutes since check-in where no dose was given; None for one that is only scheduled.
    connected: whether a simulated monitor is polled; charted: whether the demo's nurse charts the sets.
    silent:    minutes for which nothing has been measured.
    noted:     what was charted beside the dose and the sets; earlier: the course before today.
    """

    chair: str
    given_name: str
    family_name: str
    birth_date: date
    sex: str
    weight_kg: Decimal
    protocol: str
    indication: str
    amount: float
    nurse: str = "nurse"
    minutes: int | None = None
    arrived: int | None = None
    allergies: str = ""
    connected: bool = True
    charted: bool = True
    silent: int = 0
    ready: bool = False
    hypertensive: bool = False
    noted: tuple[Noted, ...] = ()
    earlier: tuple[Earlier, ...] = ()


def _treatment(
    chair: int, names: str, born: str, sex: str, kg: int, protocol: str, **more: object
) -> Treatment:
    given_name, family_name = names.split(" ", 1)
    return Treatment(
        str(chair),
        given_name,
        family_name,
        date.fromisoformat(born),
        sex,
        Decimal(kg),
        PROTOCOLS[protocol],
        **more,  # type: ignore[arg-type]  # the rows below are the only callers
    )


# invented and neutral: what is given is never suggested here
PER_ORDER = {
    "name": "Example medicine",
    "dose_text": "1 tablet",
    "route": "by mouth",
    "ordered_by": "Supervisor C",
    "indication": "headache",
}

TREATMENTS: tuple[Treatment, ...] = (
    _treatment(
        1,
        "Demo Aspen",
        "1979-03-12",
        "female",
        82,
        "iv",
        indication=MDD,
        amount=41,
        minutes=12,
        noted=(
            Noted(-9, "scale", phq_9(1, 2, 1, 1, 1, 1, 1, 0, 0)),
            Noted(
                5,
                "symptom",
                {"code": "headache", "severity": "moderate"},
                corrected={"severity": "mild"},
                reason="Wrong chip tapped",
            ),
            Noted(9, "medicine", PER_ORDER),
            Noted(10, "alertness", {"consciousness": "A", "oxygen_l_min": 0}),
        ),
        earlier=(
            Earlier(
                17,
                phq_9(3, 3, 2, 2, 2, 2, 2, 1, 0),
                (Symptom("nausea", "mild", 25, 55), Symptom("dissociation", "moderate", 15, 60)),
                (4, 4, 4),
            ),
            Earlier(
                12, phq_9(2, 2, 2, 2, 2, 2, 1, 1, 0), (Symptom("dissociation", "mild", 18, 52),), (5, 5, 6)
            ),
            Earlier(6, phq_9(2, 2, 1, 2, 1, 1, 1, 1, 0), (Symptom("dizzy", "mild", 20, 48),), (6, 6, 6)),
        ),
    ),
    _treatment(
        2,
        "Demo Birch",
        "1988-07-30",
        "male",
        74,
        "nasal",
        indication=MDD,
        amount=3,
        minutes=53,
        charted=False,
        allergies="Penicillin",
        noted=(Noted(-9, "scale", phq_9(2, 2, 1, 2, 1, 1, 1, 1, 0)),),
        earlier=(
            Earlier(
                19,
                phq_9(3, 3, 3, 3, 2, 2, 2, 2, 0),
                (Symptom("dissociation", "moderate", 12, 70), Symptom("dizzy", "mild", 20, 75)),
                (3, 4, 4),
            ),
            Earlier(
                12, phq_9(3, 2, 2, 2, 2, 2, 2, 1, 0), (Symptom("dissociation", "mild", 14, 62),), (4, 5, 5)
            ),
            # its monitoring form has been due for four days and more, whatever the time of the day
            Earlier(5, phq_9(2, 2, 2, 2, 2, 1, 1, 1, 0), (Symptom("nausea", "mild", 22, 50),), (5, 6, 6)),
        ),
    ),
    _treatment(
        3,
        "Demo Cedar",
        "1967-11-02",
        "male",
        91,
        "iv",
        indication="PTSD",
        amount=45.5,
        minutes=33,
        nurse="nurse-b",
        charted=False,
        hypertensive=True,
        allergies="Latex",
    ),
    _treatment(
        4,
        "Demo Dogwood",
        "1990-01-19",
        "female",
        66,
        "iv",
        indication="Anxiety",
        amount=33,
        minutes=71,
        nurse="nurse-b",
    ),
    _treatment(
        5,
        "Demo Elder",
        "1972-05-08",
        "female",
        70,
        "iv",
        indication="Chronic pain, neuropathic",
        amount=35,
        arrived=6,
    ),
    _treatment(
        6,
        "Demo Fir",
        "1995-09-23",
        "other",
        58,
        "nasal",
        indication=MDD,
        amount=2,
        minutes=97,
    ),
    _treatment(
        7,
        "Demo Ginkgo",
        "1983-12-11",
        "male",
        88,
        "iv",
        indication=MDD,
        amount=44,
        minutes=24,
        noted=(
            Noted(14, "symptom", {"code": "nausea", "severity": "mild"}),
            Noted(20, "alertness", {"consciousness": "D", "oxygen_l_min": 0}),
        ),
    ),
    _treatment(
        8,
        "Demo Hazel",
        "1999-02-04",
        "female",
        61,
        "iv",
        indication="PTSD",
        amount=30.5,
        minutes=6,
        nurse="nurse-b",
    ),
    _treatment(
        10,
        "Demo Juniper",
        "1961-08-17",
        "male",
        79,
        "iv",
        indication=MDD,
        amount=39.5,
        minutes=84,
        nurse="nurse-b",
        connected=False,
        charted=False,
        silent=22,
    ),
    _treatment(
        11,
        "Demo Larch",
        "1976-04-26",
        "female",
        69,
        "iv",
        indication=MDD,
        amount=34.5,
        minutes=116,
    ),
    _treatment(
        12,
        "Demo Maple",
        "1985-10-01",
        "male",
        77,
        "iv",
        indication="Anxiety",
        amount=38.5,
        minutes=126,
        ready=True,
    ),
    _treatment(9, "Demo Poplar", "1970-06-15", "male", 85, "iv", indication="PTSD", amount=42.5),
    _treatment(5, "Demo Rowan", "1992-03-03", "female", 64, "nasal", indication=MDD, amount=2),
)
