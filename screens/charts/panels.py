"""The panels and the strip below them: what each holds and where it stands on the page. Pure."""

from dataclasses import dataclass

HEIGHT_PX = 700
MARGIN_PX = {"l": 66, "r": 92, "t": 40, "b": 44}


@dataclass(frozen=True, slots=True)
class Panel:
    """Vitals that share one axis; `domain` is its part of the height, from 0 below to 1 above."""

    vitals: tuple[str, ...]
    title: str
    axis: str  # Plotly's name of the y axis: "y", "y2", …
    domain: tuple[float, float]
    usual: tuple[float, float]  # shown even when no value comes near; wider when one does


PANELS = (
    Panel(("systolic", "diastolic", "mean"), "BP<br>mmHg", "y", (0.62, 1.0), (55, 190)),
    Panel(("heart_rate",), "HR<br>/min", "y2", (0.435, 0.59), (38, 136)),
    Panel(("respiratory_rate",), "RR<br>/min", "y3", (0.28, 0.405), (4, 32)),
    Panel(("spo2",), "SpO₂<br>%", "y4", (0.115, 0.25), (86, 100.5)),
)
STRIP = "y5"
STRIP_DOMAIN = (0.0, 0.085)
