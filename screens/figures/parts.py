"""What every page of figures is made of: large figures, and parts of a sentence, a chart and its table.

A cell is ``Said`` once; page, chart and file take it from there, so that none of them can tell what another
hides.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import dateformat

from reports.asked import Asked
from reports.small_counts import NOTHING, Said
from screens.charts.by_month import Series

ALL = "All months"
# the longest span of months, with its sum
LONGEST_OPEN = 37
ROUTE_WORDS = {"iv": "IV", "nasal": "Nasal"}
# what tells one route's line from the other's
ROUTE_DASH = {"iv": "solid", "nasal": "dot"}


@dataclass(frozen=True, slots=True)
class Headline:
    """One large figure: its words, what it is, and what it is to be read by; empty for nothing."""

    figure: str
    what: str
    target: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table: what it is about, then its figures."""

    name: str
    cells: tuple[Said, ...]
    is_sum: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One subject of a page. ``figure`` is the dictionary for Plotly; None where a table is enough.

    texts: how many columns after the name hold words and no figures.
    file:  the name that the part's file is asked for by; the part's key unless told otherwise.
    """

    key: str
    title: str
    says: str
    figure: dict[str, Any] | None
    head: tuple[str, ...]
    rows: tuple[Row, ...]
    file: str = ""
    note: str = ""
    texts: int = 0

    @property
    def is_long(self) -> bool:
        """Its table is folded up until somebody opens it."""
        return len(self.rows) > LONGEST_OPEN

    @property
    def asked_for_by(self) -> str:
        return self.file or self.key


@dataclass(frozen=True, slots=True)
class Page:
    """A page of figures. ``says`` is it all in a sentence; ``parts`` is empty where nothing is to count."""

    says: str
    headlines: tuple[Headline, ...] = ()
    parts: tuple[Part, ...] = ()


def nothing(asked: Asked, what: str = "No session was checked in") -> Page:
    """The page of a clinic that has nothing to count yet, or of an address that asks for too little."""
    narrowed = asked.protocol or asked.route or asked.indication
    span = "in this month" if len(asked.months) == 1 else "in these months"
    return Page(f"{what} {span}{' with what is chosen here' if narrowed else ''}.")


def month_words(month: date) -> str:
    return dateformat.format(month, "M Y")


def numbered(said: Said, noun: str, plural: str = "") -> str:
    """A count with its noun, such as "under 5 sessions"."""
    return f"{said.words} {noun if said.value == 1 else plural or noun + 's'}"


def series(
    name: str,
    said: Iterable[Said],
    state: str = "",
    dash: str = "solid",
    spread: Sequence[tuple[Said, Said]] = (),
) -> Series:
    """What a chart draws of these figures: what is hidden is no value, and is said."""
    held = list(said)
    return Series(
        name,
        [one.value for one in held],
        [one.sign if one.value is None else "" for one in held],
        state,
        dash,
        [_edges(low, high) for low, high in spread],
    )


def _edges(low: Said, high: Said) -> tuple[float, float] | None:
    return None if low.value is None or high.value is None else (low.value, high.value)


def bar_name(name: str, said: Said) -> str:
    """The name of a bar; what is hidden has no bar, so its name says it."""
    return name if said.value is not None or not said.sign else f"{name} {said.sign}"


def unless_hidden(count: Said, told: Callable[[], Said]) -> Said:
    """What stands on a count: hidden with it, and nothing where there is none."""
    if count.value is None:
        return count
    return told() if count.value else Said(NOTHING)


def file_rows(part: Part) -> tuple[tuple[str, ...], list[list[object]]]:
    """A part's table as a file holds it, without its sums: head and rows."""
    return part.head, [[row.name, *(cell.cell for cell in row.cells)] for row in part.rows if not row.is_sum]
