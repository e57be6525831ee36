"""The session chart: what is drawn where, from numbers typed here."""

import json
from datetime import UTC, datetime, timedelta
from itertools import permutations
from zoneinfo import ZoneInfo

from screens.charts.figure import figure
from screens.charts.inputs import ChartReading, ChartWindow, LimitLine, Mark, TypicalPoint

NEW_YORK = ZoneInfo("America/New_York")
DOSE_AT = datetime(2026, 11, 23, 15, 4, tzinfo=UTC)  # 10:04 in New York
WINDOW = ChartWindow(zero_at=DOSE_AT, dosed=True, ends_at=DOSE_AT + timedelta(minutes=120))


def at(minutes):
    return DOSE_AT + timedelta(minutes=minutes)


def reading(minutes, **values):
    extra = {key: values.pop(key) for key in ("late", "doubtful", "absent", "recorded_by") if key in values}
    return ChartReading(measured_at=at(minutes), values=values, **extra)


def draw(readings=(), marks=(), limits=(), window=WINDOW, typical=()):
    return figure(readings, marks, limits, window, NEW_YORK, typical)


def trace(drawn, name):
    return next(trace for trace in drawn["data"] if trace.get("name") == name)


def names(drawn):
    return [trace.get("name") for trace in drawn["data"]]


def test_minutes_since_dose_below_and_clinic_clock_above():
    layout = draw([reading(10, systolic=131, diastolic=83)])["layout"]
    assert layout["xaxis"]["tickvals"][:3] == [0, 10, 20]
    assert layout["xaxis2"]["ticktext"][:3] == ["10:04", "10:14", "10:24"]
    assert layout["xaxis"]["title"]["text"] == "minutes since dose start"


def test_before_a_dose_the_minutes_count_from_check_in():
    layout = draw(window=ChartWindow(zero_at=DOSE_AT, dosed=False))["layout"]
    assert layout["xaxis"]["title"]["text"] == "minutes since check-in"
    assert layout["shapes"] == []


def test_halves_of_one_moment_are_one_point_of_the_band():
    drawn = draw([reading(10, diastolic=83), reading(10, systolic=131, mean=99), reading(20, systolic=137)])
    band = trace(drawn, "Blood pressure, systolic to diastolic")
    assert band["x"] == [10.0, 10.0]
    assert band["y"] == [131, 83]
    assert trace(drawn, "Mean")["y"] == [99]


def test_any_order_of_arrival_draws_the_same_chart():
    rows = [reading(m, systolic=120 + m, diastolic=70 + m, spo2=97) for m in (0, 10, 20, 30)]
    assert {json.dumps(draw(order)) for order in permutations(rows)} == {json.dumps(draw(rows))}


def test_a_long_silence_breaks_the_line_and_the_band():
    drawn = draw([reading(m, systolic=130, diastolic=80) for m in (0, 10, 20, 30, 90)])
    assert trace(drawn, "Systolic")["x"] == [0.0, 10.0, 20.0, 30.0, None, 90.0]
    assert trace(drawn, "Blood pressure, systolic to diastolic")["x"].count(None) == 1


def test_a_doubtful_value_is_a_cross_at_the_edge_with_its_reason():
    drawn = draw([reading(10, doubtful={"heart_rate": "720 is above 300"})])
    crosses = trace(drawn, "Heart rate, not used")
    assert crosses["marker"]["symbol"] == "x-open"
    assert crosses["y"] == [136]
    assert crosses["text"] == ["Heart rate not used: 720 is above 300"]
    assert trace(drawn, "Heart rate")["y"] == []


def test_a_late_value_is_hollow():
    drawn = draw([reading(10, spo2=97), reading(5, spo2=96, late=True)])
    late = trace(drawn, "SpO₂, late")
    assert (late["x"], late["y"]) == ([5.0], [96])
    assert late["marker"]["color"] == "var(--tile)"


def test_limits_are_lines_named_with_side_and_threshold():
    drawn = draw(
        limits=[
            LimitLine("systolic", "high", "high", 180, "BP-2"),
            LimitLine("systolic", "high", "medium", 165, "BP-3"),
            LimitLine("spo2", "low", "note", 95, "O2-1"),
        ]
    )
    texts = [note["text"] for note in drawn["layout"]["annotations"]]
    assert texts == ["◆ sys ≥ 165", "▲ sys ≥ 180"]
    dashes = {
        s["y0"]: s["line"]["dash"]
        for s in drawn["layout"]["shapes"]
        if s["yref"] == "y" and "dash" in s["line"]
    }
    assert dashes == {165: "dash", 180: "solid"}


def test_the_band_lies_between_the_innermost_limits():
    drawn = draw(
        limits=[
            LimitLine("systolic", "high", "medium", 165, "a"),
            LimitLine("systolic", "low", "high", 90, "b"),
            LimitLine("systolic", "high", "high", 180, "c"),
            LimitLine("systolic", "low", "note", 100, "d"),
        ]
    )
    (band,) = [shape for shape in drawn["layout"]["shapes"] if shape["type"] == "rect"]
    assert (band["y0"], band["y1"]) == (90, 165)


