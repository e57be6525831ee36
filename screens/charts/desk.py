"""What all charts of a desk page share: letters, axes, key; and the same chart made small. Pure.

Colours are names of the stylesheet's custom properties, as in ``figure``.
"""

from collections.abc import Mapping
from typing import Any

from screens.charts.words import escaped

# room for the months below, or for the names at the left
MARGIN_PX = {"l": 62, "r": 16, "t": 44, "b": 34}
SMALL_PX = 210


def small(figure: Mapping[str, Any]) -> dict[str, Any]:
    """The figure as it stands on an overview: lower, with fewer lines across."""
    layout = figure["layout"]
    keyed = layout["showlegend"] and len(figure["data"]) > 1
    below = layout["margin"]["b"]
    return {
        "data": figure["data"],
        "layout": {
            **layout,
            "height": max(SMALL_PX, min(layout["height"], SMALL_PX + 90)),
            "margin": {**layout["margin"], "t": MARGIN_PX["t"] if keyed else 10, "b": below},
            "showlegend": keyed,
            "legend": {**layout["legend"], "font": {"size": 13, "color": "var(--ink)"}},
            "yaxis": {**layout["yaxis"], **({"nticks": 4} if "nticks" in layout["yaxis"] else {})},
        },
    }


def title(unit: str) -> dict[str, Any]:
    """What an axis counts in."""
    return {"text": escaped(unit), "font": {"size": 14, "color": "var(--ink)"}, "standoff": 8}


def axis() -> dict[str, Any]:
    """An axis that stays where it is."""
    return {
        "fixedrange": True,
        "zeroline": False,
        "color": "var(--ink-2)",
        "gridcolor": "var(--line)",
        "linecolor": "var(--line)",
        "tickfont": {"size": 14},
    }


def page() -> dict[str, Any]:
    """Ground, letters and key; the key stands above and cannot be clicked away."""
    return {
        "paper_bgcolor": "var(--tile)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "var(--font)", "size": 14, "color": "var(--ink-2)"},
        "showlegend": True,
        "legend": {
            "orientation": "h",
            "x": 0,
            "y": 1.02,
            "yanchor": "bottom",
            "traceorder": "normal",
            "itemclick": False,
            "itemdoubleclick": False,
            "font": {"size": 15, "color": "var(--ink)"},
        },
        "hoverlabel": {
            "bgcolor": "var(--tile)",
            "bordercolor": "var(--ink)",
            "font": {"size": 14, "color": "var(--ink)"},
        },
    }
