"""Blood pressure after the dose as a page: a part a route, over what is typical in published groups."""

from datetime import datetime

from reports import small_counts
from reports.asked import Asked
from reports.figures import pressure as sums
from reports.figures.pressure import UNTIL_MIN, Change, Figures, Response
from reports.small_counts import NOTHING, Said
from screens.charts import pressure_change
from screens.charts.inputs import TypicalPoint
from screens.figures.parts import ROUTE_WORDS, Headline, Page, Part, Row, nothing, numbered
from sessions.protocol import Route
from vitals import typical
from vitals.typical import MEAN_WORDS, TYPICAL, WORDS, Anchor


def page(clinic_id: int, asked: Asked, at: datetime) -> Page:
    found = sums.figures(clinic_id, asked, at=at)
    if not found.by_route:
        return nothing(asked, "No session with a baseline and a pressure after the start")
    parts = [_of_route(found, Route(route), response) for route, response in found.by_route.items()]
    return Page(
        " ".join(
            f"{ROUTE_WORDS[route]}: {_says(Route(route), one)}" for route, one in found.by_route.items()
        ),
        tuple(_headline(Route(route), response) for route, response in found.by_route.items()),
        tuple(parts),
    )


def _mmhg(value: float | None, sessions: int) -> Said:
    return small_counts.measure(value, base=sessions, unit="mmHg", signed=True)


def _highest(response: Response) -> tuple[int, Change] | None:
    """Where the mean is highest, of what can be told."""
    told = [
        (minute, one) for minute, one in response.by_minute.items() if not small_counts.is_few(one.sessions)
    ]
    return max(told, key=lambda item: item[1].mean, default=None)


def _headline(route: Route, response: Response) -> Headline:
    top = _highest(response)
    if top is None:
        return Headline(NOTHING, f"{ROUTE_WORDS[route]}: too few sessions to tell")
    minute, change = top
    return Headline(
        _mmhg(change.mean, change.sessions).words,
        f"{ROUTE_WORDS[route]}: highest mean change, about {minute} min after the start",
        _typical_top(route),
    )


def _typical_top(route: Route) -> str:
    peak = next(anchor for anchor in TYPICAL[route].anchors if anchor.minute == typical.PEAK_MINUTE)
    return f"{MEAN_WORDS.capitalize()}: {peak.mean:+g} mmHg at {peak.minute} min."


def _says(route: Route, response: Response) -> str:
    top = _highest(response)
    if top is None:
        return f"{numbered(small_counts.count(response.sessions), 'session')}, too few to tell."
    minute, change = top
    return (
        f"systolic pressure was highest about {minute} min after the start, on average"
        f" {_mmhg(change.mean, change.sessions).words} from each session’s own baseline."
    )


def _of_route(found: Figures, route: Route, response: Response) -> Part:
    anchors = {anchor.minute: anchor for anchor in TYPICAL[route].anchors}
    told = {
        minute: one for minute, one in response.by_minute.items() if not small_counts.is_few(one.sessions)
    }
    spread = "5 to 95 %" if TYPICAL[route].has_spread else "mean; its spread over time is not published"
    looked = ""
    if found.looked_at < found.given:
        looked = f" Of {found.given} sessions the newest {found.looked_at} are looked at."
    return Part(
        key=route.value,
        title=f"{ROUTE_WORDS[route]}: systolic pressure after the start",
        says=f"{numbered(small_counts.count(response.sessions), 'session')}: {_says(route, response)}",
        figure=pressure_change.figure(
            [
                pressure_change.Change(minute, round(one.mean, 1), round(one.p10, 1), round(one.p90, 1))
                for minute, one in told.items()
            ],
            [
                TypicalPoint(anchor.minute, anchor.mean, anchor.low, anchor.high)
                for anchor in anchors.values()
                if anchor.minute <= UNTIL_MIN
            ],
            until_min=UNTIL_MIN,
        ),
        head=("Minutes", "Sessions", "Mean", "10 %", "90 %", "Typical mean", "Typical 5 %", "Typical 95 %"),
        rows=tuple(_row(minute, one, anchors.get(minute)) for minute, one in response.by_minute.items()),
        note=f"Change from the session’s own baseline, each session once about every ten minutes."
        f" {WORDS.capitalize()}: {TYPICAL[route].of}, {spread}; what is common there, not a limit.{looked}",
    )


def _row(minute: int, change: Change, anchor: Anchor | None) -> Row:
    beside = (anchor.mean, anchor.low, anchor.high) if anchor else (None, None, None)
    number = change.sessions
    return Row(
        f"{minute}",
        (
            small_counts.count(number),
            *(_mmhg(value, number) for value in (change.mean, change.p10, change.p90)),
            *(
                Said(NOTHING) if one is None else Said(f"{one:+g} mmHg".replace("-", "−"), one)
                for one in beside
            ),
        ),
    )
