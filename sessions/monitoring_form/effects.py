"""Sedation and dissociation from onset to resolution, as charted. Pure.

Respiratory depression is not among them: no charted value or symptom stands for it, so a person answers.
"""

from dataclasses import dataclass
from datetime import datetime

from sessions.monitoring_form.cells import Origin
from sessions.monitoring_form.facts import FormFacts

FULLY_ALERT = 5  # MOAA/S


@dataclass(frozen=True, slots=True)
class Course:
    """An effect from its onset to its resolution. ``looked``: the last look that found none of it."""

    onset_at: datetime | None = None
    onset: Origin | None = None
    resolved_at: datetime | None = None
    resolution: Origin | None = None
    looked: Origin | None = None


def sedation(facts: FormFacts) -> Course:
    """From the first score below 5 after the dose to the score of 5 that ended it.

    A charted symptom of sedation counts where no score fell.
    """
    scores = [one for one in facts.sedations if facts.is_after_dose(one.at)]
    low = [one for one in scores if one.value < FULLY_ALERT]
    if not low:
        seen = _charted(facts, "sedation")
        if seen.onset or not scores:
            return seen
        return Course(looked=Origin("reading", scores[-1].id, scores[-1].at, f"{len(scores)} scores of 5"))
    onset = Origin("reading", low[0].id, low[0].at, f"MOAA/S {low[0].value:g}")
    alert = next((one for one in scores if one.at > low[-1].at), None)
    if alert is None:
        return Course(low[0].at, onset)
    resolution = Origin("reading", alert.id, alert.at, f"MOAA/S {alert.value:g}")
    return Course(low[0].at, onset, alert.at, resolution)


def dissociation(facts: FormFacts) -> Course:
    """Of the charted symptom. That none was charted is no answer: a person gives it."""
    return _charted(facts, "dissociation")


def _charted(facts: FormFacts, code: str) -> Course:
    """All charted episodes of a symptom as one: from the first onset until the last of them has gone."""
    found = [one for one in facts.episodes if one.code == code]
    if not found:
        return Course()
    first = min(found, key=lambda one: one.onset_at)
    onset = Origin("entry", first.entry, first.onset_at, f"{code} charted")
    gone = [(one.resolved_at, one.entry) for one in found if one.resolved_at is not None]
    if len(gone) < len(found):
        return Course(first.onset_at, onset)
    resolved_at, entry = max(gone)
    return Course(first.onset_at, onset, resolved_at, Origin("entry", entry, resolved_at, f"{code} gone"))
