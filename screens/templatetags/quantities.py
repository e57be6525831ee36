"""Quantities of the ledger in templates."""

from decimal import Decimal

from django import template

from sessions import ledger
from sessions.ledger import Kind

register = template.Library()


@register.filter
def quantity(value: Decimal | None, unit: str = "") -> str:
    """A quantity as it is read, with its unit when that is given; empty for none."""
    if value is None:
        return ""
    return f"{ledger.shown(value)} {ledger.unit_words(unit, value)}".strip()


@register.filter
def signed(value: Decimal, unit: str = "") -> str:
    """A difference, with its sign even above zero."""
    return f"+{quantity(value, unit)}" if value > 0 else quantity(value, unit)


@register.filter
def done(kind: Kind) -> str:
    """What was done, as a line of a register says it."""
    return ledger.WORDS[kind]


@register.filter
def field_value(value: Decimal | None) -> str:
    """A quantity as a field of a form holds it: a plain hyphen before what is below zero."""
    return quantity(value).replace("−", "-")
