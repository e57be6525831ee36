"""The population the simulator draws from: every number of the model, with its source.

"Published" names the study; "our design" marks what no source gives. None of these numbers was chosen with a
limit or an alert rule in view, and none may be.

Minutes count from the first device (nasal) or the start of the infusion (IV).
Units: pressures mmHg; heart and respiratory rate /min; SpO2 %; temperature Cel; sedation MOAA/S (5 awake,
0 no response); dissociation CADSS total (0 to 92).
"""

from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum


class Route(StrEnum):
    """How the drug is given; selects the curves and spreads."""

    IV = "iv"
    NASAL = "nasal"


@dataclass(frozen=True, slots=True)
class Curve:
    """Straight lines between anchors; flat before the first and after the last."""

    minutes: tuple[float, ...]
    heights: tuple[float, ...]

    def at(self, minutes: float) -> float:
        """Height at a minute, in the unit of `heights`."""
        right = bisect_right(self.minutes, minutes)
        if right == 0:
            return self.heights[0]
        if right == len(self.minutes):
            return self.heights[-1]
        before, after = self.minutes[right - 1], self.minutes[right]
        share = (minutes - before) / (after - before)
        return self.heights[right - 1] + share * (self.heights[right] - self.heights[right - 1])


@dataclass(frozen=True, slots=True)
class Spread:
    """A pressure pair's standard deviations, mmHg."""

    systolic: float
    diastolic: float


@dataclass(frozen=True, slots=True)
class Response:
    """What one route does to the body: one row of the table below."""

    pressure_shape: Curve  # share of the session's peak rise
    systolic_peak: float  # mean peak rise, mmHg
    diastolic_peak: float
    peak_between_patients: Spread
    peak_between_sessions: Spread
    systolic_baseline: float  # mean before the dose, mmHg
    diastolic_baseline: float
    baseline_between_patients: Spread
    baseline_between_sessions: Spread
    pre_dose_cap: tuple[float, float] | None  # a dose is not begun above it
    pressure_fading: float  # share of the peak lost over FADING_SESSIONS
    heart_rate_shape: Curve  # share of the session's peak rise
    heart_rate_peak: float  # mean peak rise, /min
    sedated_share: Curve  # share of first sessions with MOAA/S below 5
    sedated_plateau: float  # that share's factor once FADING_SESSIONS are over
    dissociation_shape: Curve  # IV: share of the session's peak CADSS; nasal: share of sessions above 4
    dissociation_plateau: float  # its factor once FADING_SESSIONS are over


_IV_MINUTES = (0, 10, 20, 30, 40, 50, 60, 80, 100, 120)
_NASAL_MINUTES = (0, 15, 30, 40, 60, 90, 120, 240)

