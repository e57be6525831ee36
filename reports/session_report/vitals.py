"""The report's parts on what was measured: chart, table of vitals, flags, limits, missed sets, NEWS2."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from reports.session_report.facts import ReportFacts
from reports.session_report.treatment import without_the_gate
from reports.session_report.value import (
    Chart,
    Column,
    Fact,
    LimitLine,
    Mark,
    MarkKind,
    Part,
    Point,
    Row,
    Table,
)
from sessions import symptoms
from sessions.protocol import StepState
from vitals import limit_queries, news2, queries, rules, scored_sets
from vitals.limits import LEVELS, Direction, Kind, LimitSet, Priority
from vitals.models import Finding
from vitals.pairing import pair_halves
from vitals.queries import FlagView, ReadingView
from vitals.services.limit_sets import limit_set
from vitals.vital import ABOUT, FIELDS, GROUP, Vital, shown

# a table longer than this is thinned: what a monitor streamed, to one row in so many minutes
ROWS_AT_MOST = 48
EVERY_MIN = (1, 2, 5, 10, 15, 30, 60)
CURVES = (Vital.HEART_RATE, Vital.RESPIRATORY_RATE, Vital.SPO2)
MARKED: Mapping[str, MarkKind] = {
    "start": MarkKind.DOSE,
    "dose": MarkKind.DOSE,
    "pause": MarkKind.DOSE,
    "resume": MarkKind.DOSE,
    "stop": MarkKind.DOSE,
    "medicine": MarkKind.MEDICINE,
}
# columns of the table: code, label, the vitals in it; those after the fifth stand only where measured
COLUMNS: tuple[tuple[str, str, tuple[Vital, ...]], ...] = (
    ("bp", "BP mmHg", (Vital.SYSTOLIC, Vital.DIASTOLIC)),
    ("heart_rate", "HR /min", (Vital.HEART_RATE,)),
    ("respiratory_rate", "RR /min", (Vital.RESPIRATORY_RATE,)),
    ("spo2", "SpO₂ %", (Vital.SPO2,)),
    ("sedation", "Sedation", (Vital.SEDATION,)),
    ("mean", "Mean mmHg", (Vital.MEAN,)),
    ("temperature", "Temp. °C", (Vital.TEMPERATURE,)),
    ("etco2", "EtCO₂ mmHg", (Vital.ETCO2,)),
)
ALWAYS = 5
GROUPS = {about.group: "BP" if about.group == "bp" else about.short for about in ABOUT.values()}


def current(facts: ReportFacts) -> list[ReadingView]:
    return [view for view in facts.views if view.superseded_by is None]


def _live(facts: ReportFacts) -> list[FlagView]:
    """Flags that were more than a re-check; late ones among them, which rang nothing."""
    return [one for one in facts.flags if one.flag.activated_at is not None or one.flag.late]


# --- the chart


def chart_part(facts: ReportFacts) -> tuple[Part, Chart] | None:
    """The chart with its key; None while nothing was measured."""
    views = current(facts)
    if not views:
        return None
    marks, key = _marks(facts)
    chart = _chart(facts, views, marks)
    table = Table(
        "marks",
        "Marks under the chart",
        (
            Column("number", "No.", is_number=True),
            Column("kind", "Kind"),
            Column("at", "Time"),
            Column("words", "What"),
        ),
        key,
    )
    sentence = (
        "Band: from diastolic to systolic. Upright lines: start of the dose (whole), its end (dotted),"
        " earliest release (dashed). Lines across: the innermost limits of this session, high (whole) and"
        " medium (dashed). Marks: square dose, circle symptom, diamond medicine, triangle flag."
    )
    return Part("chart", "Chart", sentences=(sentence,), tables=(table,) if key else ()), chart


def _chart(facts: ReportFacts, views: Sequence[ReadingView], marks: Sequence[Mark]) -> Chart:
    session = facts.session
    pressures = whole_pressures(views)
    curves = {
        vital.value: tuple(
            Point(view.measured_at, view.values[vital]) for view in views if vital.value in view.values
        )
        for vital in CURVES
    }
    moments = [view.measured_at for view in views] + [mark.at for mark in marks]
    moments += [
        at for at in (session.checked_in_at, session.dose_started_at, session.ended_at) if at is not None
    ]
    return Chart(
        zone=session.clinic.time_zone,
        from_at=min(moments),
        until_at=max(moments),
        dose_started_at=session.dose_started_at,
        dose_ended_at=session.dose_ended_at,
        window_ends_at=session.window_ends_at,
        pressures=tuple(pressures),
        curves=curves,
        limits=_lines(facts),
        marks=tuple(marks),
        alt=_alt(facts, pressures, curves, min(moments), max(moments)),
    )


def whole_pressures(views: Iterable[ReadingView]) -> list[tuple[datetime, float, float]]:
    """(when, systolic, diastolic) by time, of one row or of two halves of one moment."""
    by_moment: dict[datetime, list[ReadingView]] = defaultdict(list)
    for view in views:
        by_moment[view.measured_at].append(view)
    found: list[tuple[datetime, float, float]] = []
    for at, rows in by_moment.items():
        whole = [(row, row) for row in rows if row.systolic is not None and row.diastolic is not None]
        for upper, lower in whole + (pair_halves(rows) if len(rows) > 1 else []):
            assert upper.systolic is not None, "both lists hold it"  # noqa: S101
            assert lower.diastolic is not None, "both lists hold it"  # noqa: S101
            found.append((at, upper.systolic, lower.diastolic))
    return found


def _lines(facts: ReportFacts) -> tuple[LimitLine, ...]:
    """The innermost plain row of each priority as it held at the end; the table of limits has all.

    A row of medium priority beyond one of high says nothing more, and is left out.
    """
    if facts.panel is None or facts.limits is None:
        return ()
    at = facts.session.ended_at or facts.as_of
    own = {(one.code, one.vital) for one in facts.panel.patient_limits if one.from_at <= at < one.until_at}
    baseline = rules.baseline_values(facts.panel.baseline)
    found: dict[tuple[str, str, str], LimitLine] = {}
    for rule in rules.limits_at(at, facts.limits, facts.panel.patient_limits).of_kind[Kind.VALUE]:
        value = rule.limit_for(baseline)
        plain = not rule.symptoms and rule.with_vital is None
        if value is None or not plain or rule.priority not in LEVELS:
            continue
        assert rule.vital is not None, "of rows of values"  # noqa: S101
        assert rule.direction is not None, "of rows of values"  # noqa: S101
        key = (rule.vital.value, rule.direction.value, rule.priority.value)
        line = LimitLine(*key, value, rule.code, (rule.code, rule.vital) in own)
        if key not in found or _inside(line, found[key]):
            found[key] = line
    lines = [line for line in found.values() if not _says_nothing(line, found)]
    return tuple(sorted(lines, key=lambda line: (line.vital, line.direction, line.value)))


def _inside(one: LimitLine, other: LimitLine) -> bool:
    return one.value < other.value if one.direction == Direction.HIGH else one.value > other.value


def _says_nothing(line: LimitLine, found: Mapping[tuple[str, str, str], LimitLine]) -> bool:
    high = found.get((line.vital, line.direction, Priority.HIGH.value))
    return high is not None and line.priority != Priority.HIGH and not _inside(line, high)


def _marks(facts: ReportFacts) -> tuple[list[Mark], tuple[Row, ...]]:
    """What happened, numbered by time, and the key to it."""
    found: list[tuple[datetime, MarkKind, str]] = [
        (entry.at, MARKED[entry.kind], without_the_gate(entry))
        for entry in facts.entries
        if entry.kind in MARKED
    ]
    found += [
        (one.onset_at, MarkKind.SYMPTOM, symptoms.words_of(one.code, facts.chips))
        for one in symptoms.episodes(facts.entries)
    ]
    found += [
        (one.flag.opened_at, MarkKind.FLAG, f"{one.flag.peak}: {one.flag.text}")
        for one in _live(facts)
        if one.flag.category == "physiological"
    ]
    found.sort()
    marks = [Mark(number, kind, at) for number, (at, kind, _) in enumerate(found, start=1)]
    key = tuple(
        Row((str(number), kind.value, facts.clock(at), words))
        for number, (at, kind, words) in enumerate(found, start=1)
    )
    return marks, key


def _alt(
    facts: ReportFacts,
    pressures: Sequence[tuple[datetime, float, float]],
    curves: Mapping[str, Sequence[Point]],
    from_at: datetime,
    until_at: datetime,
) -> str:
    parts = []
    if pressures:
        first, last = pressures[0], pressures[-1]
        peak = max(pressures, key=lambda one: (one[1], one[2]))
        parts.append(
            f"Blood pressure {_pair(first)} at {facts.clock(first[0])}, highest {_pair(peak)} at"
            f" {facts.clock(peak[0])}, last {_pair(last)} at {facts.clock(last[0])}."
        )
    for vital in CURVES:
        values = [point.value for point in curves[vital.value]]
        if values:
            about = ABOUT[vital]
            parts.append(f"{about.label} {shown(min(values))} to {shown(max(values))} {about.shown_unit}.")
    return (
        f"Chart of blood pressure, heart rate, respiratory rate and SpO₂ from {facts.clock(from_at)} to"
        f" {facts.clock(until_at)}. {' '.join(parts)}"
    ).rstrip()


def _pair(one: tuple[datetime, float, float]) -> str:
    return f"{shown(one[1])}/{shown(one[2])}"


# --- the table


def vitals_part(facts: ReportFacts) -> Part:
    views = facts.views
    if not views:
        return Part("vitals", "Vital signs", sentences=("Nothing was measured.",))
    kept, every_min = _kept(facts)
    flagged = _flag_words(facts)
    rows_of = [group for group in _groups(views) if any(view.id in kept for view in group)]
    columns = [
        one
        for number, one in enumerate(COLUMNS)
        if number < ALWAYS or any(vital in _named(view) for view in views for vital in one[2])
    ]
    rows = tuple(_row(facts, group, columns, flagged) for group in rows_of)
    head = (
        Column("at", "Time"),
        *(Column(code, label, is_number=True) for code, label, _ in columns),
        Column("flags", "Flags"),
        Column("by", "By"),
        Column("remarks", "Remarks"),
    )
    note = ""
    shown_of = sum(len(group) for group in rows_of)
    if shown_of < len(views):
        note = (
            f"{shown_of:,} of {len(views):,} readings shown: all that people charted or corrected, the first"
            f" and the worst of each flag, and one in {every_min} min of what monitors sent. All are in the"
            " chart and in the export."
        )
    table = Table(
        "vitals", "Vital signs by time; what was replaced stands struck, with the reason", head, rows, note
    )
    return Part("vitals", "Vital signs", sentences=_not_used(facts, kept), tables=(table,))


def _named(view: ReadingView) -> set[str]:
    return {*view.values, *view.doubtful, *view.absent}


def _kept(facts: ReportFacts) -> tuple[set[UUID], int]:
    """The readings that stand in the table, and in how many minutes one of a monitor's does."""
    views = facts.views
    if len(views) <= ROWS_AT_MOST:
        return {view.id for view in views}, 0
    always = {
        view.id
        for view in views
        if view.source == "staff" or view.superseded_by is not None or view.supersedes is not None
    }
    for one in _live(facts):
        always |= {finding.reading_id for finding in _first_and_worst(one.findings)}
    zero = facts.session.dose_started_at or facts.begun
    streamed = [view for view in views if view.source == "device" and view.superseded_by is None]
    kept: set[UUID] = set()
    for every_min in EVERY_MIN:
        slots: dict[int, UUID] = {}
        step = timedelta(minutes=every_min)
        for view in streamed:
            if len(view.values) > 0:
                slots.setdefault((view.measured_at - zero) // step, view.id)
        kept = set(slots.values())
        if len(kept | always) <= ROWS_AT_MOST:
            break
    return kept | always, every_min


def _first_and_worst(findings: Sequence[Finding]) -> list[Finding]:
    if not findings:
        return []
    low = findings[0].condition.endswith(Direction.LOW.value)
    worst = min if low else max
    return [findings[0], worst(findings, key=lambda one: one.value)]


def _groups(views: Sequence[ReadingView]) -> list[list[ReadingView]]:
    """Rows of the table: what one source sent of one moment is one row, a version of a correction its own."""
    groups: list[list[ReadingView]] = []
    for view in sorted(views, key=lambda view: (view.measured_at, view.version)):
        last = groups[-1] if groups else []
        if last and all(_together(one, view) for one in last):
            last.append(view)
        else:
            groups.append([view])
    return groups


def _together(one: ReadingView, other: ReadingView) -> bool:
    plain = one.superseded_by is None and other.superseded_by is None and one.version == other.version == 1
    same = (one.measured_at, one.recorded_by) == (other.measured_at, other.recorded_by)
    return plain and same and not _named(one) & _named(other)


def _row(
    facts: ReportFacts,
    group: Sequence[ReadingView],
    columns: Sequence[tuple[str, str, tuple[Vital, ...]]],
    flagged: Mapping[UUID, Sequence[str]],
) -> Row:
    values: dict[str, float] = {}
    for view in group:
        values |= view.values
    struck = group[0].superseded_by is not None
    told = list(dict.fromkeys(words for view in group for words in flagged.get(view.id, ())))
    return Row(
        (
            facts.clock(group[0].measured_at),
            *(_cell(values, vitals) for _, _, vitals in columns),
            "; ".join(told),
            group[0].recorded_by,
            "; ".join(dict.fromkeys(words for view in group for words in _remarks(facts, view))),
        ),
        struck=struck,
        strong=bool(told) and not struck,
    )


def _cell(values: Mapping[str, float], vitals: Sequence[Vital]) -> str:
    """A value, or both halves of a pressure; empty where none was measured."""
    if not any(vital in values for vital in vitals):
        return ""
    return "/".join(shown(values[vital]) if vital in values else "–" for vital in vitals)


def _remarks(facts: ReportFacts, view: ReadingView) -> list[str]:
    found = []
    if view.late:
        found.append(f"late, entered {facts.clock(view.received_at)}")
    if view.supersedes is not None:
        found.append(f"corrected {facts.clock(view.received_at)}: {view.reason}")
    found += [f"{_short(name)} not used: {why}" for name, why in view.doubtful.items()]
    found += [f"{_short(name)} not measured: {why}" for name, why in view.absent.items()]
    return found


def _short(name: str) -> str:
    return ABOUT[Vital(name)].short if name in FIELDS else name


def _flag_words(facts: ReportFacts) -> dict[UUID, list[str]]:
    """What each reading showed against the limits, of flags that were more than a re-check."""
    found: dict[UUID, list[str]] = defaultdict(list)
    for one in _live(facts):
        for finding in one.findings:
            found[finding.reading_id].append(f"{finding.priority} {finding.rule}")
    return found


def _not_used(facts: ReportFacts, kept: set[UUID]) -> tuple[str, ...]:
    """What monitors sent and was not used, where its rows are not in the table: how often, and why."""
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for view in facts.views:
        if view.id not in kept:
            for name, why in view.doubtful.items():
                counts[name, why] += 1
    return tuple(
        f"Not used and not in the table: {_short(name)}, {count:,} times: {why}."
        for (name, why), count in sorted(counts.items())
    )


# --- flags, limits, plan, scores


def flags_part(facts: ReportFacts) -> Part:
    rechecks = len(facts.flags) - len(_live(facts))
    rows = tuple(_flag_row(facts, one) for one in _live(facts))
    sentences = []
    if not rows:
        sentences.append("No flag was raised.")
    if rechecks:
        sentences.append(f"Re-checks that were back inside their limit: {rechecks}.")
    columns = (
        Column("at", "Opened"),
        Column("priority", "Highest"),
        Column("words", "What"),
        Column("why", "Why"),
        Column("taken", "Taken"),
        Column("ended", "Ended"),
    )
    tables = (Table("flags", "Flags by when they opened", columns, rows),) if rows else ()
    return Part("flags", "Flags", sentences=tuple(sentences), tables=tables)


def _flag_row(facts: ReportFacts, one: FlagView) -> Row:
    flag = one.flag
    taken = ""
    if flag.acknowledged_at is not None:
        did = f": {flag.action}" if flag.action else ""
        taken = f"{facts.clock(flag.acknowledged_at)} {flag.acknowledged_by}{did}"
    elif flag.late:
        taken = "late: rang nothing"
    ended = f"{facts.clock(flag.resolved_at)} {flag.resolved_cause}" if flag.resolved_at else "open"
    why = flag.why or f"rule {flag.rule}".strip()
    return Row((facts.clock(flag.opened_at), flag.peak, flag.text, why, taken or "by nobody", ended.strip()))


def limits_part(facts: ReportFacts) -> Part:
    protocol = facts.session.protocol
    about = [Fact("Protocol", f"{protocol.name}, version {protocol.version}")]
    if facts.limits is None:
        return Part("limits", "Limits and versions", tuple(about), ("No limits held: nobody checked in.",))
    limits = facts.limits
    about.append(Fact("Limits", f"{limits.name}, version {limits.version}"))
    reviewed = (
        f"{limits.reviewed_by}, {datetime.fromisoformat(limits.reviewed_on):%-d %b %Y}"
        if limits.reviewed_on
        else limit_queries.UNREVIEWED
    )
    about.append(Fact("Reviewed by", reviewed))
    tables = [_rows_table(limits)]
    if facts.changes:
        tables.append(_changes_table(facts))
    return Part("limits", "Limits and versions", tuple(about), tables=tuple(tables))


def _rows_table(limits: LimitSet) -> Table:
    """The rows that flag values, those of one vital together."""
    found: dict[str, dict[Priority, dict[str, list[str]]]] = {}
    for rule in limits.of_kind[Kind.VALUE]:
        if rule.priority in LEVELS and rule.vital is not None:
            of_vital = found.setdefault(GROUP[rule.vital], {level: {} for level in LEVELS})
            of_vital[rule.priority].setdefault(f"{rule.code}|{rule.confirm_words()}", []).append(rule.words())
    rows = tuple(
        Row((GROUPS[group], *(_rules_words(by_priority[level]) for level in LEVELS)))
        for group, by_priority in found.items()
    )
    columns = (Column("vital", "Vital"), *(Column(level.value, level.value.capitalize()) for level in LEVELS))
    return Table("limits", "Rows of the limits that flag values", columns, rows)


def _rules_words(by_code: Mapping[str, Sequence[str]]) -> str:
    """ "BP-2: SBP ≥ 165, DBP ≥ 100 (2 readings in a row)"."""
    told = []
    for key, words in by_code.items():
        code, confirmed = key.split("|")
        told.append(f"{code}: {', '.join(words)} ({confirmed})")
    return "; ".join(told)


def _changes_table(facts: ReportFacts) -> Table:
    rows = []
    for one in facts.changes:
        before = limit_set(one.limit_set_id).named[one.code, one.vital]
        after = limit_queries.changed_row(before, one)
        ended = f", ended {facts.day_and_clock(one.ended_at)} by {one.ended_by}" if one.ended_at else ""
        rows.append(
            Row(
                (
                    one.code,
                    after.words() if after else "switched off",
                    before.words(),
                    f"{facts.day_and_clock(one.from_at)} to {facts.day_and_clock(one.until_at)}{ended}",
                    f"{one.by_name}: {one.reason}",
                )
            )
        )
    columns = (
        Column("rule", "Rule"),
        Column("after", "For this patient"),
        Column("before", "Instead of"),
        Column("held", "Held"),
        Column("by", "By, and why"),
    )
    return Table("limit-changes", "Limits changed for this patient", columns, tuple(rows))


def missed_part(facts: ReportFacts) -> Part:
    """Sets that the protocol asked for and nobody took in their window."""
    if facts.panel is None:
        return Part("missed", "Missed sets", sentences=("No set was due: nobody checked in.",))
    steps = queries.steps(facts.session, facts.panel, facts.views, facts.as_of)
    missed = [one.step for one in steps if one.state is StepState.MISSED]
    if not missed:
        return Part(
            "missed", "Missed sets", sentences=("None: each set that was due was taken in its window.",)
        )
    rows = tuple(
        Row(
            (
                facts.clock(step.due_at),
                step.label,
                ", ".join(ABOUT[Vital(name)].short for name in step.needs),
                f"{facts.clock(step.opens_at)} to {facts.clock(step.closes_at)}",
            )
        )
        for step in missed
    )
    columns = (
        Column("due", "Due"),
        Column("what", "Set"),
        Column("needs", "Needs"),
        Column("window", "Window"),
    )
    counted = f"{len(missed)} of {len(steps)} sets due by then were not taken whole in their window."
    return Part("missed", "Missed sets", (), (counted,), (Table("missed", "Missed sets", columns, rows),))


def news_part(facts: ReportFacts) -> Part | None:
    """NEWS2 of the sets that stand around a look at the patient; None where nobody charted one."""
    sets = scored_sets.scored_sets(facts.session, facts.views, facts.entries)
    if not sets.scored:
        return None
    rows = tuple(
        Row(
            (
                facts.clock(one.at),
                "–" if one.total is None else str(one.total),
                one.risk.value if one.risk else f"incomplete: no {', '.join(one.missing)}",
                _inputs_words(one),
                str(one.scale),
                sets.remarks.get(one.look.entry, "") if one.look else "",
            )
        )
        for one in sets.scored
    )
    columns = (
        Column("at", "Time"),
        Column("total", "NEWS2", is_number=True),
        Column("risk", "Band"),
        Column("parts", "Inputs (points)"),
        Column("scale", "SpO₂ scale", is_number=True),
        Column("remark", "Remark"),
    )
    return Part(
        "news2",
        "NEWS2",
        sentences=(f"{news2.NOT_FOR}. {news2.ACKNOWLEDGED}.",),
        tables=(Table("news2", "NEWS2 by time", columns, rows),),
    )


def _inputs_words(one: news2.News2) -> str:
    return "; ".join(
        f"{news2.LABEL[part.item]} {part.words} ({part.points})" for part in one.parts if part.words
    )
