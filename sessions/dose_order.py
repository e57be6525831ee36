"""An infusion as ordered: its arithmetic, step by step, and the guard rails that ask for a reason. Pure.

Nothing here forbids a dose: whoever charts it reads what is unusual, gives a reason, and goes on.
source: arithmetic and guard rails, clinical facts section 2.3; their figures are rows of the protocol.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from clinic.refusals import Invalid
from sessions.protocol import DoseRules

# A weight typed in pounds stands this far above the last one in kilograms.
LB_SLIP = (Decimal("1.8"), Decimal("2.6"))
# More than this share off the last weight is asked about.
WEIGHT_CHANGE = Decimal("0.10")
# A stock strength that must be diluted before it goes into a vein.
UNDILUTED_MG_PER_ML = Decimal(100)
# A dose that is not mg/kg times weight, beyond rounding.
MG_TOLERANCE = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class Order:
    """What is to run: mg, minutes, kg, mg/kg, mg/mL. None where it was not given."""

    dose_mg: Decimal
    duration_min: int
    weight_kg: Decimal | None = None
    mg_per_kg: Decimal | None = None
    concentration_mg_per_ml: Decimal | None = None
    diluted: bool = False

    @property
    def volume_ml(self) -> Decimal | None:
        if self.concentration_mg_per_ml is None:
            return None
        return self.dose_mg / self.concentration_mg_per_ml

    @property
    def mg_per_h(self) -> Decimal:
        return self.dose_mg * 60 / self.duration_min

    @property
    def ml_per_h(self) -> Decimal | None:
        return None if self.volume_ml is None else self.volume_ml * 60 / self.duration_min

    @property
    def given_mg_per_kg(self) -> Decimal | None:
        """mg per kg that the dose comes to, whatever was ordered."""
        return None if self.weight_kg is None else self.dose_mg / self.weight_kg

    @property
    def ug_per_kg_per_min(self) -> Decimal | None:
        per_kg = self.given_mg_per_kg
        return None if per_kg is None else per_kg * 1000 / self.duration_min


@dataclass(frozen=True, slots=True)
class Unusual:
    """One thing about a dose that asks for a reason."""

    code: str
    words: str


def order_of(details: Mapping[str, Any], *, known_weight_kg: Decimal | None, planned_min: int) -> Order:
    """The order in the body of ``start``: the dose itself, or mg/kg and a weight that make it.

    known_weight_kg: the patient's last weight, used where the body gives none.
    raises: Invalid when neither a dose nor mg/kg with a weight is given.
    """
    weight = _decimal(details.get("weight_kg")) or known_weight_kg
    mg_per_kg = _decimal(details.get("mg_per_kg"))
    dose = _decimal(details.get("dose_mg"))
    if dose is None and mg_per_kg is not None:
        if weight is None:
            raise Invalid("weight_kg is needed to work out a dose from mg/kg.", field="weight_kg")
        dose = tenth(mg_per_kg * weight)
    if dose is None:
        raise Invalid("dose_mg is needed to start an infusion.", field="dose_mg")
    return Order(
        dose_mg=dose,
        duration_min=int(details.get("duration_min") or planned_min),
        weight_kg=weight,
        mg_per_kg=mg_per_kg,
        concentration_mg_per_ml=_decimal(details.get("concentration_mg_per_ml")),
        diluted=bool(details.get("diluted")),
    )


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def tenth(value: Decimal) -> Decimal:
    """Rounded half up to a tenth, as a pharmacy rounds."""
    return value.quantize(Decimal("0.1"), ROUND_HALF_UP)


def shown(value: Decimal, places: str = "0.1") -> str:
    """A number without needless zeros: 35, 52.5, 0.75."""
    text = format(value.quantize(Decimal(places), ROUND_HALF_UP), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def arithmetic(order: Order) -> tuple[str, ...]:
    """How the figures come about, a line each, so that a second person can check them by hand."""
    mg, minutes = f"{shown(order.dose_mg)} mg", f"over {order.duration_min} min"
    lines = []
    if order.weight_kg is not None and order.given_mg_per_kg is not None:
        kg = f"{shown(order.weight_kg)} kg"
        if order.mg_per_kg is not None:
            product = shown(order.mg_per_kg * order.weight_kg, "0.01")
            lines.append(f"{shown(order.mg_per_kg, '0.001')} mg/kg × {kg} = {product} mg")
        else:
            lines.append(f"{mg} ÷ {kg} = {shown(order.given_mg_per_kg, '0.01')} mg/kg")
    if order.volume_ml is not None and order.concentration_mg_per_ml is not None:
        strength, volume = shown(order.concentration_mg_per_ml), shown(order.volume_ml, "0.01")
        lines.append(f"{mg} ÷ {strength} mg/mL = {volume} mL")
        if order.ml_per_h is not None:
            lines.append(f"{volume} mL {minutes} = {shown(order.ml_per_h)} mL/h")
    lines.append(f"{mg} {minutes} = {shown(order.mg_per_h, '0.01')} mg/h")
    if order.ug_per_kg_per_min is not None:
        lines[-1] += f" = {shown(order.ug_per_kg_per_min)} µg/kg/min"
    return tuple(lines)


def unusual(
    order: Order,
    *,
    rules: DoseRules,
    known_weight_kg: Decimal | None,
    weighed_on: date | None,
    on: date,
) -> tuple[Unusual, ...]:
    """What about the order asks for a reason; empty when nothing does.

    known_weight_kg, weighed_on: the patient's last weight and its day, as charted before this dose.
    on: the day of the dose.
    """
    found = [*_of_weight(order, rules, known_weight_kg, weighed_on, on), *_of_amount(order, rules)]
    return tuple(found)


def _of_weight(
    order: Order, rules: DoseRules, known: Decimal | None, weighed_on: date | None, on: date
) -> list[Unusual]:
    given = order.weight_kg
    found = []
    if given is not None and known is not None and given != known:
        low, high = LB_SLIP
        if low <= given / known <= high:
            found.append(
                Unusual(
                    "weight-in-lb",
                    f"weight {shown(given)} is {shown(given / known)} times the last, {shown(known)} kg:"
                    f" pounds typed as kilograms?",
                )
            )
        elif abs(given - known) > known * WEIGHT_CHANGE:
            found.append(
                Unusual(
                    "weight-changed",
                    f"weight {shown(given)} kg is more than {shown(WEIGHT_CHANGE * 100)} % off the last,"
                    f" {shown(known)} kg",
                )
            )
    weighed_today = given is not None and given != known
    if given is not None and not weighed_today and weighed_on is not None:
        days = (on - weighed_on).days
        if days > rules.weight_good_for_days:
            found.append(
                Unusual(
                    "weight-old",
                    f"weight {shown(given)} kg is {days} days old, older than {rules.weight_good_for_days}",
                )
            )
    return found


def _of_amount(order: Order, rules: DoseRules) -> list[Unusual]:
    found = []
    per_kg = order.given_mg_per_kg
    most = Decimal(str(rules.most_mg_per_kg))
    if per_kg is not None and per_kg > most and order.duration_min <= rules.most_mg_per_kg_within_min:
        found.append(
            Unusual(
                "too-much",
                f"{shown(per_kg, '0.01')} mg/kg within {order.duration_min} min is above"
                f" {shown(most, '0.01')} mg/kg within {rules.most_mg_per_kg_within_min} min",
            )
        )
    if order.duration_min < rules.shortest_infusion_min:
        found.append(
            Unusual("too-fast", f"{order.duration_min} min is shorter than {rules.shortest_infusion_min} min")
        )
    if order.mg_per_kg is not None and order.weight_kg is not None:
        product = order.mg_per_kg * order.weight_kg
        if abs(product - order.dose_mg) > MG_TOLERANCE:
            found.append(
                Unusual(
                    "sum-differs",
                    f"dose {shown(order.dose_mg)} mg is not {shown(order.mg_per_kg, '0.001')} mg/kg ×"
                    f" {shown(order.weight_kg)} kg = {shown(product)} mg",
                )
            )
    strength = order.concentration_mg_per_ml
    if strength is not None and strength >= UNDILUTED_MG_PER_ML and not order.diluted:
        found.append(Unusual("undiluted", f"{shown(strength)} mg/mL is not marked as diluted"))
    return found
