"""One live session and one more reading, symptom or correction: what its panel and its flags become. Pure.

The corridor calls ``take`` once per reading, in order of ``measured_at``, and stores what comes back. Per
condition (a vital group and a direction, or a symptom) there is at most one open flag. What it may become is
the table in ``vitals.flagstates``; what waits for another measurement is in ``vitals.confirming``.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sessions.protocol import Step
from sessions.states import ENDS
from vitals import asking, confirming, due, flag_words, rules, technical
from vitals.flag_changes import FlagChange, open_flag, settle, told
from vitals.flagstates import FlagState, Happening, after
from vitals.limits import LEVELS, RANK, Direction, LimitSet, Priority
from vitals.measured import Measured
from vitals.panel import Absence, Confirming, Latest, Panel, PanelFlag, Span, add_to_trace
from vitals.plausible import Judged
from vitals.rules import Finding, Setting
from vitals.vital import FIELDS, tidy

PlanOf = Callable[[Panel], Sequence[Step]]


@dataclass(frozen=True, slots=True)
class Found:
    """A finding of one reading, with the live flag it belongs to; None when it is late."""

    finding: Finding
    text: str
    flag: PanelFlag | None
    late: bool


@dataclass(slots=True)
class Effects:
    """What one reading did. ``late_fields`` has one bit per field in the order of ``vital.FIELDS``.

    breach: the words of the flag that opened or worsened; empty when none did.
    """

    late_fields: int = 0
    found: list[Found] = field(default_factory=list)
    changes: list[FlagChange] = field(default_factory=list)
    breach: str = ""


_BIT = {name: 1 << position for position, name in enumerate(FIELDS)}


def late_names(bits: int) -> list[str]:
    """The fields whose bits are set."""
    return [name for name, bit in _BIT.items() if bits & bit]


@dataclass(slots=True)
class _Moment:
    """What is judged: the newest values of a session at one moment, and against what.

    at:   when it was measured or charted; now: our own clock.
    fresh: vitals that were measured at this moment; only these count as another measurement.
    """

    panel: Panel
    at: datetime
    now: datetime
    limits: LimitSet
    setting: Setting
    values: Mapping[str, float]
    fresh: frozenset[str]
    changes: list[FlagChange]
    streamed: bool = False
    breach: str = ""


def take(
    panel: Panel,
    judged: Judged,
    measured: Measured,
    *,
    received_at: datetime,
    limits: LimitSet,
    plan_of: PlanOf,
    from_device: bool,
) -> Effects:
    """Judge one plausible reading against the session as it stands, changing ``panel`` in place.

    Late values are judged too, but change no panel and no live flag. So are those that reach a session
    after its end: nothing of it rings any more.
    """
    effects = Effects()
    at = measured.measured_at
    limits = rules.limits_at(at, limits, panel.patient_limits)
    is_history = received_at - at > rules.LATE_AFTER or panel.state in ENDS
    live = _live_values(panel, judged.values, at, effects, is_history=is_history)
    for name, value in live.items():
        panel.values[name] = Latest(tidy(value), at)
        if name in panel.absent and panel.absent[name].at <= at:
            del panel.absent[name]
    if "systolic" in live:
        add_to_trace(panel, tidy(live["systolic"]), at)
    setting = setting_of(panel, at)
    own = rules.findings(judged.values, limits, setting)
    moment = _moment(panel, at, received_at, limits, effects.changes, fresh=live, streamed=from_device)
    watched = panel.flags or panel.symptoms or panel.met_since
    if live and (watched or rules.outside(moment.values, limits, moment.setting)):
        _judge(moment, limits.bearing_on(live))
        _judge_symptoms(moment)
        effects.breach = moment.breach
    for name in judged.zeros:
        _take_zero(moment, name, effects, is_history=is_history)
    if from_device and not is_history:
        technical.hear(panel, live, judged.zeros, received_at, at, effects.changes)
    for finding in own.values():
        late = any(effects.late_fields & _BIT[name] for name in finding.asks_for)
        flag = None if late else open_flag(panel, finding.condition)
        text = flag_words.text_of(finding, judged.values, setting)
        effects.found.append(Found(finding, text, flag, late))
    if not is_history:
        for name, reason in measured.absent.items():
            if name not in panel.absent or at >= panel.absent[name].at:
                panel.absent[name] = Absence(reason, at)
    if _answers_due(panel, live, measured.absent, at):
        due.replan(panel, plan_of(panel), limits, received_at, effects.changes)
    elif panel.flags or panel.rechecks:
        due.plan_rechecks(panel)
    return effects


def _is_older(panel: Panel, name: str, at: datetime) -> bool:
    """True for a moment before the newest value held of this vital."""
    return name in panel.values and at < panel.values[name].at


def _live_values(
    panel: Panel, values: Mapping[str, float], at: datetime, effects: Effects, *, is_history: bool
) -> Mapping[str, float]:
    """The values that are not late; the bits of those that are go into ``effects``."""
    if is_history:
        effects.late_fields = sum(_BIT[name] for name in values)
        return {}
    late = [name for name in values if _is_older(panel, name, at)]
    if not late:
        return values
    effects.late_fields = sum(_BIT[name] for name in late)
    return {name: value for name, value in values.items() if name not in late}


def _take_zero(moment: _Moment, name: str, effects: Effects, *, is_history: bool) -> None:
    late = is_history or _is_older(moment.panel, name, moment.at)
    if late:
        effects.late_fields |= _BIT[name]
    finding = technical.zero_finding(name, moment.limits)
    if finding is None:
        return
    flag = None
    if not late:
        flag = technical.raise_zero(moment.panel, finding, moment.at, moment.now, effects.changes)
    effects.found.append(Found(finding, flag_words.text_of(finding, {}, Setting()), flag, late))


def setting_of(panel: Panel, at: datetime) -> Setting:
    """What values of this session measured at a moment are seen against."""
    return rules.setting_at(
        at, baseline=panel.baseline, dose_started_at=panel.dose_started_at, symptoms=panel.symptoms
    )


def _moment(
    panel: Panel,
    at: datetime,
    now: datetime,
    limits: LimitSet,
    changes: list[FlagChange],
    *,
    fresh: Iterable[str] = (),
    streamed: bool = False,
) -> _Moment:
    newest = {name: float(latest.value) for name, latest in panel.values.items()}
    # live flags look at what is open now, whenever it began
    setting = Setting(setting_of(panel, at).baseline, {one.code: one.severe for one in panel.symptoms})
    return _Moment(panel, at, now, limits, setting, newest, frozenset(fresh), changes, streamed)


def _answers_due(panel: Panel, live: Mapping[str, float], absent: Mapping[str, str], at: datetime) -> bool:
    """True when the reading holds anything that the next set still lacks; before it opens, nothing counts."""
    if panel.due is None or at < panel.due.opens_at:
        return False
    return any(name in live or name in absent for name in panel.due.missing)


def _judge(moment: _Moment, conditions: Iterable[str]) -> None:
    """Move the flags of these conditions to what the newest values show."""
    for condition in sorted(conditions):
        found = rules.all_met(condition, moment.values, moment.limits, moment.setting)
        flag = open_flag(moment.panel, condition)
        if moment.streamed or moment.panel.met_since:
            found = [one for one in found if _lasted(moment, one)]
            _forget_spans(moment, condition, found)
        if flag is None:
            if found:
                _open(moment, found)
        else:
            _follow(moment, flag, found)


def _lasted(moment: _Moment, found: Finding) -> bool:
    """True when a streamed row has been met for as long as it asks for; for others always."""
    rule = found.rule
    if rule.delay_s == 0 or not moment.streamed:
        return True
    key = f"{rule.code}:{rule.vital}"
    span = moment.panel.met_since.get(key)
    if span is None or moment.at - span.until > technical.STEADY_WITHIN:
        moment.panel.met_since[key] = Span(moment.at, moment.at)
        return False
    span.until = max(span.until, moment.at)
    return span.until - span.since >= timedelta(seconds=rule.delay_s)


def _forget_spans(moment: _Moment, condition: str, found: Sequence[Finding]) -> None:
    """A row that is not met at this moment begins anew."""
    known = moment.panel.met_since
    if not known:
        return
    met = {
        f"{one.rule.code}:{one.rule.vital}"
        for one in rules.all_met(condition, moment.values, moment.limits, moment.setting)
    }
    for rule in moment.limits.of_condition.get(condition, ()):
        key = f"{rule.code}:{rule.vital}"
        if key in known and key not in met:
            del known[key]


def _open(moment: _Moment, found: Sequence[Finding]) -> None:
    """The condition's flag opens: at once where a row says so, else pending."""
    best = rules.strongest(found)
    assert best is not None, "asked only with something met"  # noqa: S101
    flag = PanelFlag(
        id=uuid4(),
        condition=best.condition,
        priority=best.priority,
        category="physiological",
        state=FlagState.PENDING,
        text="",
        opened_at=moment.at,
        readings=0,
    )
    confirmed, how = _confirmed(moment, flag, found)
    moment.panel.flags.append(flag)
    if confirmed is None:
        _name_pending(moment, flag, found)
        moment.changes.append(FlagChange(flag, Happening.BREACHED, moment.at, opened=True))
        return
    flag.state = FlagState.ACTIVE
    _raise(moment, flag, confirmed, found, how)
    moment.changes.append(FlagChange(flag, Happening.BREACHED, moment.at, opened=True, call=told(flag)))


