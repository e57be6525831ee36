"""The worked sessions of the default rules: each number here was typed from them, none is the table's.

Minutes since the dose began; a story is (minute, priority, state) of the one condition, at each change.
"""

from tests.unit.vitals.live import LIMITS, acknowledge, live_panel, minute, take
from vitals import flag_changes, ticking
from vitals.panel import Baseline

WATCHED_EVERY_MIN = 0.5


def session(**baseline):
    panel = live_panel()
    panel.values.clear()
    panel.baseline = Baseline(**baseline, sets=1)
    return panel


class Story:
    """What becomes of one condition while readings come and the watch ticks in between."""

    def __init__(self, panel, condition):
        self.panel, self.condition = panel, condition
        self.told = []
        self.now = 0.0

    def until(self, at):
        while self.now + WATCHED_EVERY_MIN <= at:
            self.now += WATCHED_EVERY_MIN
            self._note(ticking.tick(self.panel, LIMITS, minute(self.now)))
        self.now = at
        return self

    def reading(self, at, **values):
        self.until(at)
        return self._note(take(self.panel, at, **values).changes)

    def _note(self, changes):
        for change in changes:
            if change.flag.condition == self.condition:
                told = ((change.at - minute(0)).total_seconds() / 60, change.flag.priority, change.flag.state)
                if not self.told or self.told[-1][1:] != told[1:]:
                    self.told.append(told)
        return self

    def due(self):
        return [(one.at - minute(0)).total_seconds() / 60 for one in self.panel.rechecks]

    @property
    def flag(self):
        return flag_changes.open_flag(self.panel, self.condition)


def bp(story, *sets):
    for at, systolic, diastolic in sets:
        story.reading(at, systolic=systolic, diastolic=diastolic)
    return story


def test_a_the_expected_rise_flags_nothing():
    story = Story(session(systolic=124, diastolic=78), "bp-high")
    bp(story, (10, 131, 83), (20, 137, 87), (30, 141, 89), (40, 142, 90), (55, 136, 86), (70, 131, 83))
    bp(story, (100, 125, 79))
    assert story.told == []
    assert {flag.condition for flag in story.panel.flags} <= {"overdue"}, "the rest of each set is missing"


def test_b_two_readings_five_minutes_apart_are_medium_and_resolve():
    story = Story(session(systolic=124, diastolic=78), "bp-high")
    bp(story, (30, 172, 98))
    assert story.told == [(30, "medium", "pending")]
    assert story.due() == [35]
    bp(story, (35, 168, 96))
    assert story.told[1:] == [(35, "medium", "active")]
    assert "second reading, 5 min apart, +44/+18 over baseline 124/78" in story.flag.why
    assert story.flag.why.endswith("rule BP-2 v1")
    bp(story, (45, 150, 90))
    assert story.told[2:] == [(45, "medium", "resolved")]


def crisis(story):
    bp(story, (30, 195, 101))
    assert story.told == [(30, "high", "pending")]
    assert story.due() == [35]
    bp(story, (36, 194, 100))
    assert story.told[1:] == [(36, "high", "active")]
    return story


def test_c_a_confirmed_high_steps_down_and_stays_latched_unless_taken():
    story = crisis(Story(session(systolic=130, diastolic=80), "bp-high"))
    bp(story, (46, 176, 98))
    assert story.told[2:] == [(46, "medium", "active")]
    bp(story, (56, 158, 92))
    assert story.told[3:] == [(56, "high", "latched")]


def test_c_acknowledged_as_high_it_resolves():
    story = crisis(Story(session(systolic=130, diastolic=80), "bp-high"))
    acknowledge(story.panel, "bp-high", 37)
    bp(story, (46, 176, 98))
    assert story.told[2:] == [(46, "medium", "acknowledged")]
    bp(story, (56, 158, 92))
    assert story.told[3:] == [(56, "medium", "resolved")]


def test_d_a_breach_that_nobody_measures_again_is_raised_as_not_rechecked():
    panel = session(systolic=130, diastolic=80)
    story = Story(panel, "bp-high")
    full = {"heart_rate": 70, "respiratory_rate": 14, "spo2": 98, "sedation": 5}
    for at in (10, 20):
        story.reading(at, systolic=130, diastolic=80, **full)
    story.reading(30, systolic=195, diastolic=101, **full)
    story.until(36.5)
    assert story.told == [(30, "high", "pending")]
    story.until(37)
    assert story.told[1:] == [(37, "high", "active")]
    assert story.flag.why.startswith("not re-checked")
    story.until(44.5)
    assert flag_changes.open_flag(panel, "overdue") is None
    story.until(45)
    overdue = flag_changes.open_flag(panel, "overdue")
    assert overdue is not None
    assert (overdue.priority, overdue.opened_at) == ("low", minute(45))


def test_e_saturation_is_confirmed_a_minute_later_and_again_for_high():
    story = Story(session(systolic=124, diastolic=78), "spo2-low")
    story.reading(20, spo2=96)
    story.reading(25, spo2=92)
    assert story.told == [(25, "medium", "pending")]
    story.reading(26, spo2=92)
    assert story.told[1:] == [(26, "medium", "active")]
    story.reading(27, spo2=90)
    assert story.told[2:] == [], "pending high, still medium"
    assert [track.priority for track in story.flag.confirming] == ["high"]
    story.reading(28, spo2=90)
    assert story.told[2:] == [(28, "high", "active")]


def test_f_a_measurement_sent_five_times_confirms_nothing():
    story = Story(session(systolic=130, diastolic=80), "bp-high")
    bp(story, *[(30, 181, 102)] * 5)
    assert story.told == [(30, "high", "pending")]
    assert story.flag.confirming[0].count == 1


def test_g_a_monitor_that_reads_0_is_a_technical_flag():
    story = Story(session(systolic=124, diastolic=78), "hr-zero")
    story.reading(15, heart_rate=0, spo2=97, systolic=124, diastolic=78)
    assert story.told == [(15, "medium", "active")]
    assert story.flag.category == "technical"
    assert "heart_rate" not in story.panel.values
    assert story.panel.values["spo2"].value == 97


def test_h_a_low_baseline_is_no_low_pressure():
    story = Story(session(systolic=92, diastolic=58), "bp-low")
    bp(story, (20, 90, 57))
    assert story.told == []
