"""The figures of flags as a page: each part a sentence, a chart and the table that says the same."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import partial

from reports import flag_figures, flag_sums, small_counts
from reports.asked import Asked
from reports.flag_sums import Figures, FlagSums, Rule, SessionSums
from reports.small_counts import NOTHING, Said
from screens.charts import by_month
from screens.charts.by_month import Series, Target
from screens.figures import parts
from screens.figures.parts import ALL, Headline, Page, Part, Row, month_words, nothing, numbered

Counted = Callable[[FlagSums], int]
Told = Callable[[FlagSums, SessionSums], Said]
ToldRow = Callable[[FlagSums, SessionSums], Iterable[Said]]

SHORT_GROUPS = {"bp": "BP", "hr": "HR", "rr": "RR", "spo2": "SpO₂", "etco2": "EtCO₂"}
BARS_SHOWN = 12


def about_words(condition: str) -> str:
    """What a condition is about: "bp-high" is "BP high"."""
    first, _, rest = condition.partition("-")
    return f"{SHORT_GROUPS.get(first, first.capitalize())} {rest.replace('-', ' ')}".strip()


def page(clinic_id: int, asked: Asked, at: datetime) -> Page:
    found = flag_figures.figures(clinic_id, asked, at=at)
    if not found.sessions.sessions:
        return nothing(asked)
    made = (_how_many, _what_they_led_to, _time_to_take, _overdue, _by_rule, _beside)
    flags = found.flags
    if not flags.flags:
        return Page(f"{_number(found.sessions.sessions, 'session')} and no flag.", (), (_how_many(found),))
    says = (
        f"{_per_session(flags.pressing, found.sessions).words} medium or high flags per session;"
        f" {_led_to(flags).words} of them led to something documented, and half of those taken had somebody"
        f" within {_median(flags).words}."
    )
    return Page(says, _headlines(found), tuple(make(found) for make in made))


# --- the large figures


def _headlines(found: Figures) -> tuple[Headline, ...]:
    flags, sessions = found.flags, found.sessions
    return (
        Headline(
            _per_session(flags.pressing, sessions).words,
            "medium or high flags per session",
            f"Design target: at most {flag_sums.FLAGS_PER_QUIET_SESSION} per session in which nothing"
            " happened. This counts every session.",
        ),
        Headline(
            _led_to(flags).words,
            "of medium and high flags led to something documented",
            f"Design target: at least {100 * flag_sums.SHARE_ACTED_ON:.0f}\u00a0%.",
        ),
        Headline(
            small_counts.seconds(flags.median_s, base=flags.taken).words,
            "until half of them were taken",
            f"Design target: at most {flag_sums.TAKEN_WITHIN_S}\u00a0s.",
        ),
        Headline(
            small_counts.share(flags.high_in_time, flags.highs).words,
            f"of high flags taken within {flag_sums.TAKEN_WITHIN_S} s",
            f"At {flag_sums.TAKEN_WITHIN_S} s the next role is asked.",
        ),
        Headline(
            _per_hour(flags.overdue, sessions).words,
            "overdue sets per watched hour",
            "No design target.",
        ),
    )


# --- the parts


def _how_many(found: Figures) -> Part:
    flags, sessions = found.flags, found.sessions
    body = _per_session(flags.high + flags.medium, sessions).words
    technical = _per_session(flags.technical_high + flags.technical_medium, sessions).words
    kinds: list[tuple[str, str, Counted]] = [
        ("High", "high", lambda one: one.high),
        ("Medium", "medium", lambda one: one.medium),
        ("Low", "low", lambda one: one.low),
        ("Technical", "technical", lambda one: one.technical),
    ]
    # a kind that never came needs no place in the key
    series = [
        _series(found, name, partial(_kind_per_session, of), state) for name, state, of in kinds if of(flags)
    ]
    return Part(
        key="per-session",
        title="Flags per session",
        says=f"{_number(sessions.sessions, 'session')} and {_number(flags.flags, 'flag')}. Medium or high per"
        f" session: {body} physiological, {technical} technical.",
        figure=by_month.columns(_months(found), series, unit="per session") if series else None,
        head=(
            "Month",
            "Sessions",
            "High",
            "Medium",
            "Low",
            "Technical high",
            "Technical medium",
            "Technical low",
            "Medium or high per session",
        ),
        rows=_rows(
            found,
            lambda f, s: (
                small_counts.count(s.sessions),
                *map(small_counts.count, (f.high, f.medium, f.low)),
                *map(small_counts.count, (f.technical_high, f.technical_medium, f.technical_low)),
                _per_session(f.pressing, s),
            ),
        ),
        note="High, medium and low are physiological: of values, symptoms and calls. Technical is of"
        " monitors, sets that are overdue, and a missing baseline.",
    )


def _what_they_led_to(found: Figures) -> Part:
    flags = found.flags
    target = Target(
        100 * flag_sums.SHARE_ACTED_ON, f"design target: at least {100 * flag_sums.SHARE_ACTED_ON:.0f} %"
    )
    series = [_series(found, "Led to something documented", lambda f, s: _led_to(f))]
    return Part(
        key="led-to",
        title="What they led to",
        says=f"Of {_number(flags.pressing, 'medium or high flag')}, {_led_to(flags).words} led to something"
        " documented.",
        figure=by_month.columns(_months(found), series, unit="% of flags", target=target),
        head=("Month", "Medium and high", "Led to something", "Share"),
        rows=_rows(
            found,
            lambda f, s: (
                small_counts.count(f.pressing),
                small_counts.count_of(f.acted_on, f.pressing),
                _led_to(f),
            ),
        ),
        note="Counted: taken with another word than “I’m on it”, or, up to "
        f"{flag_sums.LED_TO_WITHIN_MIN} minutes after the flag, a medicine, a dose entry, a symptom (or"
        " that it is gone) or a correction charted. The time alone is looked at, so some of it would have"
        " been charted without the flag. Of several takings the word of the last counts.",
    )


def _time_to_take(found: Figures) -> Part:
    flags = found.flags
    target = Target(flag_sums.TAKEN_WITHIN_S, f"design target: half within {flag_sums.TAKEN_WITHIN_S} s")
    series = [
        _series(found, "Half taken within", lambda f, s: _median(f)),
        _series(found, "Nine in ten taken within", lambda f, s: _p90(f), dash="dot"),
    ]
    return Part(
        key="time-to-take",
        title="Time until somebody took them",
        says=f"Half of the medium and high flags that were taken had somebody within {_median(flags).words},"
        f" nine in ten within {_p90(flags).words}. Of high ones"
        f" {_in_time(flags).words} were taken within {flag_sums.TAKEN_WITHIN_S} s.",
        figure=by_month.lines(_months(found), series, unit="seconds", target=target),
        head=(
            "Month",
            "Taken",
            "Never taken",
            "Median",
            "90th percentile",
            f"High within {flag_sums.TAKEN_WITHIN_S} s",
        ),
        rows=_rows(
            found,
            lambda f, s: (
                small_counts.count_of(f.taken, f.pressing),
                small_counts.count_of(f.pressing - f.taken, f.pressing),
                _median(f),
                _p90(f),
                _in_time(f),
            ),
        ),
        note="From the moment a flag became active to the first time somebody took it, whatever came after."
        " Those that nobody took ended by themselves or with the session, or are open; they are in no"
        f" median, but they do count against the share within {flag_sums.TAKEN_WITHIN_S} s.",
    )


def _overdue(found: Figures) -> Part:
    flags, sessions = found.flags, found.sessions
    series = [
        _series(found, "Sets overdue", lambda f, s: _per_hour(f.overdue, s), "technical"),
    ]
    return Part(
        key="overdue",
        title="Overdue sets",
        says=f"{_number(flags.overdue, 'overdue set')} in {_hours(sessions)} watched hours:"
        f" {_per_session(flags.overdue, sessions).words} per session,"
        f" {_per_hour(flags.overdue, sessions).words} per hour.",
        figure=by_month.columns(_months(found), series, unit="per watched hour"),
        head=("Month", "Overdue", "Watched hours", "Per session", "Per watched hour"),
        rows=_rows(
            found,
            lambda f, s: (
                small_counts.count(f.overdue),
                Said(_hours(s)),
                _per_session(f.overdue, s),
                _per_hour(f.overdue, s),
            ),
        ),
        note="One for each time a set became overdue, however long it stayed so. Hours run from check-in to"
        " the session’s end; times in which nobody watched are not taken off.",
    )


def _by_rule(found: Figures) -> Part:
    ranked = _ranked(found)
    drawn = [(rule, _per_session(sums.flags, found.sessions)) for rule, sums in ranked]
    drawn = [(rule, said) for rule, said in drawn if said.value][:BARS_SHOWN]
    if drawn:
        rule, said = drawn[0]
        says = f"Most often: {rule_words(rule)}, {said.words} per session."
    else:
        says = "No rule has enough flags to be told."
    return Part(
        key="by-rule",
        title="Flags by rule",
        says=says,
        figure=by_month.bars(
            [rule_words(rule) for rule, _ in drawn],
            [said.value for _, said in drawn],
            unit="flags per session",
        )
        if drawn
        else None,
        head=("Rule", "Kind", "Flags", "Per session", "Led to something", "Median", "Re-check only", "Late"),
        rows=tuple(
            Row(
                rule_words(rule),
                (Said(rule.category), *_of_rule(sums, found.sessions)),
            )
            for rule, sums in ranked
        ),
        file="rules",
        texts=1,
        note="By the rule that named the flag last. The share and the median are of medium and high flags.",
    )


def _beside(found: Figures) -> Part:
    flags = found.flags
    return Part(
        key="beside",
        title="Beside the flags",
        says="Re-checks with a value back inside its limit, and no flag:"
        f" {small_counts.count(flags.rechecks).words}. Late flags, which ring nothing:"
        f" {small_counts.count(flags.late).words}.",
        figure=None,
        head=("Month", "Re-check, then inside", "Late", "High, drawn by no board", "Escalated"),
        rows=_rows(
            found,
            lambda f, s: tuple(map(small_counts.count, (f.rechecks, f.late, f.undrawn, f.escalated))),
        ),
        note="Drawn by no board and escalated: as the flag stood when last it asked for somebody.",
    )


def rule_words(rule: Rule) -> str:
    return f"{rule.code or 'No rule'} · {about_words(rule.condition)}"


def _ranked(found: Figures) -> list[tuple[Rule, FlagSums]]:
    return sorted(found.by_rule.items(), key=lambda item: (-item[1].flags, item[0].code, item[0].category))


def _of_rule(sums: FlagSums, sessions: SessionSums) -> tuple[Said, ...]:
    return (
        small_counts.count(sums.flags),
        _per_session(sums.flags, sessions),
        _led_to(sums),
        _median(sums),
        small_counts.count(sums.rechecks),
        small_counts.count(sums.late),
    )


# --- figures said


def _led_to(flags: FlagSums) -> Said:
    return small_counts.share(flags.acted_on, flags.pressing)


def _in_time(flags: FlagSums) -> Said:
    return small_counts.share(flags.high_in_time, flags.highs)


def _median(flags: FlagSums) -> Said:
    return small_counts.seconds(flags.median_s, base=flags.taken)


def _p90(flags: FlagSums) -> Said:
    return small_counts.seconds(flags.p90_s, base=flags.taken)


def _per_session(number: int, sessions: SessionSums) -> Said:
    return small_counts.rate(number, sessions.sessions, base=sessions.sessions)


def _kind_per_session(of: Counted, flags: FlagSums, sessions: SessionSums) -> Said:
    return _per_session(of(flags), sessions)


def _per_hour(number: int, sessions: SessionSums) -> Said:
    return small_counts.rate(number, sessions.watched_h, base=sessions.sessions)


def _hours(sessions: SessionSums) -> str:
    return f"{sessions.watched_h:.0f}" if sessions.sessions else NOTHING


def _number(number: int, noun: str) -> str:
    return numbered(small_counts.count(number), noun)


def _months(found: Figures) -> list[str]:
    return [month_words(month) for month in found.asked.months]


def _by_month(found: Figures) -> list[tuple[date, FlagSums, SessionSums]]:
    return [(m, found.by_month[m], found.sessions_by_month[m]) for m in found.asked.months]


def _series(found: Figures, name: str, told: Told, state: str = "", dash: str = "solid") -> Series:
    return parts.series(name, [told(flags, sessions) for _, flags, sessions in _by_month(found)], state, dash)


def _rows(found: Figures, told: ToldRow) -> tuple[Row, ...]:
    rows = [
        Row(month_words(month), tuple(told(flags, sessions))) for month, flags, sessions in _by_month(found)
    ]
    if len(rows) > 1:
        rows.append(Row(ALL, tuple(told(found.flags, found.sessions)), is_sum=True))
    return tuple(rows)


# --- files

MONTHS_HEAD = (
    "month",
    "sessions",
    "watched hours",
    "high",
    "medium",
    "low",
    "technical high",
    "technical medium",
    "technical low",
    "medium or high per session",
    "led to something documented",
    "led to something documented %",
    "taken",
    "median until taken s",
    "90th percentile until taken s",
    "high taken within 60 s %",
    "overdue sets",
    "overdue per session",
    "overdue per watched hour",
    "high drawn by no board",
    "escalated",
    "re-check only",
    "late",
)


def month_cells(found: Figures) -> list[list[object]]:
    """One row per month; what is hidden on the page is hidden here."""
    return [
        [f"{month:%Y-%m}", *(said.cell for said in _month_told(flags, sessions))]
        for month, flags, sessions in _by_month(found)
    ]


def _month_told(f: FlagSums, s: SessionSums) -> list[Said]:
    count = small_counts.count
    return [
        count(s.sessions),
        Said(_hours(s), round(s.watched_h, 1)),
        *map(count, (f.high, f.medium, f.low, f.technical_high, f.technical_medium, f.technical_low)),
        _per_session(f.pressing, s),
        small_counts.count_of(f.acted_on, f.pressing),
        _led_to(f),
        small_counts.count_of(f.taken, f.pressing),
        _median(f),
        _p90(f),
        _in_time(f),
        count(f.overdue),
        _per_session(f.overdue, s),
        _per_hour(f.overdue, s),
        *map(count, (f.undrawn, f.escalated, f.rechecks, f.late)),
    ]


RULES_HEAD = (
    "month",
    "rule",
    "about",
    "kind",
    "flags",
    "per session",
    "led to something documented %",
    "median until taken s",
    "re-check only",
    "late",
)


def rule_cells(found: Figures) -> list[list[object]]:
    """One row per month and rule that a flag named in it."""
    ordered = sorted(found.by_month_and_rule.items(), key=lambda item: (item[0][0], item[0][1].code))
    return [
        [
            f"{month:%Y-%m}",
            rule.code,
            about_words(rule.condition),
            rule.category,
            *(said.cell for said in _of_rule(sums, found.sessions_by_month[month])),
        ]
        for (month, rule), sums in ordered
    ]