def _confirmed(moment: _Moment, flag: PanelFlag, found: Sequence[Finding]) -> tuple[Priority | None, str]:
    """The highest level that the values give now, with what confirmed it in words; None when none yet.

    A level that the flag has already needs no second confirmation while its rows are met.
    """
    held = None if flag.state in {FlagState.PENDING, FlagState.LATCHED} else flag.priority
    best: Priority | None = None
    how = ""
    for level in LEVELS:
        meeting = [one.rule for one in found if one.rule.level >= RANK[level]]
        is_measured = any(rule.vital in moment.fresh for rule in meeting)
        if not meeting:
            confirming.drop(flag, level)
            continue
        if held is not None and RANK[level] <= RANK[held]:
            confirming.drop(flag, level)
            best, how = level, ""
            continue
        if any(rule.readings == 1 for rule in meeting):
            confirming.drop(flag, level)
            best, how = level, ""
            continue
        if not is_measured and confirming.track_of(flag, level) is not None:
            continue
        track = confirming.count(flag, level, meeting, moment.at)
        if track is not None:
            best = level
            how = flag_words.confirmed_words(track.count, moment.at - track.counted_at)
    return best, how


def _follow(moment: _Moment, flag: PanelFlag, found: Sequence[Finding]) -> None:
    """Carry the newest values into an open flag: confirm, raise, step down, latch, resolve."""
    if flag.state is FlagState.PENDING:
        _follow_pending(moment, flag, found)
        return
    best, how = _confirmed(moment, flag, found)
    if _still_held(moment, flag) and (best is None or RANK[best] < RANK[flag.priority]):
        return
    if best is None:
        if flag.state is FlagState.LATCHED and flag.confirming:
            return
        settle(moment.panel, flag, moment.at, moment.changes, cause="inside limits")
        return
    named = _strongest_at(found, best)
    rose = RANK[best] > RANK[flag.priority] or flag.state is FlagState.LATCHED
    if rose or _is_worse_than_taken(moment, flag, named):
        flag.state = after(flag.state, Happening.WORSENED)
        _raise(moment, flag, best, found, how)
        moment.changes.append(FlagChange(flag, Happening.WORSENED, moment.at, call=told(flag)))
        return
    happening = Happening.EASED if RANK[best] < RANK[flag.priority] else Happening.BREACHED
    flag.state = after(flag.state, happening)
    confirming.drop_up_to(flag, best)
    flag.priority = best
    _name(moment, flag, named, how)
    moment.changes.append(FlagChange(flag, happening, moment.at))


