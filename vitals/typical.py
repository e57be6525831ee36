"""The typical response to a dose: how systolic pressure moved in published groups. Pure rows.

Drawn behind a patient's curve from their own baseline, to show what is common, and worded so. It is no limit
and no safe range: nothing is judged by it, and no rule reads it.

source: shape through the published anchors: IV 0.5 mg/kg over 40 min, highest at 40 min (+16.0, SD 11.2;
2342 infusions, doi 10.1016/j.genhosppsych.2024.07.001), +12.6 over 2252 treatments (doi
10.3389/fpsyt.2021.549080), as before at 100 min; nasal highest at 40 min, in the range before the dose by
about 90 min (pubmed 31994024), with a low tail to four hours (US label). Heights between the anchors and the
IV band's edges are interpolated: clinical facts, section 3.2. Of nasal no spread over time is published
there, so nasal has a mean line and no band.

The simulator has rows of its own, on purpose: what draws patients must not be what judges the drawing.
"""

from dataclasses import dataclass

from sessions.protocol import Route

WORDS = "typical range in published groups"
MEAN_WORDS = "typical mean in published groups"


@dataclass(frozen=True, slots=True)
class Anchor:
    """Change from baseline at a minute since the dose began, mmHg; low and high hold 5 to 95 %."""

    minute: int
    mean: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """One route's row: of which dose, and how pressure moved."""

    of: str
    anchors: tuple[Anchor, ...]

    @property
    def has_spread(self) -> bool:
        return self.anchors[0].low is not None


@dataclass(frozen=True, slots=True)
class Point:
    """A moment of one patient's typical response, mmHg."""

    minute: int
    mean: float
    low: float | None
    high: float | None


TYPICAL: dict[Route, Response] = {
    Route.IV: Response(
        "IV 0.5 mg/kg over 40 min",
        (
            Anchor(0, 0, -8, 8),
            Anchor(10, 6, -11, 23),
            Anchor(20, 11, -6, 27),
            Anchor(30, 14, -4, 32),
            Anchor(40, 15, -3, 34),
            Anchor(50, 12, -6, 30),
            Anchor(60, 8, -9, 26),
            Anchor(80, 3, -10, 16),
            Anchor(100, 1, -9, 11),
            Anchor(120, 0, -8, 8),
        ),
    ),
    Route.NASAL: Response(
        "nasal esketamine",
        (
            Anchor(0, 0),
            Anchor(15, 4),
            Anchor(30, 8.5),
            Anchor(40, 10),
            Anchor(60, 7),
            Anchor(90, 3),
            Anchor(120, 1),
            Anchor(240, 0),
        ),
    ),
}
PEAK_MINUTE = 40


def around(baseline: float | None, route: Route) -> tuple[Point, ...]:
    """The typical response around a patient's own baseline, mmHg; nothing without one: no guess."""
    if baseline is None:
        return ()
    return tuple(
        Point(
            anchor.minute,
            baseline + anchor.mean,
            None if anchor.low is None else baseline + anchor.low,
            None if anchor.high is None else baseline + anchor.high,
        )
        for anchor in TYPICAL[route].anchors
    )


def words(baseline: float | None, route: Route) -> str:
    """What is drawn, for the legend, for paper and to be read aloud; empty where nothing is."""
    points = around(baseline, route)
    if not points:
        return ""
    response = TYPICAL[route]
    peak = next(point for point in points if point.minute == PEAK_MINUTE)
    if peak.low is None or peak.high is None:
        what = f"Dash-dotted line: {MEAN_WORDS} ({response.of}; their spread over time is not published)"
        at_peak = f"{peak.mean:g}"
    else:
        what = f"Hatched: {WORDS} ({response.of}, 5 to 95 %)"
        at_peak = f"{peak.low:g} to {peak.high:g}"
    return (
        f"{what} around this patient’s baseline {baseline:g} mmHg: systolic {at_peak} at"
        f" {PEAK_MINUTE} min. Not a limit."
    )
