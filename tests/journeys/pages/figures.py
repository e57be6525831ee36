"""The figures of a clinic: the overview, each subject, and their files."""

from screens.figures.subjects import BY_KEY
from tests.journeys.pages.kinds import Look, NotDrawn, Seen

TABLE: dict[str, list[Look]] = {
    "figures/": [
        Seen("/figures/", "supervisor", ".figures-chart .main-svg"),
        Seen("/figures/", "nurse", status=403),
    ],
    "figures/<slug:subject>/": [Seen(f"/figures/{key}/", "supervisor") for key in BY_KEY],
    "figures/<slug:subject>.csv": [NotDrawn("/figures/use.csv", "a file", "supervisor")],
    "flag-figures/": [Seen("/flag-figures/", "supervisor")],
    "flag-figures.csv": [NotDrawn("/flag-figures.csv", "a file", "supervisor")],
}
