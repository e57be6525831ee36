"""The two protocols a new clinic begins with. Every figure is the clinic's to set with a new version.

Sources: iv-ketamine: measuring every 10 min during and every 15 min after, as published programmes report
(684 and 2342 infusions); two hours in all as this product's minimum; 80 min after the infusion's end is the
clinic's to set. nasal-esketamine: pre-dose, about 40 min and before leaving per US label and REMS;
oximetry and alertness every 15 min are clinic policy, the label gives no interval; two hours after the
last device.
"""

from sessions.checklist import Item, Kind, Phase
from sessions.protocol import Anchor, DoseRules, ProtocolRules, Route, StepRule

BP = ("systolic", "diastolic")
SET = (*BP, "heart_rate", "respiratory_rate", "spo2", "sedation")

LABEL = "US label of esketamine nasal spray, before dosing"
POLICY = "the clinic's to set"
TASK_FORCE = "APA task force 2017 and clinic policy"
REMS_SITE = "REMS page of the FDA: prescriber and pulse oximeter on site, certified setting"
FOOD = "county policy on esketamine nasal spray: no food for 2 h, no liquid for 30 min"


def _ask(code: str, text: str, source: str, kind: Kind = Kind.CONFIRM) -> Item:
    return Item(Phase.BEFORE_DOSE, code, kind, text, source)


def _known(code: str, text: str, source: str) -> Item:
    """A row that what is on record answers: ``sessions.gate`` knows how."""
    return _ask(code, text, source, Kind.ON_RECORD)


def _leave(code: str, text: str) -> Item:
    return Item(
        Phase.BEFORE_LEAVING, code, Kind.CONFIRM, text, "proposed items of readiness to leave; " + POLICY
    )


BEFORE_ANY_DOSE = (
    _known("pre-dose-bp", "Blood pressure taken, and within the protocol's value or decided on", LABEL),
    _known("pre-dose-spo2", "Oxygen saturation taken before the dose", REMS_SITE),
    _known("pre-dose-sedation", "Alertness taken before the dose", POLICY),
    _known("prescriber-on-site", "Prescriber on site today", REMS_SITE),
    _known("oximeter", "Pulse oximeter present today", REMS_SITE),
    _known("licence", "Licence of the nurse in date", POLICY),
    _known("acls", "ACLS of the nurse in date", TASK_FORCE),
    _known("dea", "DEA registration of a prescriber in date", TASK_FORCE),
    _known("consent", "Consent on file", POLICY),
    _ask("identity", "Identity checked: name and birth date", POLICY),
    _ask("fasting", "No food for 2 hours, no liquid for 30 minutes", FOOD),
    _ask("escort", "Ride home and escort confirmed", LABEL),
    _ask("vascular", "Aneurysm, arteriovenous malformation or past brain bleed", LABEL, Kind.CAUTION),
    _ask("hypersensitivity", "Hypersensitivity to ketamine or esketamine", LABEL, Kind.CAUTION),
    _ask("psychosis", "History of psychosis", LABEL, Kind.CAUTION),
    _ask("substance-use", "Substance use disorder", LABEL, Kind.CAUTION),
    _ask("cardiovascular", "Cardiovascular or cerebrovascular disease", LABEL, Kind.CAUTION),
    _ask("hepatic", "Liver impairment", LABEL, Kind.CAUTION),
    _ask("pregnancy", "Pregnant or breast-feeding", LABEL, Kind.CAUTION),
    _ask("benzodiazepines", "Takes benzodiazepines", LABEL, Kind.CAUTION),
    _ask("sedative-hypnotics", "Takes other sedatives or hypnotics", LABEL, Kind.CAUTION),
    _ask("opioids", "Takes opioids", LABEL, Kind.CAUTION),
    _ask("psychostimulants", "Takes psychostimulants", LABEL, Kind.CAUTION),
    _ask("maois", "Takes a MAO inhibitor", LABEL, Kind.CAUTION),
)
BEFORE_NASAL_DOSE = (
    *BEFORE_ANY_DOSE,
    _known("rems", "REMS enrolment of the clinic's staff in date", REMS_SITE),
    _known("enrolment", "Enrolled in the REMS before the first treatment", "REMS, outpatient settings"),
    _ask("nose", "No nasal steroid or decongestant within the last hour", FOOD),
)
BEFORE_IV_DOSE = (
    *BEFORE_ANY_DOSE,
    _ask("line", "IV line placed and checked", TASK_FORCE),
)
BEFORE_LEAVING = (
    _leave("bp", "Blood pressure acceptable and falling, or back near baseline"),
    _leave("spo2", "Oxygen saturation near the pre-dose value on room air"),
    _leave("breathing", "Breathing rate as usual"),
    _leave("alert", "Alert: answers readily"),
    _leave("oriented", "Knows person, place and time"),
    _leave("dissociation", "Dissociation gone, or as usual for this patient"),
    _leave("nausea", "No nausea, or well controlled"),
    _leave("gait", "Walks steadily"),
    _leave("suicidality", "Thoughts of suicide asked about again, as ordered"),
    _leave("advice", "Written advice given: no driving until tomorrow after sleep"),
    _leave("belongings", "Belongings with the patient, IV line out"),
    _leave("contact", "Has a number to call, and knows which symptoms to return for"),
)

