"""Flags of the machinery, not of the body: a monitor's zero or silence, a missing baseline. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from vitals import flag_words, rules
from vitals.flag_changes import FlagChange, open_flag, open_technical, settle
from vitals.limits import Kind, LimitSet
from vitals.panel import Panel, PanelFlag, Streamed
from vitals.rules import Finding, Setting
from vitals.vital import FIELDS, GROUP, Vital

# A vital that a monitor sends again within this time is a stream, whose silence is a finding. Well below the
# silence that flags: one that sends each minute would else be silent whenever it is a second late.
STEADY_WITHIN = timedelta(seconds=30)
# rows of one measurement that come one after the other are not two of a stream
SENT_TOGETHER = timedelta(seconds=1)
STREAMABLE = frozenset({Vital.HEART_RATE.value, Vital.SPO2.value, Vital.RESPIRATORY_RATE.value})


def zero_finding(name: str, limits: LimitSet) -> Finding | None:
    """A monitor sent 0: it has most likely lost its sensor, and the patient is looked at all the same."""
    rows = limits.of_kind[Kind.MONITOR_ZERO]
    return Finding(f"{GROUP[name]}-zero", rows[0], 0, 0, zero_of=name) if rows else None


def raise_zero(
    panel: Panel, finding: Finding, at: datetime, now: datetime, changes: list[FlagChange]
) -> PanelFlag:
    """The flag of a live zero, opened or carried on."""
    flag = open_flag(panel, finding.condition)
    if flag is None:
        text = flag_words.text_of(finding, {}, Setting())
        flag = open_technical(panel, finding.condition, finding.rule, text, at, now, changes)
        flag.vital, flag.value, flag.threshold = finding.zero_of, 0, 0
    flag.readings += 1
    return flag


def hear(
    panel: Panel,
    live: Mapping[str, float],
    zeros: Sequence[str],
    now: datetime,
    at: datetime,
    changes: list[FlagChange],
) -> None:
    """A monitor was heard: the silence of these vitals is over, and the zeros of those that have a value."""
    for name in STREAMABLE.intersection((*live, *zeros)):
        before = panel.streamed.get(name)
        if before is not None and not before.steady and now - before.at < SENT_TOGETHER:
            continue
        steady = before is not None and (before.steady or now - before.at <= STEADY_WITHIN)
        panel.streamed[name] = Streamed(now, steady)
    for flag in list(panel.flags):
        if flag.condition.endswith("-zero") and flag.vital in live and at > flag.opened_at:
            settle(panel, flag, at, changes, cause="monitor reads again")
        elif flag.condition == rules.SILENT_CONDITION and not silent_since(panel, flag):
            settle(panel, flag, at, changes, cause="monitor is heard again")


def silent_since(panel: Panel, flag: PanelFlag) -> list[str]:
    """The streamed vitals that were not heard since the flag was opened."""
    return [name for name, one in panel.streamed.items() if one.steady and one.at < flag.opened_at]


def silence_at(panel: Panel, limits: LimitSet) -> datetime | None:
    """When a streamed vital that stays silent becomes a flag; None when it is one, or nothing streams."""
    rows = limits.of_kind[Kind.MONITOR_SILENT]
    if not rows or open_flag(panel, rules.SILENT_CONDITION) is not None:
        return None
    heard = [one.at for one in panel.streamed.values() if one.steady]
    return min(heard) + timedelta(seconds=rows[0].after_s or 0) if heard else None


def mark_silence(panel: Panel, limits: LimitSet, at: datetime, changes: list[FlagChange]) -> None:
    silent_at = silence_at(panel, limits)
    if silent_at is None or at < silent_at:
        return
    rule = limits.of_kind[Kind.MONITOR_SILENT][0]
    span = timedelta(seconds=rule.after_s or 0)
    silent = [
        name for name in FIELDS if (one := panel.streamed.get(name)) and one.steady and one.at + span <= at
    ]
    names = flag_words.names_of(silent)
    text = f"No {names} from the monitor for {flag_words.span_words(span)}"
    open_technical(panel, rules.SILENT_CONDITION, rule, text, silent_at, at, changes)


def unbind_monitor(panel: Panel, at: datetime, changes: list[FlagChange]) -> None:
    """The patient sits at another monitor, or at none: what the old one streamed is not missed."""
    panel.streamed = {}
    flag = open_flag(panel, rules.SILENT_CONDITION)
    if flag is not None:
        settle(panel, flag, at, changes, cause="another chair")


def mark_baseline(panel: Panel, limits: LimitSet, at: datetime, changes: list[FlagChange]) -> None:
    """Flag a dose that began without a pressure before it; settle the flag when one was charted since."""
    flag = open_flag(panel, rules.NO_BASELINE_CONDITION)
    rows = limits.of_kind[Kind.NO_BASELINE]
    known = panel.baseline is not None and panel.baseline.systolic is not None
    if flag is not None and known:
        settle(panel, flag, at, changes, cause="baseline charted")
    elif flag is None and not known and panel.dose_started_at is not None and rows:
        text = "No blood pressure before the dose: limits relative to a baseline wait"
        open_technical(panel, rules.NO_BASELINE_CONDITION, rows[0], text, at, at, changes)