def test_names_of_close_limits_do_not_lie_on_each_other():
    limits = [
        LimitLine("heart_rate", "low", "high", 40, "a"),
        LimitLine("heart_rate", "low", "medium", 45, "b"),
    ]
    lower, upper = draw(limits=limits)["layout"]["annotations"]
    assert lower["yshift"] == 0
    assert upper["yshift"] > 0


def test_a_flag_stands_on_its_value_and_is_named_in_the_hover():
    flag = Mark("flag", at(38), "BP 184/104, limit 180", vital="systolic", priority="high")
    drawn = draw([reading(38, systolic=184, diastolic=104)], marks=[flag])
    mark = trace(drawn, "Flags and corrections")
    assert (mark["x"], mark["y"], mark["marker"]["symbol"]) == ([38.0], [184], ["triangle-up"])
    assert trace(drawn, "Marks")["text"] == ["▲ BP 184/104, limit 180"]


def test_a_symptom_is_named_in_the_strip_where_there_is_room():
    drawn = draw(marks=[Mark("symptom", at(20), "Dizzy"), Mark("symptom", at(22), "Nausea")])
    assert trace(drawn, "What happened")["text"] == ["", "Nausea"]


def test_hover_says_sedation_what_could_not_be_measured_and_who():
    drawn = draw(
        [reading(10, sedation=4, absent={"spo2": "patient moving"}, recorded_by="A. Reed", late=True)]
    )
    assert trace(drawn, "The set")["text"] == [
        "Sedation 4 of 5<br>SpO₂ could not be measured: patient moving<br>late, by A. Reed"
    ]


def test_words_of_people_are_no_markup():
    drawn = draw(marks=[Mark("note", at(5), "<b>bold</b> & more")])
    assert trace(drawn, "Marks")["text"] == ["&lt;b&gt;bold&lt;/b&gt; &amp; more"]


def test_a_value_outside_the_usual_range_widens_its_panel():
    high = draw([reading(10, systolic=240, diastolic=130)])["layout"]["yaxis"]["range"]
    assert high[0] == 55
    assert high[1] > 240


def test_two_hours_of_streamed_values_draw_no_dots():
    drawn = draw([reading(n / 12, heart_rate=70 + n % 5) for n in range(1440)])
    assert trace(drawn, "Heart rate")["mode"] == "lines"
    assert json.dumps(drawn)


BAND = [TypicalPoint(0, 124, 116, 132), TypicalPoint(40, 139, 121, 158), TypicalPoint(120, 124, 116, 132)]
MEAN = [TypicalPoint(0, 120), TypicalPoint(40, 130), TypicalPoint(240, 120)]


def test_the_typical_range_lies_behind_every_value_hatched_and_takes_no_hover():
    drawn = draw([reading(10, systolic=131, diastolic=83)], typical=BAND)
    band = trace(drawn, "Typical range in published groups")
    assert band["x"] == [0, 40, 120, 120, 40, 0]
    assert band["y"] == [116, 121, 116, 132, 158, 132]
    assert band["fillpattern"]["fgcolor"] == band["line"]["color"] == "var(--ink-3)"
    assert band["hoverinfo"] == "skip"
    order = names(drawn)
    assert order.index(band["name"]) < order.index("Blood pressure, systolic to diastolic")
    assert [note["text"] for note in drawn["layout"]["annotations"]] == ["Typical range in published groups"]


def test_where_no_spread_is_published_the_mean_line_stands_alone():
    drawn = draw(typical=MEAN)
    line = trace(drawn, "Typical mean in published groups")
    assert (line["x"], line["y"]) == ([0, 40, 240], [120, 130, 120])
    assert "fill" not in line
    assert [note["text"] for note in drawn["layout"]["annotations"]] == ["Typical mean in published groups"]


def test_without_a_baseline_nothing_typical_is_drawn():
    assert not [name for name in names(draw()) if name and "ypical" in name]
    assert draw()["layout"]["annotations"] == []


def test_a_band_beyond_the_usual_range_is_seen_whole():
    high = draw(typical=[TypicalPoint(0, 170, 160, 180), TypicalPoint(40, 185, 167, 204)])["layout"]["yaxis"]
    assert high["range"][1] > 204


def test_a_limit_that_was_changed_for_the_patient_says_so():
    own = LimitLine("systolic", "high", "medium", 175, "BP-2", own=True)
    clinics = LimitLine("systolic", "high", "high", 180, "BP-5")
    drawn = draw([reading(10, systolic=170, diastolic=83)], limits=[own, clinics])
    told = {
        one["text"]: one["hovertext"]
        for one in drawn["layout"]["annotations"]
        if "limit, rule" in one.get("hovertext", "")
    }
    assert told == {
        "◆ sys ≥ 175 own": "medium limit, rule BP-2, changed for this patient",
        "▲ sys ≥ 180": "high limit, rule BP-5",
    }
