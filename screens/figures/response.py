"""Scales over a course as a page: for each, before the dose and at the check-ins, then visit by visit."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from reports import small_counts
from reports.asked import Asked
from reports.figures import response as sums
from reports.figures.response import AT_HOME, BEFORE, LAST_VISIT, Figures, Point, Points
from reports.small_counts import Said
from screens.charts import by_month
from screens.figures.parts import Headline, Page, Part, Row, nothing, numbered, series
from sessions import known_scales
from sessions.follow_up import CHECK_INS, SCALE_FROM, SCALE_TO

NAMES = {BEFORE: "Before the first dose", **{one.kind.value: one.words for one in CHECK_INS}}
HEAD = ("Courses", "Mean", "10 %", "90 %", "With both", "Mean change from before")


def page(clinic_id: int, asked: Asked, at: datetime) -> Page:
    found = sums.figures(clinic_id, asked, at=at)
    scales = sorted({*found.by_scale, *found.by_visit}, key=lambda code: (code.startswith(AT_HOME), code))
    if not scales:
        return nothing(asked, "No scale was taken in a course that began")
    told = [said for code in scales if (said := _says(code, found))]
    counted = numbered(small_counts.count(found.courses), "course")
    return Page(
        f"{counted} began. " + (" ".join(told) or "No scale has enough answers to be told."),
        (Headline(small_counts.count(found.courses).words, "courses began"), *_headlines(found, scales)),
        tuple(part for code in scales for part in _parts(code, found)),
    )


def _name(code: str) -> str:
    if code.startswith(AT_HOME):
        return f"{code.removeprefix(AT_HOME).capitalize()} at home, {SCALE_FROM} to {SCALE_TO}"
    known = known_scales.scales()
    return known[code].name if code in known else code


def _mean(point: Point) -> Said:
    return small_counts.measure(point.mean, base=point.courses, places=1)


def _change(point: Point) -> Said:
    return small_counts.measure(point.change, base=point.paired, places=1, signed=True)


def _last_told(points: Mapping[str, Point]) -> tuple[str, Point] | None:
    """The last point after the dose whose mean can be told."""
    told = [(kind, points[kind]) for kind in NAMES if kind in points and kind != BEFORE]
    return next(((kind, one) for kind, one in reversed(told) if _mean(one).value is not None), None)


def _says(code: str, found: Figures) -> str:
    points = found.by_scale.get(code, {})
    last, before = _last_told(points), _mean(points.get(BEFORE, Point()))
    if last is None:
        return "" if before.value is None else f"{_name(code)}: mean {before.words} before the first dose."
    kind, point = last
    if before.value is None:
        return f"{_name(code)}: mean {_mean(point).words} at {NAMES[kind].lower()}."
    since = f"mean {before.words} before the first dose"
    return f"{_name(code)}: {since}, {_mean(point).words} at {NAMES[kind].lower()}."


def _headlines(found: Figures, scales: Iterable[str]) -> Iterable[Headline]:
    for code in scales:
        last = _last_told(found.by_scale.get(code, {}))
        if last is not None and _change(last[1]).value is not None:
            kind, point = last
            yield Headline(_change(point).words, f"{_name(code)}: mean change at {NAMES[kind].lower()}")


def _parts(code: str, found: Figures) -> Iterable[Part]:
    slug = code.replace(":", "-")
    points: Points = found.by_scale.get(code, {})
    if points:
        asked = {NAMES[kind]: points.get(kind, Point()) for kind in NAMES}
        if code.startswith(AT_HOME):
            del asked[NAMES[BEFORE]]
        yield _part(
            slug,
            _name(code),
            _says(code, found) or "Too few answers to be told.",
            asked,
            note="Counted from the end of the course’s first session; later sessions may lie between."
            + (" It is not asked before the dose." if code.startswith(AT_HOME) else ""),
        )
    visits = found.by_visit.get(code, {})
    if len(visits) > 1:
        named = {f"{n} and later" if n == LAST_VISIT else f"{n}": point for n, point in visits.items()}
        yield _part(
            f"{slug}-visits",
            f"{_name(code)} before each session",
            _of_visits(named),
            named,
            note="The last total before the dose of each session of the course. Who stopped coming is in the"
            " earlier ones alone, so means of different sessions are not of the same people.",
            first="Session",
        )


def _of_visits(named: Mapping[str, Point]) -> str:
    told = [(name, _mean(point)) for name, point in named.items() if _mean(point).value is not None]
    if not told:
        return "Too few answers to be told."
    (first, was), (last, is_now) = told[0], told[-1]
    words = f"Mean {was.words} before session {first}"
    return f"{words}." if first == last else f"{words}, {is_now.words} before session {last}."


def _part(
    key: str, title: str, says: str, named: Mapping[str, Point], *, note: str, first: str = "Point"
) -> Part:
    spread = [(_edge(point.p10, point), _edge(point.p90, point)) for point in named.values()]
    drawn = series("Mean, and 10 to 90 %", [_mean(point) for point in named.values()], spread=spread)
    return Part(
        key=key,
        title=title,
        says=says,
        figure=by_month.lines([*named], [drawn], unit="total"),
        head=(first, *HEAD),
        rows=tuple(Row(name, _cells(point)) for name, point in named.items()),
        note=note + " Figures of a group; they say nothing of what brought a change about.",
    )


def _edge(value: float | None, point: Point) -> Said:
    return small_counts.measure(value, base=point.courses, places=1)


def _cells(point: Point) -> tuple[Said, ...]:
    return (
        small_counts.count(point.courses),
        _mean(point),
        _edge(point.p10, point),
        _edge(point.p90, point),
        small_counts.count(point.paired),
        _change(point),
    )
