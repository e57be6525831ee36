"""Sessions and chair use as a page: by month, by day of the week, by day."""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby

from django.utils.dates import WEEKDAYS

from reports import small_counts
from reports.asked import Asked
from reports.figures import use as sums
from reports.figures.use import Figures, Use
from reports.small_counts import NOTHING, Said
from screens.charts import by_day, by_month
from screens.figures.parts import (
    ALL,
    Headline,
    Page,
    Part,
    Row,
    month_words,
    nothing,
    numbered,
    series,
    unless_hidden,
)

# a quarter of a year can still be read day by day
DAYS_SHOWN = 92


def page(clinic_id: int, asked: Asked, at: datetime) -> Page:
    found = sums.figures(clinic_id, asked, at=at)
    whole = found.whole
    if not whole.sessions:
        return nothing(asked)
    counts = small_counts.table([[use.iv, use.nasal] for use in found.by_month.values()])
    sessions = counts[-1][-1]
    used, opened, share = _hours(whole, sessions)
    says = (
        f"{numbered(sessions, 'session')} on {numbered(Said(str(whole.days), whole.days), 'day')}; patients"
        f" sat in chairs for {used.words} of {opened.words} open chair-hours, {share.words}."
    )
    return Page(
        says,
        (
            Headline(sessions.words, "sessions checked in"),
            Headline(_per_day(whole, sessions).words, "sessions per open day"),
            Headline(share.words, "of open chair-hours sat in"),
        ),
        (_months(found, counts, says), _weekdays(found), *_days(found)),
    )


def _months(found: Figures, counts: Sequence[Sequence[Said]], says: str) -> Part:
    rows = [
        Row(month_words(month), (*told, *_hours(use, told[-1])))
        for (month, use), told in zip(found.by_month.items(), counts, strict=False)
    ]
    if len(rows) > 1:
        rows.append(Row(ALL, (*counts[-1], *_hours(found.whole, counts[-1][-1])), is_sum=True))
    names = [month_words(month) for month in found.by_month]
    drawn = [
        series(name, [told[place] for told in counts[:-1]], state)
        for place, (name, state, number) in enumerate(
            (("IV", "", found.whole.iv), ("Nasal", "hatched", found.whole.nasal))
        )
        if number
    ]
    return Part(
        key="months",
        title="Sessions by month",
        says=says,
        figure=by_month.columns(names, drawn, unit="sessions"),
        head=("Month", "IV", "Nasal", "Sessions", "Chair-hours used", "Chair-hours open", "Share used %"),
        rows=tuple(rows),
        note=_basis(found.whole),
    )


def _basis(whole: Use) -> str:
    """What "open" means here."""
    guessed = "from the first check-in to the last end"
    if not whole.said_days:
        hours = f"{guessed}, for no day was opened and closed here"
    elif whole.said_days == whole.days:
        hours = "from the day’s opening to its closing, as the clinic charted them"
    else:
        hours = (
            f"from the day’s opening to its closing on the {whole.said_days} days that the clinic opened and"
            f" closed; on the other {whole.days - whole.said_days} {guessed}"
        )
    return f"Open chair-hours are all chairs times the hours {hours}, whatever sessions are chosen."


def _weekdays(found: Figures) -> Part:
    counts = small_counts.line([use.sessions for use in found.by_weekday.values()])
    told = [
        (str(WEEKDAYS[weekday - 1]), use, count)
        for (weekday, use), count in zip(found.by_weekday.items(), counts, strict=False)
    ]
    per_day = [_per_day(use, count) for _, use, count in told]
    known = [
        (said.value, name) for said, (name, _, _) in zip(per_day, told, strict=True) if said.value is not None
    ]
    most = "No day can be told."
    if known:
        top = max(value for value, _ in known)
        on = [name for value, name in known if value == top]
        where = "all days alike" if len(on) == len(told) else " and ".join(on)
        most = f"Most on {where}: {top:g} sessions per open day."
    return Part(
        key="weekdays",
        title="Sessions by day of the week",
        says=most,
        figure=by_month.columns(
            [name for name, _, _ in told], [series("Sessions", per_day)], unit="per open day"
        ),
        head=(
            "Day",
            "Open days",
            "Sessions",
            "Per open day",
            "Chair-hours used",
            "Chair-hours open",
            "Share used %",
        ),
        rows=tuple(
            Row(name, (Said(str(use.days), use.days), count, said, *_hours(use, count)))
            for said, (name, use, count) in zip(per_day, told, strict=True)
        ),
    )


def _days(found: Figures) -> tuple[Part, ...]:
    """Each day; of a longer span the last ones. Those of a month add up to it, so they hide together."""
    told: list[tuple[date, Use, Said]] = []
    for _, group in groupby(found.by_day.items(), key=lambda item: item[0].replace(day=1)):
        days = list(group)
        counts = small_counts.line([use.sessions for _, use in days])
        told += [(day, use, count) for (day, use), count in zip(days, counts, strict=False)]
    shown = told[-DAYS_SHOWN:]
    hidden = sum(count.value is None for _, _, count in shown)
    few = f" {hidden} of them had so few that their number is not told." if hidden else ""
    last = f" Shown are the last {DAYS_SHOWN} of {len(told)}." if len(told) > len(shown) else ""
    return (
        Part(
            key="days",
            title="Sessions by day",
            says=f"{len(shown)} days.{few}{last}",
            figure=by_day.columns([(day, count) for day, _, count in shown], unit="sessions"),
            head=("Day", "Sessions", "Chair-hours used", "Chair-hours open", "Share used %"),
            rows=tuple(Row(f"{day:%Y-%m-%d}", (count, *_hours(use, count))) for day, use, count in shown),
        ),
    )


def _per_day(use: Use, sessions: Said) -> Said:
    return unless_hidden(sessions, lambda: small_counts.rate(use.sessions, use.days, base=use.sessions))


def _hours(use: Use, sessions: Said) -> tuple[Said, Said, Said]:
    """Chair-hours used and open, and the one as a share of the other."""
    used = unless_hidden(sessions, lambda: Said(f"{use.used_h:.0f}", round(use.used_h, 1)))
    opened = Said(f"{use.open_h:.0f}", round(use.open_h, 1)) if use.open_h > 0 else Said(NOTHING)
    share = 100 * use.used_h / use.open_h if use.open_h > 0 else None
    return (
        used,
        opened,
        unless_hidden(sessions, lambda: small_counts.measure(share, base=use.sessions, unit="%")),
    )
