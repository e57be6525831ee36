"""Which months a question asks for."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from reports.asked import Asked, months_before


class TestAsked:
    def test_its_months_over_a_year_s_end(self):
        asked = Asked(date(2025, 11, 15), date(2026, 1, 2), ZoneInfo("UTC"))
        assert asked.months == [date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1)]

    def test_its_ends_are_midnights_of_the_clinic(self):
        asked = Asked(date(2026, 3, 1), date(2026, 3, 31), ZoneInfo("America/New_York"))
        assert asked.since == datetime(2026, 3, 1, 5, tzinfo=UTC)
        assert asked.until == datetime(2026, 4, 1, 4, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("day", "months", "before"),
        [
            (date(2026, 11, 27), 5, date(2026, 6, 1)),
            (date(2026, 1, 31), 1, date(2025, 12, 1)),
            (date(2026, 12, 1), 12, date(2025, 12, 1)),
            (date(2026, 12, 1), 0, date(2026, 12, 1)),
        ],
    )
    def test_months_before(self, day, months, before):
        assert months_before(day, months) == before
