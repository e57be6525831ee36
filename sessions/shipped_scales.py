"""The scales that ship, and which of them belong to an indication. Rows; sources stand in each.

Licences: clinical facts, section 5. Where wording is its author's, only numbers ship and the clinic pastes
the wording it has a licence for. MADRS, QIDS, C-SSRS, BPI and POSS are plug-ins: ``sessions.known_scales``.
"""

from dataclasses import dataclass

from sessions.indications import Indication
from sessions.scales import Band, Choice, Counting, Item, Scale, Wording


def _choices(*words: str, highest: int) -> tuple[Choice, ...]:
    """Choices whose score falls by one from the first."""
    return tuple(Choice(highest - index, text) for index, text in enumerate(words))


def _rising(*words: str) -> tuple[Choice, ...]:
    return tuple(Choice(score, text) for score, text in enumerate(words))


MOAAS = Scale(
    code="moaa-s",
    name="MOAA/S",
    version="1990",
    counting=Counting.ONE,
    items=(
        Item(
            "response",
            "How the patient responds",
            _choices(
                "Responds readily to name in a normal voice",
                "Slow or sleepy response to name",
                "Responds only to a loud or repeated name",
                "Responds only to gentle prodding or shaking",
                "Responds only to a painful trapezius squeeze",
                "No response to a painful trapezius squeeze",
                highest=5,
            ),
        ),
    ),
    bands=(),
    wording=Wording.PARAPHRASED,
    source="Chernik et al. 1990; some variants differ at 0 and 1",
    licence="Published scale, paraphrased",
)

RASS = Scale(
    code="rass",
    name="RASS",
    version="2002",
    counting=Counting.ONE,
    items=(
        Item(
            "level",
            "Agitation or sedation",
            _choices(
                "Combative",
                "Very agitated",
                "Agitated",
                "Restless",
                "Alert and calm",
                "Drowsy: eye contact to voice for more than 10 s",
                "Light sedation: eye contact to voice for less than 10 s",
                "Moderate sedation: moves to voice, no eye contact",
                "Deep sedation: responds only to physical stimulation",
                "Unarousable",
                highest=4,
            ),
        ),
    ),
    bands=(),
    wording=Wording.PARAPHRASED,
    source="Sessler et al. 2002 (Richmond Agitation-Sedation Scale)",
    licence="Widely used; cite the source",
)

ALDRETE = Scale(
    code="aldrete",
    name="Modified Aldrete",
    version="1995",
    counting=Counting.SUM,
    items=(
        Item(
            "activity",
            "Activity, when asked",
            _choices("Moves four limbs", "Moves two limbs", "Moves no limb", highest=2),
        ),
        Item(
            "respiration",
            "Breathing",
            _choices(
                "Breathes deeply, coughs freely", "Short of breath or shallow", "Does not breathe", highest=2
            ),
        ),
        Item(
            "circulation",
            "Blood pressure against baseline",
            _choices("Within 20 %", "20 to 50 % away", "More than 50 % away", highest=2),
        ),
        Item(
            "consciousness",
            "Consciousness",
            _choices("Fully awake", "Wakes when called", "No response", highest=2),
        ),
        Item(
            "oxygen",
            "Oxygen saturation",
            _choices(
                "Above 92 % on room air",
                "Needs oxygen to stay above 90 %",
                "Below 90 % even with oxygen",
                highest=2,
            ),
        ),
    ),
    bands=(
        Band(0, 8, "below-cut", "below the usual cut of 9"),
        Band(9, 10, "at-cut", "at or above the usual cut of 9"),
    ),
    wording=Wording.PARAPHRASED,
    source="Aldrete 1995; item detail to be checked against the paper",
    licence="Cite the source",
)

PADSS = Scale(
    code="padss",
    name="PADSS",
    version="1995",
    counting=Counting.SUM,
    items=(
        Item(
            "vital_signs",
            "Blood pressure and pulse against pre-dose",
            _choices("Within 20 %", "20 to 40 % away", "More than 40 % away", highest=2),
        ),
        Item(
            "activity",
            "Activity",
            _choices("Steady gait, no dizziness", "Needs assistance", "Cannot walk", highest=2),
        ),
        Item(
            "nausea_vomiting",
            "Nausea and vomiting",
            _choices("None or mild", "Moderate", "Severe", highest=2),
        ),
        Item("pain", "Pain", _choices("None or mild", "Moderate", "Severe", highest=2)),
        Item("bleeding", "Surgical bleeding", _choices("None or mild", "Moderate", "Severe", highest=2)),
    ),
    bands=(
        Band(0, 8, "below-cut", "below the scale's cut of 9"),
        Band(9, 10, "at-cut", "at or above the scale's cut of 9"),
    ),
    wording=Wording.PARAPHRASED,
    source="Chung et al. 1995; item detail to be checked against the paper",
    licence="Cite the source. A clinic that leaves an item out no longer has PADSS",
)