def _follow_pending(moment: _Moment, flag: PanelFlag, found: Sequence[Finding]) -> None:
    if not found:
        settle(moment.panel, flag, moment.at, moment.changes, cause="inside limits")
        return
    confirmed, how = _confirmed(moment, flag, found)
    if confirmed is not None:
        flag.state = after(flag.state, Happening.CONFIRMED)
        _raise(moment, flag, confirmed, found, how)
        moment.changes.append(
            FlagChange(flag, Happening.CONFIRMED, moment.at, cause=how or "at once", call=told(flag))
        )
        return
    before = flag.priority
    _name_pending(moment, flag, found)
    change = RANK[flag.priority] - RANK[before]
    happening = Happening.WORSENED if change > 0 else Happening.EASED if change < 0 else Happening.BREACHED
    flag.state = after(flag.state, happening)
    moment.changes.append(FlagChange(flag, happening, moment.at))


def _raise(moment: _Moment, flag: PanelFlag, level: Priority, found: Sequence[Finding], how: str) -> None:
    """The flag is active at this level from now on, and asks for somebody."""
    confirming.drop_up_to(flag, level)
    flag.priority = level
    if flag.activated_at is None or RANK[level] > RANK[flag.peak]:
        flag.peak = level
    if RANK[level] >= RANK[flag.peak]:
        flag.peak_taken = False
    asking.ask(flag, moment.now)
    _name(moment, flag, _strongest_at(found, level), how)
    moment.breach = flag.text