# The shapes run through published anchors: IV highest at 40 min (Yale chart review, 138 patients, 2342
# infusions, doi 10.1016/j.genhosppsych.2024.07.001) and at 100 min as before the dose (Beijing RCT, wprim
# 753928); nasal highest at 40 min, in the pre-dose range by about 90 min (pubmed 31994024), with a tail to
# four hours (US label). The heights between the anchors are our design.
RESPONSES = {
    Route.IV: Response(
        pressure_shape=Curve(_IV_MINUTES, (0, 0.40, 0.72, 0.92, 1.0, 0.80, 0.55, 0.22, 0.06, 0)),
        # Published: Yale +16.0/+11.0, of which AT_RISK_FACTOR gives about one.
        systolic_peak=15.0,
        diastolic_peak=10.0,
        # Published: Yale's SD at 40 min is 11.2/8.45; its parts between and within patients are our design.
        peak_between_patients=Spread(8.0, 5.0),
        peak_between_sessions=Spread(8.0, 6.0),
        # Our design: baselines wide enough for Yale's 0.98 % of infusions with severe hypertension and the
        # Canadian clinic's 44.3 % of 203 patients ever at 165/100 (searchworks edo__ejs54032828).
        systolic_baseline=118.0,
        diastolic_baseline=73.0,
        baseline_between_patients=Spread(10.5, 7.0),
        baseline_between_sessions=Spread(4.0, 3.0),
        pre_dose_cap=None,
        # Published: no tolerance from the first to the sixth infusion (Emory, 684 infusions).
        pressure_fading=0.0,
        # Published: +4.09 (0.55 to 7.63), meta-analysis doi 10.3389/fpsyt.2021.549080; shape our design.
        heart_rate_shape=Curve(_IV_MINUTES, (0, 0.4, 0.8, 1.0, 1.0, 0.8, 0.6, 0.2, 0, 0)),
        heart_rate_peak=5.0,
        # Our design, for the published 56.4 % of patients ever drowsy (Canadian clinic).
        sedated_share=Curve(_IV_MINUTES, (0, 0.12, 0.28, 0.38, 0.38, 0.28, 0.18, 0.06, 0.02, 0)),
        sedated_plateau=0.75,
        # Published in words: dissociation falls after the first infusion, then stays level (Canadian clinic).
        dissociation_shape=Curve(_IV_MINUTES, (0, 0.4, 0.8, 1.0, 0.9, 0.6, 0.3, 0.1, 0, 0)),
        dissociation_plateau=0.75,
    ),
    Route.NASAL: Response(
        pressure_shape=Curve(_NASAL_MINUTES, (0, 0.40, 0.85, 1.0, 0.70, 0.30, 0.12, 0)),
        # Our design between the published +7 to +9 / +4 to +6 over placebo at 40 min and the mean maximum
        # +13.3/+8.7 (1708 patients, pubmed 31994024).
        systolic_peak=10.0,
        diastolic_peak=6.5,
        # Our design: these, with the baselines, reproduce the tails of the US label's table (346 patients
        # under 65 with a rise of 40 or more in 8 %, diastolic 25 or more in 13 %).
        peak_between_patients=Spread(9.0, 6.0),
        peak_between_sessions=Spread(10.0, 7.0),
        systolic_baseline=122.0,
        diastolic_baseline=75.0,
        baseline_between_patients=Spread(13.0, 8.5),
        baseline_between_sessions=Spread(6.0, 4.0),
        # Published: the label weighs a dose above 140/90.
        pre_dose_cap=(140.0, 90.0),
        # Our design after "rates fall over induction, then level" (US REMS, 1 486 213 sessions).
        pressure_fading=0.15,
        # Published peak +4.09, the same meta-analysis; shape our design.
        heart_rate_shape=Curve(_NASAL_MINUTES, (0, 0.40, 0.85, 1.0, 0.70, 0.30, 0.12, 0)),
        heart_rate_peak=4.0,
        # Published: onset 15, peak 30 to 45, gone by 60 to 90 min (jnjmedicalconnect, sedation); heights our
        # design. The plateau brings the mean of many sessions to the REMS's 34.7 %.
        sedated_share=Curve(_NASAL_MINUTES, (0, 0.20, 0.45, 0.45, 0.20, 0.05, 0.02, 0)),
        sedated_plateau=0.74,
        # Published: peak 40, mostly over by 90 min, 61 to 84 % of patients, weaker with repetition
        # (jnjmedicalconnect, dissociation); heights our design. Plateau for the REMS's 41.0 % of sessions.
        dissociation_shape=Curve(_NASAL_MINUTES, (0, 0.25, 0.60, 0.65, 0.30, 0.08, 0.03, 0)),
        dissociation_plateau=0.54,
    ),
}

FADING_SESSIONS = 7  # steps from the first session to the level: eight sessions of induction; our design
PRESSURE_CORRELATION = 0.6  # systolic with diastolic, in every random effect; our design

# On the mean peak, not its spread, from 65 years or with hypertension. Our design after the published mean
# maxima +16.0/+9.5 from 65 years against +13.3/+8.7 below (pubmed 31994024).
AT_RISK_FACTOR = Spread(1.3, 1.1)
OLDER_FROM_Y = 65
OLDER_SHARE = 0.17  # published: 72 of 418 in the US label's table
HYPERTENSIVE_SHARE = 0.10  # of the younger; our design
HYPERTENSIVE_SHARE_OLDER = 0.45  # our design
YOUNGER_AGE_Y = (43.0, 12.0)  # mean, SD; our design
YOUNGEST_Y, OLDEST_Y = 18, 84  # our design

CUFF_NOISE = Spread(2.5, 2.0)  # one cuff reading about the true pressure; our design
HEART_RATE_BASELINE = (74.0, 9.0)  # mean, SD between patients; our design
HEART_RATE_BETWEEN_SESSIONS = 4.0  # our design
HEART_RATE_PEAK_SPREAD = (5.0, 4.0)  # SD between patients, between sessions; our design
HEART_RATE_DRIFT = (2.0, 1.5)  # SD slow, quick; our design
RESPIRATORY_RATE = 15.0  # N(15, 2.2), our design; no effect of the drug: published (doi 10.1093/ijnp/pyae058)
RESPIRATORY_RATE_SPREAD = (1.7, 1.1, 0.85)  # SD patient, slow, quick; together 2.2
SPO2 = 97.0  # 97 ± 1.2, our design; unchanged by the drug: published (Beijing RCT)
SPO2_SPREAD = (0.95, 0.6, 0.4)  # SD patient, slow, quick; together 1.2
TEMPERATURE = (36.7, 0.25, 0.1)  # mean, SD patient, SD reading; our design
SLOW_KNOT_MIN, QUICK_KNOT_MIN = 4.0, 0.25  # how fast the slow and the quick part wander; our design

