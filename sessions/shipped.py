"""The two protocols a new clinic begins with. Every figure is the clinic's to set with a new version.

Sources: iv-ketamine: measuring every 10 min during and every 15 min after, as published programmes report
(684 and 2342 infusions); two hours in all as this product's minimum; 80 min after the infusion's end is the
clinic's to set. nasal-esketamine: pre-dose, about 40 min and before leaving per US label and REMS;
oximetry and alertness every 15 min are clinic policy, the label gives no interval; two hours after the
last device.
"""

from sessions.protocol import Anchor, ProtocolRules, Route, StepRule

BP = ("systolic", "diastolic")
SET = (*BP, "heart_rate", "respiratory_rate", "spo2", "sedation")

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
        StepRule("Set after infusion", Anchor.DOSE_END, 15, SET, 7, 8, every_min=15),
    ),
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
        StepRule("SpO₂ and alertness", Anchor.DOSE_START, 15, ("spo2", "sedation"), 7, 8, every_min=15),
        StepRule("40-minute BP", Anchor.DOSE_START, 40, (*BP, "heart_rate"), opens_min=5, closes_min=10),
        StepRule("BP after 40 minutes", Anchor.DOSE_START, 55, (*BP, "heart_rate"), 7, 8, every_min=15),
    ),
)

NAMES = {"iv-ketamine": "IV ketamine", "nasal-esketamine": "Nasal esketamine"}
PROTOCOLS = (IV_KETAMINE, NASAL_ESKETAMINE)
