"""Charts by month and by name: what is drawn, what is left out, and that states differ without colour."""

import json

import pytest

from screens.charts.by_month import Series, Target, bars, columns, lines

MONTHS = ("Oct 2026", "Nov 2026")


def test_columns_stand_on_each_other_and_a_hidden_month_is_no_number():
    drawn = columns(
        MONTHS,
        [Series("High", (0.2, None), state="high"), Series("Low", (0.1, 0.3), state="low")],
        unit="each",
    )
    assert [trace["y"] for trace in drawn["data"]] == [[0.2, None], [0.1, 0.3]]
    assert drawn["layout"]["barmode"] == "stack"
    assert drawn["layout"]["yaxis"]["range"] == pytest.approx([0, 0.3 * 1.12])


def test_each_state_has_a_colour_a_pattern_a_sign_and_an_edge_of_its_own():
    states = ("high", "medium", "low", "technical")
    drawn = columns(MONTHS, [Series(state, (1, 1), state=state) for state in states], unit="each")["data"]
    for told in (
        [trace["marker"]["color"] for trace in drawn],
        [trace["marker"]["line"]["color"] for trace in drawn],
        [trace["marker"].get("pattern", {}).get("shape") for trace in drawn],
        [trace["name"].split()[0] for trace in drawn],
    ):
        assert len(set(told)) == len(states)


def test_no_colour_is_written_out():
    drawn = columns(MONTHS, [Series("High", (1, 1), state="high"), Series("Plain", (1, 1))], unit="each")
    colours = [trace["marker"]["color"] for trace in drawn["data"]]
    assert colours == ["var(--high)", "var(--band)"]


def test_lines_break_where_nothing_is_known_and_differ_by_dash_and_mark():
    drawn = lines(MONTHS, [Series("Half", (40, None)), Series("Nine in ten", (90, 80), dash="dot")], unit="s")
    half, nine = drawn["data"]
    assert half["y"] == [40, None]
    assert half["connectgaps"] is False
    assert (half["line"]["dash"], nine["line"]["dash"]) == ("solid", "dot")
    assert half["marker"]["symbol"] != nine["marker"]["symbol"]


def test_a_target_is_a_line_inside_the_chart_with_its_words_in_the_key():
    drawn = columns(MONTHS, [Series("Share", (10, 20))], unit="%", target=Target(50, "at least 50 %"))
    [shape] = drawn["layout"]["shapes"]
    assert shape["y0"] == shape["y1"] == 50
    assert drawn["data"][-1]["name"] == "at least 50 %"
    assert drawn["data"][-1]["line"] == shape["line"]
    assert drawn["data"][-1]["y"] == [None]
    assert drawn["layout"]["yaxis"]["range"][1] > 50


def test_what_is_hidden_is_said_under_its_month_and_once():
    series = [
        Series("High", (None, 1), ("<5", ""), "high"),
        Series("Half", (None, 1), ("<6", "")),
        Series("Nine in ten", (None, 1), ("<6", "")),
    ]
    shown = columns(MONTHS, series, unit="each")["layout"]
    assert shown["xaxis"]["ticktext"] == ["Oct 2026<br>▲ &lt;5<br>&lt;6", "Nov 2026"]
    without = columns(MONTHS, [Series("High", (2, 1), ("", ""), "high")], unit="each")["layout"]
    assert shown["height"] > without["height"]


def test_names_that_are_numbers_keep_their_places():
    axis = lines(("1", "2", "3"), [Series("Mean", (9, 8, 7))], unit="total")["layout"]["xaxis"]
    assert (axis["type"], axis["tickvals"], axis["ticktext"]) == (
        "category",
        ["1", "2", "3"],
        ["1", "2", "3"],
    )


def test_what_lies_about_a_value_is_drawn_and_is_inside_the_chart():
    drawn = lines(MONTHS, [Series("Mean", (10, None), spread=[(-4, 16), None])], unit="total")
    whiskers = drawn["data"][0]["error_y"]
    assert (whiskers["arrayminus"], whiskers["array"]) == ([14, None], [6, None])
    low, high = drawn["layout"]["yaxis"]["range"]
    assert low < -4
    assert high > 16


def test_nothing_at_all_still_has_a_height():
    assert columns(MONTHS, [Series("High", (None, None))], unit="each")["layout"]["yaxis"]["range"] == [0, 1]


def test_bars_go_down_in_order_and_names_are_words_never_tags():
    drawn = bars(["<b>BP", "HR"], [3, 1], unit="flags")
    assert drawn["data"][0]["y"] == ["&lt;b&gt;BP", "HR"]
    assert drawn["layout"]["yaxis"]["autorange"] == "reversed"
    assert (
        bars(["one"] * 5, [1] * 5, unit="x")["layout"]["height"]
        > bars(["one"], [1], unit="x")["layout"]["height"]
    )


def test_it_is_json():
    drawn = lines(MONTHS, [Series("Half", (40, None))], unit="s", target=Target(60, "at most 60 s"))
    assert json.loads(json.dumps(drawn)) == drawn