# Share of the variance of sleepiness, and of dissociation, that is the patient's own. Our design, for the
# published 61.9 % of REMS patients ever sedated and 61 to 84 % of trial patients ever dissociated.
SEDATION_LEANING = 0.88
DISSOCIATION_LEANING = 0.80
# Of the sedated, the share at or below each score. Published: mostly 4; 0 in 0.3 to 0.4 % of patients.
SEDATION_DEPTHS = ((0, 0.006), (1, 0.015), (2, 0.035), (3, 0.15), (4, 1.0))
APNOEA_SEDATION = 1  # MOAA/S while breathing stops; our design
CADSS_PEAK = 10.0  # IV mean at the peak of a first session; our design
CADSS_NONE_SHARE = 0.18  # IV sessions without any; makes SD/mean 1.2 as published (7.7, SD 9.2, n 110)
CADSS_NASAL_EXCESS = 9.0  # nasal, mean points above 4 among the dissociated; our design
CADSS_MAX = 92

# What the body can show at most; a guard against absurd draws, our design.
BOUNDS = {
    "systolic": (50.0, 260.0),
    "diastolic": (25.0, 160.0),
    "heart_rate": (25.0, 210.0),
    "respiratory_rate": (0.0, 50.0),
    "spo2": (50.0, 100.0),
    "temperature": (34.5, 40.5),
}
LEAST_PULSE_PRESSURE = 15.0  # mmHg; our design


class EventKind(StrEnum):
    """What can happen beside the expected response; the log of these is the ground truth of a session."""

    DESATURATION = "desaturation"
    APNOEA = "apnoea"
    VASOVAGAL = "vasovagal"
    HYPERTENSIVE = "hypertensive"
    NAUSEA = "nausea"
    VOMITING = "vomiting"
    HEADACHE = "headache"
    CUFF_FAILURE = "cuff_failure"
    ZERO = "zero"
    MOTION = "motion"
    DROP_OUT = "drop_out"


@dataclass(frozen=True, slots=True)
class EventRow:
    """How often an event comes, when, for how long and how large.

    mean_per_session: expected number; below one it is nearly the share of sessions.
    starts_min, lasts_min, size: drawn evenly between the two. `size` is the value gone to (desaturation and
    apnoea: SpO2; vasovagal: systolic) or the amount added (hypertensive: systolic; motion: the vital).
    vitals: the artefact strikes one of these.
    """

    mean_per_session: float
    starts_min: tuple[float, float]
    lasts_min: tuple[float, float]
    size: tuple[float, float] = (0.0, 0.0)
    vitals: tuple[str, ...] = ()
    artefact: bool = False


EVENTS = {
    # Published bounds: below 3 % of patients ever < 93 % on two consecutive checks; the 0.4 % is our design.
    EventKind.DESATURATION: EventRow(0.004, (10, 70), (4, 10), (85, 91)),
    # Published: about 1 in 20 000 sessions (post-marketing, doi 10.1093/ijnp/pyae058).
    EventKind.APNOEA: EventRow(1 / 20_000, (5, 60), (1.5, 4), (72, 88)),
    EventKind.VASOVAGAL: EventRow(0.003, (2, 90), (3, 8), (68, 86)),  # our design
    # Our design: a crisis of its own, rare beside the tails of the ordinary response.
    EventKind.HYPERTENSIVE: EventRow(0.0005, (15, 45), (12, 30), (45, 75)),
    EventKind.NAUSEA: EventRow(0.10, (15, 80), (10, 40)),  # our design; 28 % of nasal trial patients ever
    EventKind.VOMITING: EventRow(0.025, (25, 100), (2, 5)),  # our design; 9 % of nasal trial patients ever
    EventKind.HEADACHE: EventRow(0.06, (30, 120), (20, 90)),  # our design; 20 % of nasal trial patients ever
    # Artefacts: all our design.
    EventKind.CUFF_FAILURE: EventRow(0.20, (-15, 150), (3, 8), vitals=("systolic",), artefact=True),
    EventKind.ZERO: EventRow(
        0.06, (-10, 150), (0.5, 2), vitals=("spo2", "heart_rate", "respiratory_rate"), artefact=True
    ),
    EventKind.MOTION: EventRow(
        0.40, (-10, 150), (0.3, 1), (30, 70), vitals=("heart_rate", "systolic"), artefact=True
    ),
    EventKind.DROP_OUT: EventRow(0.08, (-10, 150), (2, 7), artefact=True),
}
VASOVAGAL_HEART_RATE = (38.0, 48.0)  # at the event's lowest and highest pressure; our design
CUFF_VITALS = ("systolic", "diastolic", "mean")
HYPERTENSIVE_SHARES = (0.55, 0.2)  # what diastolic and heart rate take of the systolic rise; our design
VASOVAGAL_DIASTOLIC = 0.6  # of the systolic pressure gone to; our design
RAMP_SHARE = 0.25  # of a real event's length, for coming and again for going; our design
