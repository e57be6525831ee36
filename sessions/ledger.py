"""The sums of the controlled-drug ledger: what is left of a vial or kit, what became of what was drawn. Pure.

Everything is a sum over movements in versions. The newest version of a movement counts, at the place where
its first version was charted; one that was entered in error counts nothing and stays readable.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from uuid import UUID

from sessions.products import Unit
from sessions.record import ENTERED_IN_ERROR

ZERO = Decimal(0)
HUNDREDTH = Decimal("0.01")
# what one session may leave unexplained of a vial or kit: clinical facts, section 7.1
TOLERANCE: dict[Unit, Decimal] = {Unit.ML: Decimal("0.1"), Unit.DEVICE: ZERO}


class Kind(StrEnum):
    RECEIVE = "receive"
    DRAW = "draw"
    RETURN = "return"  # drawn, not used, back to stock
    GIVE = "give"
    WASTE = "waste"
    COUNT = "count"
    ADJUST = "adjust"


WORDS: dict[Kind, str] = {
    Kind.RECEIVE: "Received",
    Kind.DRAW: "Drawn",
    Kind.RETURN: "Returned",
    Kind.GIVE: "Given",
    Kind.WASTE: "Wasted",
    Kind.COUNT: "Counted",
    Kind.ADJUST: "Adjusted",
}
# what a movement does to the balance of its vial or kit; see ``effect`` for a waste of what was drawn
SIGN: dict[Kind, int] = {
    Kind.RECEIVE: 1,
    Kind.DRAW: -1,
    Kind.RETURN: 1,
    Kind.GIVE: 0,
    Kind.WASTE: -1,
    Kind.COUNT: 0,
    Kind.ADJUST: 1,
}
OF_A_SESSION = frozenset({Kind.DRAW, Kind.RETURN, Kind.GIVE})
MAY_BE_OF_A_SESSION = OF_A_SESSION | {Kind.WASTE}


@dataclass(frozen=True, slots=True)
class Witnessed:
    by_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Movement:
    """One version of one movement or count.

    number:      the order in which versions were charted, whatever time they name.
    quantity:    in the item's unit; below zero only where an adjustment takes something away.
    unwitnessed: why nobody saw a waste; empty when somebody did, or shall.
    """

    number: int
    entry: UUID
    version: int
    status: str
    item: UUID
    session: UUID | None
    kind: Kind
    quantity: Decimal
    at: datetime
    recorded_at: datetime
    by_id: UUID
    by_name: str
    station: str = ""
    method: str = ""
    reason: str = ""
    unwitnessed: str = ""
    witness: Witnessed | None = None

    @property
    def counts(self) -> bool:
        return self.status != ENTERED_IN_ERROR

    @property
    def waits(self) -> bool:
        """A waste that nobody has witnessed, and of which nobody has said why not."""
        return self.kind is Kind.WASTE and self.counts and self.witness is None and not self.unwitnessed


@dataclass(frozen=True, slots=True)
class Line:
    """A movement in the register: what counts of it, and what that replaced.

    effect:        what it adds to the balance.
    out_of_order:  something charted before it names a later time.
    variance:      of a count: what was counted, less the balance.
    """

    movement: Movement
    struck: tuple[Movement, ...]
    effect: Decimal
    balance: Decimal
    out_of_order: bool
    variance: Decimal | None

    @property
    def versions(self) -> tuple[Movement, ...]:
        return (*self.struck, self.movement)


def effect(movement: Movement) -> Decimal:
    """What a movement adds to the balance of its vial or kit.

    What is given or wasted of a session was drawn before, so it takes nothing more.
    """
    of_what_was_drawn = movement.kind is Kind.WASTE and movement.session is not None
    if not movement.counts or of_what_was_drawn:
        return ZERO
    return movement.quantity * SIGN[movement.kind]


def newest(movements: Iterable[Movement]) -> list[Movement]:
    """The newest version of each movement, those entered in error too, in the order of charting."""
    return [versions[-1] for versions in _by_entry(movements)]


def balance(movements: Iterable[Movement]) -> Decimal:
    """What is left, by the register."""
    return sum((effect(movement) for movement in newest(movements)), ZERO)


def register(movements: Iterable[Movement]) -> list[Line]:
    """The register of one vial or kit in the order of charting, with its running balance."""
    lines: list[Line] = []
    held, latest = ZERO, None
    for *struck, movement in _by_entry(movements):
        added = effect(movement)
        held += added
        counted = movement.kind is Kind.COUNT and movement.counts
        lines.append(
            Line(
                movement=movement,
                struck=tuple(struck),
                effect=added,
                balance=held,
                out_of_order=movement.counts and latest is not None and movement.at < latest,
                variance=movement.quantity - held if counted else None,
            )
        )
        if movement.counts:
            latest = movement.at if latest is None else max(latest, movement.at)
    return lines


def _by_entry(movements: Iterable[Movement]) -> list[list[Movement]]:
    """Versions of each movement, oldest first; movements in the order of their first version."""
    versions: dict[UUID, list[Movement]] = defaultdict(list)
    for movement in sorted(movements, key=lambda one: one.number):
        versions[movement.entry].append(movement)
    return list(versions.values())


def why_not_witness(versions: Sequence[Movement], user_id: UUID | None, station: str) -> str | None:
    """Why this person may not sign as witness from this station, in words; None when they may.

    versions: of the waste, oldest first. Whoever charted any of them acted, and so did their stations.
    """
    if user_id in {version.by_id for version in versions}:
        return "You charted this waste: another member of staff signs for it."
    if not station:
        return "This browser is not known yet: open the page once more, then sign."
    if station in {version.station for version in versions}:
        return "It was charted on this device: sign on your own."
    return None


def open_variance(lines: Sequence[Line]) -> Line | None:
    """The last count of a vial or kit, when it differs and nothing was adjusted since; else None."""
    for line in reversed(lines):
        if line.movement.kind is Kind.ADJUST and line.movement.counts:
            return None
        if line.variance is not None:
            return line if line.variance else None
    return None


@dataclass(frozen=True, slots=True)
class Account:
    """What became of what was drawn from one vial or kit for one session."""

    unit: Unit
    mg_per_unit: Decimal
    drawn: Decimal = ZERO
    given: Decimal = ZERO
    wasted: Decimal = ZERO
    returned: Decimal = ZERO

    @property
    def variance(self) -> Decimal:
        """Drawn and not accounted for; below zero when more was charted than was drawn."""
        return self.drawn - self.given - self.wasted - self.returned

    @property
    def variance_mg(self) -> Decimal:
        return mg_of(self.variance, self.mg_per_unit)

    @property
    def balanced(self) -> bool:
        return abs(self.variance) <= TOLERANCE[self.unit]

    @property
    def overspent(self) -> bool:
        """More was given, wasted and returned than drawn, beyond the tolerance."""
        return self.variance < -TOLERANCE[self.unit]


_COLUMN = {Kind.DRAW: "drawn", Kind.GIVE: "given", Kind.WASTE: "wasted", Kind.RETURN: "returned"}


def account(movements: Iterable[Movement], *, unit: Unit, mg_per_unit: Decimal) -> Account:
    """The account over movements of one vial or kit for one session."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for movement in newest(movements):
        if movement.counts and movement.kind in _COLUMN:
            sums[_COLUMN[movement.kind]] += movement.quantity
    return Account(unit, mg_per_unit, **sums)


