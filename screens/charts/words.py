"""What the chart says: names and units of the vitals, signs of the priorities, safe text. Pure."""

from screens.charts.inputs import Priority

WORDS = {
    "systolic": "Systolic",
    "diastolic": "Diastolic",
    "mean": "Mean",
    "heart_rate": "Heart rate",
    "respiratory_rate": "Resp. rate",
    "spo2": "SpO₂",
    "temperature": "Temperature",
    "etco2": "EtCO₂",
    "sedation": "Sedation",
}
UNITS = {
    "systolic": "mmHg",
    "diastolic": "mmHg",
    "mean": "mmHg",
    "heart_rate": "/min",
    "respiratory_rate": "/min",
    "spo2": "%",
    "temperature": "°C",
    "etco2": "mmHg",
    "sedation": "of 5",
}
PRIORITY_ICON: dict[Priority, str] = {"note": "", "low": "●", "medium": "◆", "high": "▲"}


def escaped(text: str) -> str:
    """Plotly reads tags in any text; names and reasons come from people."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
