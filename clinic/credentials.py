"""Credentials against the calendar: in date, about to run out, out of date. Pure.

A credential is good through the day it runs out. It is warned of 30 days ahead, as the product's brief asks.
"""

from datetime import date
from enum import StrEnum

WARNED_DAYS = 30


class Standing(StrEnum):
    IN_DATE = "in-date"
    RUNS_OUT = "runs-out"
    OUT = "out"


def standing(expires_on: date, on: date) -> Standing:
    """How a credential that runs out on one day stands on another."""
    left = (expires_on - on).days
    if left < 0:
        return Standing.OUT
    return Standing.RUNS_OUT if left <= WARNED_DAYS else Standing.IN_DATE


def words(expires_on: date, on: date) -> str:
    """The same for people: "runs out in 12 days", "ran out on 3 Nov 2026", "in date until 1 Jan 2099"."""
    left = (expires_on - on).days
    if left < 0:
        return f"ran out on {day_words(expires_on)}"
    if left == 0:
        return "runs out today"
    if left <= WARNED_DAYS:
        return f"runs out in {left} day{'' if left == 1 else 's'}"
    return f"in date until {day_words(expires_on)}"


def day_words(day: date) -> str:
    """A day as screens write it: "3 Nov 2026"."""
    return f"{day.day} {day:%b %Y}"
