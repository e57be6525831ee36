"""The report's chart: what is drawn, and that it holds nothing but figures and our own words."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest

from reports.session_report import chart as report_chart
from reports.session_report.chart import BARS_AT_MOST, STEPS, mark_rows, runs, thinned
from reports.session_report.value import Chart, LimitLine, Mark, MarkKind, Point

AT = datetime(2026, 11, 23, 15, tzinfo=UTC)
SVG = "{http://www.w3.org/2000/svg}"


def at(minute: float) -> datetime:
    return AT + timedelta(minutes=minute)


def chart(**columns) -> Chart:
    return Chart(
        **{
            "zone": "America/New_York",
            "from_at": at(-10),
            "until_at": at(130),
            "dose_started_at": at(0),
            "dose_ended_at": at(40),
            "window_ends_at": at(120),
            "pressures": ((at(-5), 124.0, 78.0), (at(10), 148.0, 92.0), (at(20), 150.0, 90.0)),
            "curves": {"heart_rate": (Point(at(-5), 72), Point(at(10), 80)), "spo2": (Point(at(10), 97),)},
            "limits": (),
            "marks": (),
            "alt": "",
            **columns,
        }
    )


def drawn(one: Chart) -> ET.Element:
    return ET.fromstring(report_chart.svg(one))  # noqa: S314  our own


def texts(root: ET.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def test_the_clinics_clock_and_the_minutes_stand_below():
    words = texts(drawn(chart()))
    assert {"0", "10:00", "60", "11:00", "min since dose start"} <= set(words)


def test_pressures_are_a_band_and_each_one_has_its_bar():
    root = drawn(chart())
    assert len(root.findall(f"{SVG}polygon")) == 1
    bars = [one for one in root.findall(f"{SVG}line") if one.get("stroke-width") == "1"]
    assert len(bars) == 3
    assert all(one.get("x1") == one.get("x2") for one in bars)


def test_no_line_is_drawn_across_half_an_hour_without_a_value():
    apart = ((at(0), 120.0, 80.0), (at(31), 130.0, 84.0))
    root = drawn(chart(pressures=apart, curves={}))
    assert root.findall(f"{SVG}polygon") == []
    assert root.findall(f"{SVG}polyline") == []
    assert len(runs([Point(at(0), 1), Point(at(30), 1), Point(at(60.1), 1)])) == 2


def test_a_value_outside_the_usual_range_widens_the_axis():
    inside, outside = (
        drawn(chart(pressures=((at(0), systolic, 80.0), (at(5), systolic, 80.0))))
        for systolic in (120.0, 230.0)
    )
    assert "220" in texts(outside)
    assert "220" not in texts(inside)


@pytest.mark.parametrize(("priority", "dash"), [("high", None), ("medium", "5 3")])
def test_a_limit_is_drawn_and_named_and_its_dash_tells_its_priority(priority, dash):
    line = LimitLine("systolic", "high", priority, 165.0, "BP-2", own=True)
    root = drawn(chart(limits=(line,)))
    assert f"sys ≥ 165 {priority} own" in texts(root)
    [across] = [one for one in root.findall(f"{SVG}line") if one.get("stroke-opacity") == "0.65"]
    assert across.get("stroke-dasharray") == dash


def test_each_kind_of_mark_has_a_shape_of_its_own():
    shapes = {}
    for kind in MarkKind:
        root = drawn(chart(pressures=(), curves={}, marks=(Mark(1, kind, at(5)),)))
        [shape] = [one for one in root if one.get("fill") == "none" and one.get("stroke-width") == "1"]
        shapes[kind] = (shape.tag, len(shape.get("points", "").split()))
        assert texts(root)[-1] == "1"
    assert len(set(shapes.values())) == len(MarkKind)


def test_marks_close_to_each_other_stand_below_each_other():
    assert mark_rows([10, 12, 14, 30], apart=17) == [0, 1, 2, 0]
    few = drawn(chart(marks=(Mark(1, MarkKind.DOSE, at(0)),)))
    many = drawn(chart(marks=tuple(Mark(number, MarkKind.DOSE, at(0)) for number in range(1, 5))))
    assert float(many.get("height", "0")) > float(few.get("height", "0"))


def test_a_stream_keeps_its_extremes():
    points = [Point(at(second / 60), 70 + second % 7) for second in range(3600)]
    points[1234] = replace(points[1234], value=140)
    points[2345] = replace(points[2345], value=31)
    kept = thinned(points)
    assert len(kept) <= 2 * (STEPS + 1)
    assert {points[1234], points[2345]} <= set(kept)
    assert kept == sorted(kept, key=lambda one: one.at)
    assert thinned(points[:50]) == points[:50]


def test_a_stream_has_no_bar_for_each_pressure():
    many = tuple((at(number), 120.0, 80.0) for number in range(BARS_AT_MOST + 1))
    root = drawn(chart(pressures=many, curves={}))
    assert [one for one in root.findall(f"{SVG}line") if one.get("stroke-width") == "1"] == []


def test_one_ink_and_no_style():
    """A page's policy refuses styles, and paper has one colour."""
    root = drawn(chart(marks=(Mark(1, MarkKind.FLAG, at(5)),)))
    for element in root.iter():
        assert "style" not in element.keys()  # noqa: SIM118  an element is no dict
        assert {element.get("fill"), element.get("stroke")} <= {None, "none", "currentColor"}


def test_an_empty_chart_is_drawn():
    assert texts(drawn(chart(pressures=(), curves={}, dose_started_at=None, until_at=at(-10))))