_CADSS_SCORES = tuple(Choice(number, str(number)) for number in range(5))
CADSS_6 = Scale(
    code="cadss-6",
    name="CADSS-6",
    version="2021",
    counting=Counting.SUM,
    items=tuple(
        Item(f"item-{number}", f"Item {number} of the 23-item form", _CADSS_SCORES)
        for number in (1, 2, 6, 7, 15, 22)
    ),
    bands=(),
    wording=Wording.CLINIC,
    source="Rodrigues et al. 2021: items 1, 2, 6, 7, 15, 22, each 0 to 4; not yet validated, its authors say",
    licence="Wording is the author's copyright: only numbers ship, the clinic adds its licensed wording",
)

_DAYS = ("Not at all", "Several days", "More than half the days", "Nearly every day")
_TWO_WEEKS = "Over the last 2 weeks, how often have you been bothered by any of the following problems?"
PHQ_9 = Scale(
    code="phq-9",
    name="PHQ-9",
    version="2001",
    counting=Counting.SUM,
    items=(
        Item("interest", "Little interest or pleasure in doing things", _rising(*_DAYS)),
        Item("mood", "Feeling down, depressed, or hopeless", _rising(*_DAYS)),
        Item("sleep", "Trouble falling or staying asleep, or sleeping too much", _rising(*_DAYS)),
        Item("energy", "Feeling tired or having little energy", _rising(*_DAYS)),
        Item("appetite", "Poor appetite or overeating", _rising(*_DAYS)),
        Item(
            "failure",
            "Feeling bad about yourself — or that you are a failure or have let yourself or your family down",
            _rising(*_DAYS),
        ),
        Item(
            "concentration",
            "Trouble concentrating on things, such as reading the newspaper or watching television",
            _rising(*_DAYS),
        ),
        Item(
            "movement",
            "Moving or speaking so slowly that other people could have noticed? Or the opposite — being so"
            " fidgety or restless that you have been moving around a lot more than usual",
            _rising(*_DAYS),
        ),
        Item(
            "self-harm",
            "Thoughts that you would be better off dead or of hurting yourself in some way",
            _rising(*_DAYS),
            review_above=0,
            review="PHQ-9 item 9 is above 0",
        ),
    ),
    bands=(
        Band(0, 4, "minimal", "minimal"),
        Band(5, 9, "mild", "mild"),
        Band(10, 14, "moderate", "moderate"),
        Band(15, 19, "moderately-severe", "moderately severe"),
        Band(20, 27, "severe", "severe"),
    ),
    wording=Wording.PUBLISHED,
    source="Kroenke, Spitzer, Williams 2001: bands from 5, 10, 15 and 20",
    licence="Free of copyright restriction and charge since 2010 (Pfizer)",
    asked=_TWO_WEEKS,
)

GAD_7 = Scale(
    code="gad-7",
    name="GAD-7",
    version="2006",
    counting=Counting.SUM,
    items=(
        Item("nervous", "Feeling nervous, anxious or on edge", _rising(*_DAYS)),
        Item("control", "Not being able to stop or control worrying", _rising(*_DAYS)),
        Item("worry", "Worrying too much about different things", _rising(*_DAYS)),
        Item("relaxing", "Trouble relaxing", _rising(*_DAYS)),
        Item("restless", "Being so restless that it is hard to sit still", _rising(*_DAYS)),
        Item("irritable", "Becoming easily annoyed or irritable", _rising(*_DAYS)),
        Item("afraid", "Feeling afraid as if something awful might happen", _rising(*_DAYS)),
    ),
    bands=(
        Band(0, 4, "minimal", "minimal"),
        Band(5, 9, "mild", "mild"),
        Band(10, 14, "moderate", "moderate"),
        Band(15, 21, "severe", "severe"),
    ),
    wording=Wording.PUBLISHED,
    source="Spitzer et al. 2006: bands from 5, 10 and 15",
    licence="Free of copyright restriction and charge since 2010 (Pfizer)",
    asked=_TWO_WEEKS,
)

