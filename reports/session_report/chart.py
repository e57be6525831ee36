"""The report's chart as SVG: pressure as a band, heart rate, breathing rate, SpO2, limits, marks. Pure.

One colour, so that a copy in black and white loses nothing: lines are told apart by panel, dash and words,
marks by shape and number. Only figures and our own words are drawn; what people wrote stands in the key.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

from reports.session_report.value import Chart, LimitLine, Mark, MarkKind, Point
from vitals.vital import shown

WIDTH = 720.0
LEFT, RIGHT = 44.0, 96.0
TOP, GAP, AXIS, STRIP_ROW = 8.0, 10.0, 20.0, 17.0
INK = "currentColor"
# a line is not drawn across so long a time without a value
BROKEN_AFTER = timedelta(minutes=30)
# more values than this are drawn as their reach in so many steps of time, without a dot each
DOTTED_AT_MOST = 80
BARS_AT_MOST = 40
STEPS = 240
LETTER = 10.0
# half the width of the ends of a pressure's bar
CAP = 3.0
# tick distances in minutes, and how much of the width two labels need
TICKS_MIN = (10, 15, 20, 30, 60, 120, 240, 480)
TICK_ROOM = 44.0
DASH = {"high": "", "medium": "5 3"}


@dataclass(frozen=True, slots=True)
class Panel:
    """Vitals on one axis. ``usual``: shown at least; a value outside it widens the axis."""

    vitals: tuple[str, ...]
    title: str
    unit: str
    height: float
    usual: tuple[float, float]
    grid: float


PANELS = (
    Panel(("systolic", "diastolic"), "BP", "mmHg", 124, (50, 190), 20),
    Panel(("heart_rate",), "HR", "/min", 54, (40, 130), 20),
    Panel(("respiratory_rate",), "RR", "/min", 40, (4, 30), 10),
    Panel(("spo2",), "SpO2", "%", 46, (88, 100), 4),
)


def svg(chart: Chart) -> str:
    """The chart as an SVG element; everything in it is inked with ``currentColor``."""
    return _Drawing(chart).drawn()


def thinned(points: Sequence[Point], steps: int = STEPS) -> list[Point]:
    """The lowest and the highest of each of so many equal steps of time, in order; few are left as they are.

    points: in order of time.
    """
    if len(points) <= DOTTED_AT_MOST:
        return list(points)
    begun = points[0].at
    step = (points[-1].at - begun) / steps or timedelta(seconds=1)
    kept: list[Point] = []
    held: list[Point] = []
    number = 0
    for point in points:
        if (own := (point.at - begun) // step) != number:
            kept += _reach(held)
            held, number = [], own
        held.append(point)
    return kept + _reach(held)


def _reach(points: Sequence[Point]) -> list[Point]:
    if not points:
        return []
    ends = {min(points, key=lambda one: one.value), max(points, key=lambda one: one.value)}
    return sorted(ends, key=lambda one: one.at)


def runs(points: Iterable[Point]) -> list[list[Point]]:
    """The points in order of time, parted where too long a time lies between two."""
    found: list[list[Point]] = []
    for point in points:
        if not found or point.at - found[-1][-1].at > BROKEN_AFTER:
            found.append([])
        found[-1].append(point)
    return found


def mark_rows(places: Sequence[float], *, apart: float) -> list[int]:
    """For marks from left to right, the row of each: the first whose last mark is far enough."""
    ends: list[float] = []
    rows: list[int] = []
    for place in places:
        row = next((number for number, end in enumerate(ends) if place - end >= apart), len(ends))
        if row == len(ends):
            ends.append(place)
        else:
            ends[row] = place
        rows.append(row)
    return rows


class _Drawing:
    """One chart under way: places are in the SVG's own units."""

    def __init__(self, chart: Chart) -> None:
        self.chart = chart
        self.zone = ZoneInfo(chart.zone)
        self.right = WIDTH - RIGHT
        span = (chart.until_at - chart.from_at).total_seconds() or 1.0
        self.x: Callable[[datetime], float] = lambda at: (
            LEFT + (at - chart.from_at).total_seconds() / span * (self.right - LEFT)
        )
        self.span_min = span / 60
        places = [self.x(mark.at) for mark in chart.marks]
        self.rows = mark_rows(places, apart=STRIP_ROW)
        panels = sum(panel.height + GAP for panel in PANELS)
        self.strip_top = TOP + panels + AXIS
        self.height = self.strip_top + (max(self.rows, default=-1) + 1) * STRIP_ROW + 4
        self.root = ET.Element(
            "svg",
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "viewBox": f"0 0 {WIDTH:g} {self.height:g}",
                "width": f"{WIDTH:g}",
                "height": f"{self.height:g}",
                "font-family": "Libertinus Serif, sans-serif",
                "font-size": f"{LETTER:g}",
                "fill": INK,
                "stroke-linejoin": "round",
            },
        )

    def drawn(self) -> str:
        top = TOP
        for panel in PANELS:
            self.panel(panel, top)
            top += panel.height + GAP
        self.clocks(top - GAP)
        self.axis(top - GAP)
        for mark, row in zip(self.chart.marks, self.rows, strict=True):
            self.mark(mark, row)
        return ET.tostring(self.root, encoding="unicode")

    # --- pieces

    def put(self, name: str, **attributes: float | str) -> ET.Element:
        told = {
            key.replace("_", "-"): value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")
            for key, value in attributes.items()
        }
        return ET.SubElement(self.root, name, told)

    def words(self, text: str, x: float, y: float, **attributes: float | str) -> None:
        self.put("text", x=x, y=y, **attributes).text = text

    def line(
        self, x1: float, y1: float, x2: float, y2: float, *, width: float, dash: str = "", ink: float = 1
    ) -> None:
        more: dict[str, float | str] = {"stroke_dasharray": dash} if dash else {}
        more |= {"stroke_opacity": ink} if ink < 1 else {}
        self.put("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=INK, stroke_width=width, **more)

    # --- panels

    def panel(self, panel: Panel, top: float) -> None:
        low, high = self.reach(panel)
        per_unit = panel.height / (high - low)

        def y(value: float) -> float:
            return top + (high - value) * per_unit

        frame = {"x": LEFT, "y": top, "width": self.right - LEFT, "height": panel.height}
        self.put("rect", **frame, fill="none", stroke=INK, stroke_width=0.6, stroke_opacity=0.5)
        value = -(-low // panel.grid) * panel.grid
        while value <= high:
            self.line(LEFT, y(value), self.right, y(value), width=0.4, ink=0.25)
            self.words(shown(value), LEFT - 3, y(value) + 3, text_anchor="end", font_size=8)
            value += panel.grid
        self.words(panel.title, 2, top + 10, font_weight="bold")
        self.words(panel.unit, 2, top + 20, font_size=8)
        self.limits(panel, y, top, (low, high))
        if panel.vitals[0] == "systolic":
            self.pressures(y)
        else:
            self.curve(self.chart.curves.get(panel.vitals[0], ()), y)

    def reach(self, panel: Panel) -> tuple[float, float]:
        """The usual range, wide enough for every value."""
        if panel.vitals[0] == "systolic":
            values = [value for _, *both in self.chart.pressures for value in both]
        else:
            values = [point.value for point in self.chart.curves.get(panel.vitals[0], ())]
        low, high = panel.usual
        room = (high - low) / 20
        if values and min(values) < low:
            low = min(values) - room
        if values and max(values) > high:
            high = max(values) + room
        return low, high

    def limits(
        self, panel: Panel, y: Callable[[float], float], top: float, reach: tuple[float, float]
    ) -> None:
        """The lines inside the panel, named at the right, names pushed down by as much as keeps two apart."""
        free_from = top - LETTER
        inside = (one for one in self.chart.limits if one.vital in panel.vitals)
        lines = [one for one in inside if reach[0] <= one.value <= reach[1]]
        for one in sorted(lines, key=lambda line: -line.value):
            at = y(one.value)
            self.line(LEFT, at, self.right, at, width=0.8, dash=DASH[one.priority], ink=0.65)
            free_from = max(at, free_from + 9)
            self.words(_limit_words(panel, one), self.right + 4, free_from + 3, font_size=8)

    def pressures(self, y: Callable[[float], float]) -> None:
        """A band from diastolic to systolic; a bar and two dots for each pressure where they are few."""
        upper = [Point(at, systolic) for at, systolic, _ in self.chart.pressures]
        lower = [Point(at, diastolic) for at, _, diastolic in self.chart.pressures]
        for own in runs(upper):
            of_run = [one for one in lower if own[0].at <= one.at <= own[-1].at]
            if len(own) > 1:
                edge = [*thinned(own), *reversed(thinned(of_run))]
                points = " ".join(f"{self.x(one.at):.1f},{y(one.value):.1f}" for one in edge)
                self.put("polygon", points=points, fill=INK, fill_opacity=0.14)
        self.curve(upper, y, width=1.4, dotted=False)
        self.curve(lower, y, width=1.4, dotted=False)
        if len(upper) <= BARS_AT_MOST:
            for at, systolic, diastolic in self.chart.pressures:
                x = self.x(at)
                self.line(x, y(systolic), x, y(diastolic), width=1)
                for value in (systolic, diastolic):
                    self.line(x - CAP, y(value), x + CAP, y(value), width=1.6)

    def curve(
        self,
        points: Sequence[Point],
        y: Callable[[float], float],
        *,
        width: float = 1.3,
        dotted: bool = True,
    ) -> None:
        for run in runs(points):
            path = " ".join(f"{self.x(one.at):.1f},{y(one.value):.1f}" for one in thinned(run))
            if len(run) > 1:
                self.put("polyline", points=path, fill="none", stroke=INK, stroke_width=width)
        if dotted and len(points) <= DOTTED_AT_MOST:
            for one in points:
                self.put("circle", cx=self.x(one.at), cy=y(one.value), r=2)

    # --- time

    def clocks(self, bottom: float) -> None:
        """Start and end of the dose, and the earliest release, through all panels."""
        chart = self.chart
        for at, dash, width in (
            (chart.dose_started_at, "", 1.2),
            (chart.dose_ended_at, "2 3", 1.2),
            (chart.window_ends_at, "8 3", 1.8),
        ):
            if at is not None and chart.from_at <= at <= chart.until_at:
                self.line(self.x(at), TOP, self.x(at), bottom, width=width, dash=dash)

    def axis(self, bottom: float) -> None:
        """Minutes since the dose (or the check-in) and, below, the clinic's clock."""
        zero = self.chart.dose_started_at or self.chart.from_at
        per_min = (self.right - LEFT) / self.span_min
        step = next((one for one in TICKS_MIN if one * per_min >= TICK_ROOM), TICKS_MIN[-1])
        first = -int((zero - self.chart.from_at).total_seconds() // 60 // step) * step
        at = zero + timedelta(minutes=first)
        while at <= self.chart.until_at:
            x = self.x(at)
            self.line(x, bottom, x, bottom + 4, width=0.8)
            minutes = round((at - zero).total_seconds() / 60)
            self.words(str(minutes).replace("-", "−"), x, bottom + 13, text_anchor="middle", font_size=9)
            self.words(f"{at.astimezone(self.zone):%H:%M}", x, bottom + 24, text_anchor="middle", font_size=9)
            at += timedelta(minutes=step)
        since = "dose start" if self.chart.dose_started_at else "check-in"
        self.words(f"min since {since}", self.right + 16, bottom + 13, font_size=8)
        self.words("clock", self.right + 16, bottom + 24, font_size=8)

    # --- marks

    def mark(self, mark: Mark, row: int) -> None:
        x, y = self.x(mark.at), self.strip_top + row * STRIP_ROW + 8
        shape: dict[str, float | str] = {"fill": "none", "stroke": INK, "stroke_width": 1}
        if mark.kind is MarkKind.SYMPTOM:
            self.put("circle", cx=x, cy=y, r=7.5, **shape)
        elif mark.kind is MarkKind.DOSE:
            self.put("rect", x=x - 7, y=y - 7, width=14, height=14, **shape)
        elif mark.kind is MarkKind.MEDICINE:
            self.put("polygon", points=_corners(x, y, ((0, -9), (9, 0), (0, 9), (-9, 0))), **shape)
        else:
            self.put("polygon", points=_corners(x, y, ((0, -9), (9, 7), (-9, 7))), **shape)
        lower = 5 if mark.kind is MarkKind.FLAG else 3
        self.words(str(mark.number), x, y + lower, text_anchor="middle", font_size=8, font_weight="bold")


def _corners(x: float, y: float, corners: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x + right:.1f},{y + down:.1f}" for right, down in corners)


def _limit_words(panel: Panel, one: LimitLine) -> str:
    which = {"systolic": "sys ", "diastolic": "dia "}.get(one.vital, "")
    sign = "≥" if one.direction == "high" else "≤"
    return f"{which}{sign} {shown(one.value)} {one.priority}{' own' if one.own else ''}"