# Guard rails of dose arithmetic: design proposals of the clinical facts, section 2.3; the clinic's to set.
DOSE = DoseRules(
    decide_above_systolic=140,
    decide_above_diastolic=90,
    most_mg_per_kg=1.0,
    most_mg_per_kg_within_min=60,
    shortest_infusion_min=30,
    weight_good_for_days=30,
    device_mg=28,
    device_rest_min=5,
)

# every 30 min: a hospital's nursing guideline for later hours; the clinic's to set
WAITING = StepRule(
    "Set while waiting for the escort",
    Anchor.WAITING,
    30,
    (*BP, "heart_rate", "sedation"),
    10,
    20,
    every_min=30,
)

IV_KETAMINE = ProtocolRules(
    code="iv-ketamine",
    version=1,
    route=Route.IV,
    total_min=120,
    post_min=80,
    planned_dose_min=40,
    steps=(
        StepRule("Pre-dose set", Anchor.CHECK_IN, 10, SET, opens_min=10, closes_min=20),
        StepRule(
            "Set during infusion", Anchor.DOSE_START, 10, SET, 5, 5, every_min=10, until=Anchor.DOSE_END
        ),
        StepRule("Set after infusion", Anchor.DOSE_END, 15, SET, 7, 8, every_min=15, until=Anchor.WAITING),
        WAITING,
    ),
    items=(*BEFORE_IV_DOSE, *BEFORE_LEAVING),
    dose=DOSE,
)

NASAL_ESKETAMINE = ProtocolRules(
    code="nasal-esketamine",
    version=1,
    route=Route.NASAL,
    total_min=120,
    post_min=120,
    planned_dose_min=10,
    steps=(
        StepRule("Pre-dose set", Anchor.CHECK_IN, 10, SET, opens_min=10, closes_min=20),
        StepRule(
            "SpO₂ and alertness",
            Anchor.DOSE_START,
            15,
            ("spo2", "sedation"),
            7,
            8,
            every_min=15,
            until=Anchor.WAITING,
        ),
        StepRule("40-minute BP", Anchor.DOSE_START, 40, (*BP, "heart_rate"), opens_min=5, closes_min=10),
        StepRule(
            "BP after 40 minutes",
            Anchor.DOSE_START,
            55,
            (*BP, "heart_rate"),
            7,
            8,
            every_min=15,
            until=Anchor.WAITING,
        ),
        WAITING,
    ),
    items=(*BEFORE_NASAL_DOSE, *BEFORE_LEAVING),
    dose=DOSE,
)

NAMES = {"iv-ketamine": "IV ketamine", "nasal-esketamine": "Nasal esketamine"}
PROTOCOLS = (IV_KETAMINE, NASAL_ESKETAMINE)