def raise_unchecked(
    panel: Panel, flag: PanelFlag, track: Confirming, limits: LimitSet, at: datetime
) -> FlagChange:
    """Nobody measured again in time: the breach is raised as it stands."""
    happening = Happening.NOT_RECHECKED
    raised_at = track.unless_by
    flag.state = after(flag.state, happening)
    confirming.drop_up_to(flag, track.priority)
    flag.priority = track.priority
    if flag.activated_at is None or RANK[track.priority] > RANK[flag.peak]:
        flag.peak = track.priority
    if RANK[track.priority] >= RANK[flag.peak]:
        flag.peak_taken = False
    asking.ask(flag, at)
    moment = _moment(panel, at, at, rules.limits_at(at, limits, panel.patient_limits), [])
    found = rules.all_met(flag.condition, moment.values, moment.limits, moment.setting)
    if found:
        readings = flag.readings
        _name(moment, flag, _strongest_at(found, track.priority), flag_words.not_rechecked_words(track))
        flag.readings = readings
    return FlagChange(flag, happening, raised_at, cause="not re-checked", call=told(flag))


def _strongest_at(found: Sequence[Finding], level: Priority) -> Finding:
    """The row that names a flag of this level: the strongest of it, else what is met above."""
    of_level = [one for one in found if one.priority is level]
    best = rules.strongest(of_level or found)
    assert best is not None, "asked only with something met"  # noqa: S101
    return best


def _name_pending(moment: _Moment, flag: PanelFlag, found: Sequence[Finding]) -> None:
    level = confirming.highest(flag)
    if level is None:
        return
    flag.priority = flag.peak = level
    track = confirming.track_of(flag, level)
    assert track is not None, "the highest one"  # noqa: S101
    _name(moment, flag, _strongest_at(found, level), flag_words.pending_words(track))


def _name(moment: _Moment, flag: PanelFlag, finding: Finding, how: str) -> None:
    """Write into the flag which row it rests on, with which value, in words."""
    flag.rule = finding.rule.code
    flag.vital = finding.vital or None
    flag.direction = finding.rule.direction
    flag.value = None if finding.value is None else tidy(finding.value)
    flag.threshold = None if finding.limit is None else tidy(finding.limit)
    flag.text = flag_words.text_of(finding, moment.values, moment.setting)
    if how or not flag.why:
        flag.why = flag_words.why_of(finding, moment.values, moment.setting, moment.limits, how)
    if not flag.readings or finding.vital in moment.fresh:
        flag.readings += 1


def _still_held(moment: _Moment, flag: PanelFlag) -> bool:
    """True while a value lies outside, or not yet far enough inside, a limit of the flag's priority."""
    if flag.state is FlagState.LATCHED:
        return False
    for rule in moment.limits.of_condition.get(flag.condition, ()):
        value, limit = moment.values.get(rule.vital or ""), rule.limit_for(moment.setting.baseline)
        if not rule.inside_by or rule.level < RANK[flag.priority] or value is None or limit is None:
            continue
        inside = limit - value if rule.direction is Direction.HIGH else value - limit
        if inside < rule.inside_by:
            return True
    return False


