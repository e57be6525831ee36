"""Halves of one blood pressure: some sources send diastolic in one row and systolic in the next. Pure.

Rows are never merged in the store; where a moment is judged, charted or listed, its halves are paired here.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol, TypeVar
from uuid import UUID

from vitals.plausible import doubts_between


class HasPressure(Protocol):
    """Anything with an id and the two pressures, either of which may be missing."""

    @property
    def id(self) -> UUID: ...
    @property
    def systolic(self) -> float | None: ...
    @property
    def diastolic(self) -> float | None: ...


class HasMean(HasPressure, Protocol):
    """The same with a mean, which may be missing."""

    @property
    def mean(self) -> float | None: ...


Row = TypeVar("Row", bound=HasPressure)
Whole = TypeVar("Whole", bound=HasMean)


def pair_halves(rows: Iterable[Row]) -> list[tuple[Row, Row]]:
    """Pairs (row with systolic only, row with diastolic only) among the rows of one moment.

    In order of id, so that the pairs do not depend on which half arrived first.
    """
    ordered = sorted(rows, key=lambda row: row.id)
    upper = [row for row in ordered if row.systolic is not None and row.diastolic is None]
    lower = [row for row in ordered if row.diastolic is not None and row.systolic is None]
    return list(zip(upper, lower, strict=False))


def doubts_of_moment(rows: Iterable[Whole]) -> Iterator[tuple[Whole, Mapping[str, str]]]:
    """Each row that is a part of a pressure, with what contradicts the other parts: field → reason.

    rows: of one moment, each in its newest version. A mean that came by itself belongs to the moment's
    pressure where there is but one.
    """
    held = list(rows)
    pairs = pair_halves(held)
    for upper, lower in pairs:
        for half in (upper, lower):
            yield half, _own_doubts(upper, lower, half)
    pressures = pairs + [(row, row) for row in held if row.systolic is not None and row.diastolic is not None]
    if len(pressures) == 1:
        upper, lower = pressures[0]
        for row in held:
            if row.systolic is None and row.diastolic is None:
                yield row, _own_doubts(upper, lower, row)


def _own_doubts(upper: HasMean, lower: HasMean, row: HasMean) -> Mapping[str, str]:
    """What is in doubt of what the row itself has."""
    doubts = doubts_between(upper.systolic or 0, lower.diastolic or 0, row.mean)
    own = {"systolic": row.systolic, "diastolic": row.diastolic, "mean": row.mean}
    return {name: why for name, why in doubts.items() if own[name] is not None}