_EXTENT = ("Not at all", "A little bit", "Moderately", "Quite a bit", "Extremely")
_PCL_5 = (
    "Repeated, disturbing, and unwanted memories of the stressful experience?",
    "Repeated, disturbing dreams of the stressful experience?",
    "Suddenly feeling or acting as if the stressful experience were actually happening again (as if you were"
    " actually back there reliving it)?",
    "Feeling very upset when something reminded you of the stressful experience?",
    "Having strong physical reactions when something reminded you of the stressful experience (for example,"
    " heart pounding, trouble breathing, sweating)?",
    "Avoiding memories, thoughts, or feelings related to the stressful experience?",
    "Avoiding external reminders of the stressful experience (for example, people, places, conversations,"
    " activities, objects, or situations)?",
    "Trouble remembering important parts of the stressful experience?",
    "Having strong negative beliefs about yourself, other people, or the world (for example, having thoughts"
    " such as: I am bad, there is something seriously wrong with me, no one can be trusted, the world is"
    " completely dangerous)?",
    "Blaming yourself or someone else for the stressful experience or what happened after it?",
    "Having strong negative feelings such as fear, horror, anger, guilt, or shame?",
    "Loss of interest in activities that you used to enjoy?",
    "Feeling distant or cut off from other people?",
    "Trouble experiencing positive feelings (for example, being unable to feel happiness or have loving"
    " feelings for people close to you)?",
    "Irritable behavior, angry outbursts, or acting aggressively?",
    "Taking too many risks or doing things that could cause you harm?",
    "Being “superalert” or watchful or on guard?",
    "Feeling jumpy or easily startled?",
    "Having difficulty concentrating?",
    "Trouble falling or staying asleep?",
)
PCL_5 = Scale(
    code="pcl-5",
    name="PCL-5",
    version="2013",
    counting=Counting.SUM,
    items=tuple(
        Item(f"item-{number}", text, _rising(*_EXTENT)) for number, text in enumerate(_PCL_5, start=1)
    ),
    bands=(
        Band(0, 32, "below-cut", "below 33, the cut used here"),
        Band(33, 80, "at-cut", "at or above 33, the cut used here"),
    ),
    wording=Wording.PUBLISHED,
    source="Weathers et al. 2013, National Center for PTSD: a cut of 31 to 33 is suggested, 33 is used here",
    licence="Public domain",
    asked="In the past month, how much were you bothered by:",
)

PAIN = Scale(
    code="pain-nrs",
    name="Pain 0–10",
    version="1",
    counting=Counting.ONE,
    items=(
        Item(
            "pain",
            "Pain now",
            (
                Choice(0, "No pain"),
                *(Choice(number, "") for number in range(1, 10)),
                Choice(10, "Worst pain imaginable"),
            ),
        ),
    ),
    bands=(),
    wording=Wording.PARAPHRASED,
    source="Numeric rating scale",
    licence="Free",
)

SUICIDE_SCREEN = Scale(
    code="suicide-screen",
    name="Suicide screen",
    version="1",
    counting=Counting.ONE,
    items=(
        Item(
            "positive",
            "The clinic's own suicide screen",
            (Choice(0, "Negative"), Choice(1, "Positive")),
            review_above=0,
            review="Positive suicide screen",
        ),
    ),
    bands=(),
    wording=Wording.CLINIC,
    source="The clinic's own procedure; this product ships no screening text",
    licence="The clinic's own wording",
)

SCALES: tuple[Scale, ...] = (
    MOAAS,
    RASS,
    ALDRETE,
    PADSS,
    CADSS_6,
    PHQ_9,
    GAD_7,
    PCL_5,
    PAIN,
    SUICIDE_SCREEN,
)


@dataclass(frozen=True, slots=True)
class Pack:
    """Which scales an indication asks for, by code: before the dose, at leaving, at follow-up."""

    before_dose: tuple[str, ...]
    at_leaving: tuple[str, ...]
    at_follow_up: tuple[str, ...]


# source: clinical facts, sections 5.3 and 10: measures per indication, suicide screen before dose and release
PACKS: dict[Indication, Pack] = {
    Indication.DEPRESSION: Pack(("phq-9", "suicide-screen"), ("cadss-6", "suicide-screen"), ("phq-9",)),
    Indication.ANXIETY: Pack(("gad-7", "suicide-screen"), ("cadss-6", "suicide-screen"), ("gad-7",)),
    Indication.PTSD: Pack(("pcl-5", "suicide-screen"), ("cadss-6", "suicide-screen"), ("pcl-5",)),
    Indication.PAIN_NEUROPATHIC: Pack(("pain-nrs",), ("pain-nrs", "cadss-6"), ("pain-nrs",)),
    Indication.PAIN_OTHER: Pack(("pain-nrs",), ("pain-nrs", "cadss-6"), ("pain-nrs",)),
    Indication.OTHER: Pack(("suicide-screen",), ("cadss-6", "suicide-screen"), ()),
}
