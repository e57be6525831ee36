"""How long sessions take, as a page: the stretches of a session side by side, then each by month."""

from collections.abc import Sequence
from datetime import datetime

from reports import small_counts
from reports.asked import Asked
from reports.figures import times as sums
from reports.figures.times import NONE, Figures, Length, Span
from reports.small_counts import Said
from screens.charts import by_month
from screens.figures.parts import (
    ALL,
    ROUTE_DASH,
    ROUTE_WORDS,
    Headline,
    Page,
    Part,
    Row,
    bar_name,
    month_words,
    nothing,
    series,
    unless_hidden,
)

TITLES = {
    Span.BEFORE: "Check-in to start",
    Span.TO_READY: "End of dose to ready",
    Span.TO_LEAVE: "Ready to released",
    Span.WINDOW: "Start to released",
}
NOTES = {
    Span.BEFORE: "From check-in to the first dose or the start of the infusion.",
    Span.TO_READY: "To the last assessment of readiness: one that a value took back is not counted.",
    Span.TO_LEAVE: "Waiting for the escort is in it. Sessions that were transferred or left early are not.",
    Span.WINDOW: "The dose and the whole watch after it, of those released.",
}


def page(clinic_id: int, asked: Asked, at: datetime) -> Page:
    found = sums.figures(clinic_id, asked, at=at)
    if not any(length.sessions for length in found.whole.values()):
        return nothing(asked, "No session with a dose")
    medians = {span: _told(found.whole[span]) for span in Span}
    says = (
        f"Half of the sessions began their dose within {medians[Span.BEFORE].words} of check-in, were ready"
        f" within {medians[Span.TO_READY].words} of the dose’s end, and left within"
        f" {medians[Span.TO_LEAVE].words} of being ready."
    )
    return Page(
        says,
        tuple(Headline(medians[span].words, f"{span}, half within") for span in Span),
        (_stretches(found, says), *(_by_month(found, span) for span in Span)),
    )


def _told(length: Length) -> Said:
    return small_counts.measure(length.median, base=length.sessions, unit="min")


def _edges(length: Length, count: Said) -> tuple[Said, Said, Said]:
    """A tenth, half and nine tenths, in minutes; hidden with the count."""

    def minutes(value: float | None) -> Said:
        return unless_hidden(count, lambda: small_counts.measure(value, base=length.sessions, unit="min"))

    return minutes(length.p10), minutes(length.median), minutes(length.p90)


def _stretches(found: Figures, says: str) -> Part:
    rows: list[Row] = []
    names: list[str] = []
    drawn: list[tuple[Said, Said, Said]] = []
    for span in Span:
        lengths = [found.by_route[route][span] for route in found.by_route]
        counts = small_counts.line([length.sessions for length in lengths])
        for route, length, count in zip(found.by_route, lengths, counts, strict=False):
            edges = _edges(length, count)
            rows.append(Row(TITLES[span], (Said(ROUTE_WORDS[route]), count, *edges)))
            names.append(bar_name(f"{TITLES[span]}, {ROUTE_WORDS[route]}", edges[1]))
            drawn.append(edges)
    return Part(
        key="stretches",
        title="The stretches of a session",
        says=says,
        figure=by_month.bars(
            names,
            [half.value for _, half, _ in drawn],
            unit="minutes",
            spread=[
                None if low.value is None or high.value is None else (low.value, high.value)
                for low, _, high in drawn
            ],
        ),
        head=("Stretch", "Route", "Sessions", "A tenth within", "Half within", "Nine tenths within"),
        rows=tuple(rows),
        texts=1,
        note="The bar is what half of the sessions took at most; its line is from a tenth to nine tenths.",
    )


def _by_month(found: Figures, span: Span) -> Part:
    routes = list(found.by_route)
    lengths = [
        [found.by_month_and_route.get((month, route), NONE)[span] for route in routes]
        for month in found.by_month
    ]
    counts = small_counts.table([[length.sessions for length in row] for row in lengths])
    told = [
        [(count, *_edges(length, count)) for length, count in zip(row, told, strict=False)]
        for row, told in zip(lengths, counts, strict=False)
    ]
    rows = [Row(month_words(month), _cells(cells)) for month, cells in zip(found.by_month, told, strict=True)]
    if len(rows) > 1:
        whole = [found.by_route[route][span] for route in routes]
        cells = [(count, *_edges(one, count)) for one, count in zip(whole, counts[-1], strict=False)]
        rows.append(Row(ALL, _cells(cells), is_sum=True))
    drawn = [
        series(ROUTE_WORDS[route], [cells[place][2] for cells in told], dash=ROUTE_DASH[route])
        for place, route in enumerate(routes)
    ]
    half = _told(found.whole[span])
    nine = small_counts.measure(found.whole[span].p90, base=found.whole[span].sessions, unit="min")
    return Part(
        key=span.name.lower().replace("_", "-"),
        title=f"{TITLES[span]}, by month",
        says=f"Half of the sessions took at most {half.words}, nine tenths at most {nine.words}.",
        figure=by_month.lines(
            [month_words(month) for month in found.by_month], drawn, unit="minutes, half within"
        ),
        head=("Month", *(f"{ROUTE_WORDS[route]}: {word}" for route in routes for word in _HEAD)),
        rows=tuple(rows),
        note=NOTES[span],
    )


_HEAD = ("sessions", "half within", "nine tenths within")


def _cells(told: Sequence[tuple[Said, Said, Said, Said]]) -> tuple[Said, ...]:
    return tuple(cell for count, _, half, nine in told for cell in (count, half, nine))
