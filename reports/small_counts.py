"""How a sum is said: small counts are not. Pure, and the one place for it.

A figure that a few stand behind soon speaks of one person, so no count under five is said, and no share,
rate, mean or time that stands on so few.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

FEWEST = 5
NOTHING = "–"
# of a count that is not small itself, but would give a small one away
WITHHELD = "not told"


@dataclass(frozen=True, slots=True)
class Said:
    """A figure in words; ``value`` is None where it is hidden, or there is nothing to say."""

    words: str
    value: float | None = None

    @property
    def sign(self) -> str:
        """What is hidden, as short as a chart has room for; empty for nothing."""
        if self.words == NOTHING:
            return ""
        shorter = self.words.replace("under ", "<").replace("over ", ">")
        return shorter.removesuffix(" flags").removesuffix(" sessions")

    @property
    def cell(self) -> float | str:
        """As a file holds it: a number, words where it is hidden, nothing where there is none."""
        if self.value is not None:
            return self.value
        return "" if self.words == NOTHING else self.words


def is_few(number: int) -> bool:
    return 0 < number < FEWEST


def count(number: int) -> Said:
    return Said(f"under {FEWEST}") if is_few(number) else Said(f"{number:,}".replace(",", " "), number)


def count_of(part: int, whole: int) -> Said:
    """A part of a whole that is told beside it: also hidden where a few are all that it lacks."""
    if is_few(whole - part) and not is_few(part):
        return Said(f"all but under {FEWEST}")
    return count(part)


def rate(number: int, of: float, *, base: int) -> Said:
    """``number`` for each of ``of``; ``base`` is the count of sessions behind it."""
    if of <= 0:
        return Said(NOTHING)
    if is_few(base):
        return Said(f"under {FEWEST} sessions")
    if is_few(number):
        return Said(f"under {_short(FEWEST / of, up=True)}")
    words = _short(number / of)
    return Said(words, float(words))


def share(part: int, whole: int, *, of: str = "flags") -> Said:
    """A part of a whole, in whole per cent.

    One that a few lack of the whole is said as the whole is that lacks five, for they could be counted.
    """
    if whole == 0:
        return Said(NOTHING)
    if is_few(whole):
        return Said(f"under {FEWEST} {of}")
    edge = round(100 * FEWEST / whole)
    if is_few(part):
        return Said(f"under {edge} %")
    if is_few(whole - part):
        return Said(f"over {100 - edge} %")
    return Said(f"{100 * part / whole:.0f} %", round(100 * part / whole))


def seconds(value: float | None, *, base: int) -> Said:
    """A time, of so many flags; value: s."""
    if value is None or base == 0:
        return Said(NOTHING)
    if is_few(base):
        return Said(f"under {FEWEST} flags")
    whole = round(value)
    return Said(f"{whole} s" if whole < 120 else f"{whole // 60} min {whole % 60:02} s", whole)


def measure(value: float | None, *, base: int, unit: str = "", places: int = 0, signed: bool = False) -> Said:
    """A mean, a median or the like, of so many sessions: its words have the unit, its value has not."""
    if value is None or base == 0:
        return Said(NOTHING)
    if is_few(base):
        return Said(f"under {FEWEST}")
    rounded = round(value, places) + 0.0  # no minus before a zero
    words = f"{rounded:{'+' if signed and rounded else ''}.{places}f}".replace("-", "−")
    return Said(f"{words} {unit}".strip(), rounded if places else int(rounded))


# --- counts that add up


def table(parts: Sequence[Sequence[int]]) -> list[list[Said]]:
    """Counts by row and column with their sums: a last column, and a last row, are added.

    Where taking shown counts from a shown sum would tell a hidden one, the next smallest is withheld too, and
    then nothing says which of the two is the small one.
    """
    cells = [[*row, sum(row)] for row in parts]
    cells.append([sum(column) for column in zip(*cells, strict=True)])
    hidden = {at for at in _places(cells) if is_few(_at(cells, at))}
    withheld = False
    while (more := _told_by_the_rest(cells, hidden)) is not None:
        hidden.add(more)
        withheld = True
    words = WITHHELD if withheld else f"under {FEWEST}"
    return [
        [Said(words) if (row, column) in hidden else count(number) for column, number in enumerate(numbers)]
        for row, numbers in enumerate(cells)
    ]


def line(parts: Sequence[int]) -> list[Said]:
    """Counts that add up to a sum, which comes last: see ``table``."""
    return [row[0] for row in table([[part] for part in parts])]


_Place = tuple[int, int]


def _places(cells: Sequence[Sequence[int]]) -> list[_Place]:
    return [(row, column) for row in range(len(cells)) for column in range(len(cells[0]))]


def _at(cells: Sequence[Sequence[int]], at: _Place) -> int:
    return cells[at[0]][at[1]]


def _told_by_the_rest(cells: Sequence[Sequence[int]], hidden: set[_Place]) -> _Place | None:
    """What has to be withheld next so that no line of the table gives a hidden count away; None when done."""
    for every in _lines(cells):
        *parts, whole = every
        known = [at for at in every if at in hidden]
        few = [_at(cells, at) for at in parts if at in hidden]
        # all that are hidden may be ones, or fours: then their sum tells each
        edges = whole not in hidden and sum(few) in (len(few), len(few) * (FEWEST - 1))
        if not known or (len(known) > 1 and not edges):
            continue
        others = [at for at in parts if at not in hidden and _at(cells, at)] or [
            at for at in every if at not in hidden and _at(cells, at)
        ]
        if others:
            return min(others, key=lambda at: (_at(cells, at), at))
    return None


def _lines(cells: Sequence[Sequence[int]]) -> Iterator[list[_Place]]:
    """Each row and each column that adds up, its sum last; a sum of one part is that part."""
    rows, columns = range(len(cells)), range(len(cells[0]))
    if len(columns) > 2:
        yield from ([(row, column) for column in columns] for row in rows)
    if len(rows) > 2:
        yield from ([(row, column) for row in rows] for column in columns)


def _short(value: float, *, up: bool = False) -> str:
    """Two places, three for what is small; ``up``: never less than the value."""
    places = 2 if value >= 0.1 else 3
    return f"{math.ceil(value * 10**places) / 10**places if up else value:.{places}f}"