def _is_worse_than_taken(moment: _Moment, flag: PanelFlag, named: Finding) -> bool:
    """True when somebody took the flag and a value has since gone a step beyond what they saw."""
    if flag.state is not FlagState.ACKNOWLEDGED:
        return False
    for name, seen in flag.taken_at_values.items():
        steps = [
            rule.worse_by
            for rule in moment.limits.of_condition.get(flag.condition, ())
            if rule.vital == name and rule.worse_by is not None
        ]
        value = moment.values.get(name)
        if steps and value is not None:
            beyond = value - seen if named.rule.direction is Direction.HIGH else seen - value
            if beyond >= min(steps):
                return True
    return False


def _judge_symptoms(moment: _Moment) -> None:
    """Move the flags of symptoms: each is raised at once, and ends when the symptom is gone."""
    found = rules.symptom_findings(moment.values, moment.limits, moment.setting)
    open_now = {flag.condition: flag for flag in moment.panel.flags if rules.is_symptom(flag.condition)}
    for condition in sorted(found.keys() | open_now.keys()):
        finding, flag = found.get(condition), open_now.get(condition)
        if finding is not None and flag is None:
            _open(moment, [finding])
        elif finding is not None and flag is not None:
            if RANK[finding.priority] != RANK[flag.priority] or flag.state is FlagState.LATCHED:
                _follow(moment, flag, [finding])
        elif flag is not None:
            settle(moment.panel, flag, moment.at, moment.changes, cause="symptom gone")


def reassess(panel: Panel, limits: LimitSet, at: datetime, changes: list[FlagChange]) -> str:
    """Judge the newest values again because what they are seen against changed: a symptom, the baseline, the
    patient's limits. No new measurement. Returns the words of a flag that opened or worsened, else "".
    """
    moment = _moment(panel, at, at, rules.limits_at(at, limits, panel.patient_limits), changes)
    conditions = set(moment.limits.of_condition) | {flag.condition for flag in panel.flags}
    _judge(moment, {name for name in conditions if _is_of_values(name)})
    _judge_symptoms(moment)
    due.plan_rechecks(panel)
    return moment.breach


def _is_of_values(condition: str) -> bool:
    return condition.rpartition("-")[2] in {Direction.HIGH.value, Direction.LOW.value}


def rejudge(
    panel: Panel,
    names: set[str],
    limits: LimitSet,
    at: datetime,
    now: datetime,
    *,
    unfounded: frozenset[UUID],
) -> Effects:
    """After a correction of newest values: the flags of their conditions follow, cause "corrected".

    names:     vitals whose newest value is another one now, measured at ``at``.
    unfounded: open flags that would never have been raised without the corrected reading. Such a flag ends
               unless the new value gives it all the same, whatever its priority was; one that other readings
               also raised settles like any other, so a high one that nobody took still waits for somebody.
    """
    effects = Effects()
    active = rules.limits_at(at, limits, panel.patient_limits)
    moment = _moment(panel, at, now, active, effects.changes, fresh=names)
    for condition in sorted(active.bearing_on(names)):
        flag = open_flag(panel, condition)
        found = rules.all_met(condition, moment.values, active, moment.setting)
        if flag is not None and flag.id in unfounded and not _gives(flag, found):
            flag.state = after(flag.state, Happening.CORRECTED)
            asking.ask_no_more(flag)
            panel.flags.remove(flag)
            effects.changes.append(FlagChange(flag, Happening.CORRECTED, at, cause="corrected"))
        before = len(effects.changes)
        _judge(moment, [condition])
        effects.changes[before:] = [
            replace(one, cause="corrected") if one.resolved else one for one in effects.changes[before:]
        ]
    _judge_symptoms(moment)
    effects.breach = moment.breach
    due.plan_rechecks(panel)
    return effects


def _gives(flag: PanelFlag, found: Sequence[Finding]) -> bool:
    """True when a single measurement gives the flag as it stands: pending by any row, active at once."""
    if flag.state is FlagState.PENDING:
        return bool(found)
    return any(one.rule.readings == 1 and one.rule.level >= RANK[flag.priority] for one in found)