def in_words(one: Account) -> str:
    """The account as a line: "drawn 0.9 mL = given 0.7 + wasted 0.2"."""
    unit = unit_words(one.unit, one.drawn)
    parts = [("given", one.given), ("wasted", one.wasted), ("returned", one.returned)]
    said = " + ".join(f"{word} {shown(quantity)}" for word, quantity in parts if quantity)
    drawn = f"drawn {shown(one.drawn)} {unit}"
    differs = f"{shown(abs(one.variance))} {unit_words(one.unit, abs(one.variance))}"
    if one.variance < 0:
        return f"{drawn}, but {said}: {differs} more"
    if not said:
        return f"{drawn}, not accounted for yet" if one.variance else drawn
    return f"{drawn} = {said}" + (f" + {differs} not accounted for" if one.variance else "")


@dataclass(frozen=True, slots=True)
class Span:
    """One vial or kit over a span of time, by the times that movements name."""

    opening: Decimal
    received: Decimal = ZERO
    drawn: Decimal = ZERO
    returned: Decimal = ZERO
    wasted_from_stock: Decimal = ZERO
    adjusted: Decimal = ZERO
    given: Decimal = ZERO
    wasted: Decimal = ZERO
    counts: tuple[Line, ...] = field(default=())

    @property
    def closing(self) -> Decimal:
        out = self.drawn + self.wasted_from_stock
        return self.opening + self.received + self.returned + self.adjusted - out

    @property
    def is_empty(self) -> bool:
        """Nothing was there, and nothing happened."""
        return self == Span(ZERO)

    @property
    def last_count(self) -> Line | None:
        """None when nobody counted in the span."""
        return self.counts[-1] if self.counts else None


def span(movements: Iterable[Movement], since: datetime, until: datetime) -> Span:
    """What a vial or kit went through from ``since`` up to but not including ``until``."""
    opening, counts = ZERO, []
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for line in register(movements):
        movement = line.movement
        if movement.at < since:
            opening += line.effect
        if not movement.counts or not since <= movement.at < until:
            continue
        if movement.kind is Kind.COUNT:
            counts.append(line)
            continue
        sums[_span_column(movement)] += movement.quantity
    return Span(opening, counts=tuple(counts), **sums)


def _span_column(movement: Movement) -> str:
    if movement.kind is Kind.WASTE and movement.session is None:
        return "wasted_from_stock"
    return {Kind.RECEIVE: "received", Kind.ADJUST: "adjusted", **_COLUMN}[movement.kind]


def mg_of(quantity: Decimal, mg_per_unit: Decimal) -> Decimal:
    """Milligrams in so many mL or devices; exact."""
    return quantity * mg_per_unit


def quantity_of(mg: Decimal, mg_per_unit: Decimal) -> Decimal:
    """How many mL or devices hold so many milligrams, to the hundredth that a register takes."""
    return (mg / mg_per_unit).quantize(HUNDREDTH, ROUND_HALF_UP)


def shown(quantity: Decimal) -> str:
    """A quantity as it is read: no zeros at its end, a true minus before it."""
    text = f"{quantity.normalize():f}" if quantity else "0"
    return text.replace("-", "−")


def unit_words(unit: str, quantity: Decimal) -> str:
    return "devices" if unit == Unit.DEVICE and abs(quantity) != 1 else unit
