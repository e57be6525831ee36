"""Credentials against the calendar: good through the last day, warned of 30 days ahead."""

from datetime import date

import pytest

from clinic.credentials import Standing, standing, words

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("expires_on", "stands", "said"),
    [
        (date(2026, 11, 22), Standing.OUT, "ran out on 22 Nov 2026"),
        (date(2026, 11, 23), Standing.RUNS_OUT, "runs out today"),
        (date(2026, 11, 24), Standing.RUNS_OUT, "runs out in 1 day"),
        (date(2026, 12, 5), Standing.RUNS_OUT, "runs out in 12 days"),
        (date(2026, 12, 23), Standing.RUNS_OUT, "runs out in 30 days"),
        (date(2026, 12, 24), Standing.IN_DATE, "in date until 24 Dec 2026"),
    ],
)
def test_a_credential_on_a_day(expires_on, stands, said):
    assert standing(expires_on, TODAY) is stands
    assert words(expires_on, TODAY) == said
