"""Who sits where when the demo begins. Everybody here is invented."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

CLINIC = "Demo clinic"
CHAIRS = 12
MDD = "Severe depression"


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff of the demo. credentials: each kind with the days until it runs out."""

    username: str
    shown_as: str
    role: str
    credentials: tuple[tuple[str, int], ...] = ()


STAFF = (
    Person("nurse", "Nurse A", "nurse", (("licence", 400), ("acls", 12))),
    Person("nurse-b", "Nurse B", "nurse", (("licence", 300), ("acls", 200))),
    Person(
        "supervisor",
        "Supervisor",
        "supervisor",
        (("prescriber", 365), ("licence", 500), ("dea", 250), ("rems", 600)),
    ),
    Person("admin", "Admin", "admin"),
)
PLANNED_SESSIONS = 6
# numbers that nobody has: 555-01xx is kept free for stories
OWN_DATA = {
    "address_1": "1 Example Street",
    "city": "Exampleton",
    "phone": "(555) 010-0100",
    "crisis_words": "Example: call your local crisis line, or emergency services.",
}


@dataclass(frozen=True, slots=True)
class Treatment:
    """One session of the demo, as it stands when the demo begins.

    minutes:   since the dose began; None for a session that has not begun.
    arrived:   minutes since check-in where no dose was given; None for one that is only scheduled.
    connected: whether a simulated monitor is polled; charted: whether the demo's nurse charts the sets.
    silent:    minutes for which nothing has been measured.
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
        {"iv": "iv-ketamine", "nasal": "nasal-esketamine"}[protocol],
        **more,  # type: ignore[arg-type]  # the rows below are the only callers
    )


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
