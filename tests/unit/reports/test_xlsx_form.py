"""What a cell of a workbook can hold."""

import pytest

from reports.exports.forms.xlsx_form import CUT, MOST_OF_A_TEXT, escaped, fitting


@pytest.mark.parametrize("text", ["", "142", "x" * MOST_OF_A_TEXT, "🩺" * (MOST_OF_A_TEXT // 2)])
def test_a_text_that_fits_stays(text):
    assert fitting(text) == text


@pytest.mark.parametrize("text", ["x" * (MOST_OF_A_TEXT + 1), "🩺" * 20_000, "x" + "🩺" * 20_000])
def test_one_that_does_not_is_cut_between_letters_and_says_so(text):
    told = fitting(text)
    assert told.endswith(CUT)
    assert text.startswith(told.removesuffix(CUT))
    assert MOST_OF_A_TEXT - 1 <= len(told.encode("utf-16-le")) // 2 <= MOST_OF_A_TEXT


@pytest.mark.parametrize(
    ("text", "xml"),
    [
        ("=1+1", "=1+1"),
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("<r>", "&lt;r&gt;"),
        ("bell\x07 line\r\n", "bell_x0007_ line_x000D_\n"),
        ("_x0041_ is no A", "_x005F_x0041_ is no A"),
        ("_x0041_x0042_", "_x005F_x0041_x005F_x0042_"),
        ("snake_case", "snake_case"),
        ("\ufffe", "_xFFFE_"),
    ],
)
def test_a_text_is_escaped_as_ecma_376_has_it(text, xml):
    assert escaped(text) == xml
