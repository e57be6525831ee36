"""Halves of one blood pressure: some sources send diastolic in one row and systolic in the next. Pure.

Rows are never merged in the store; where a moment is judged, charted or listed, its halves are paired here.
"""

from collections.abc import Iterable
from typing import Protocol, TypeVar
from uuid import UUID


class HasPressure(Protocol):
    """Anything with an id and the two pressures, either of which may be missing."""

    @property
    def id(self) -> UUID: ...
    @property
    def systolic(self) -> float | None: ...
    @property
    def diastolic(self) -> float | None: ...


Row = TypeVar("Row", bound=HasPressure)


def pair_halves(rows: Iterable[Row]) -> list[tuple[Row, Row]]:
    """Pairs (row with systolic only, row with diastolic only) among the rows of one moment.

    In order of id, so that the pairs do not depend on which half arrived first.
    """
    ordered = sorted(rows, key=lambda row: row.id)
    upper = [row for row in ordered if row.systolic is not None and row.diastolic is None]
    lower = [row for row in ordered if row.diastolic is not None and row.systolic is None]
    return list(zip(upper, lower, strict=False))
