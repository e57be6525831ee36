"""Which blood pressure stands in which cell. Pure.

source: before the dose, about 40 minutes after it and before completion, as mirrored of the form (clinical
facts 1.6); 40 minutes are counted from the first device, in the protocol's window (1.4).
"""

from datetime import datetime, timedelta

from sessions.monitoring_form.facts import FormFacts, Pressure

FORTY = timedelta(minutes=40)
AT_FORTY = "bp-40"


def before(facts: FormFacts) -> Pressure | None:
    """The last one before the first device."""
    earlier = (one for one in facts.pressures if facts.started_at is None or one.at <= facts.started_at)
    return max(earlier, key=lambda one: one.at, default=None)


def after_dose(facts: FormFacts) -> list[Pressure]:
    """Those between the first device and the end, by time: what a person may choose from."""
    return sorted((one for one in facts.pressures if facts.is_after_dose(one.at)), key=lambda one: one.at)


def window(facts: FormFacts) -> tuple[datetime, datetime] | None:
    """When the 40-minute one is to be taken; None before the first device."""
    if facts.started_at is None:
        return None
    at = facts.started_at + FORTY
    return at - timedelta(minutes=facts.opens_min), at + timedelta(minutes=facts.closes_min)


def at_forty(facts: FormFacts) -> Pressure | None:
    """The one that a person chose; else the nearest to 40 minutes inside the window, a tie the later one."""
    span = window(facts)
    if facts.started_at is None or span is None:
        return None
    candidates = after_dose(facts)
    chosen = facts.answer(AT_FORTY)
    if chosen is not None:
        for one in candidates:
            if chosen.value in one.ids:
                return one
    at, (opens, closes) = facts.started_at + FORTY, span
    near = [one for one in candidates if opens <= one.at <= closes]
    return min(near, key=lambda one: (abs(one.at - at), -one.at.timestamp()), default=None)


def at_completion(facts: FormFacts) -> Pressure | None:
    """The last one before the end; the 40-minute one is not also that."""
    forty = at_forty(facts)
    later = [one for one in after_dose(facts) if forty is None or one.at > forty.at]
    return later[-1] if later else None
