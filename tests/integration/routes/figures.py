"""The routes of the figures of flags."""

from screens.figures.subjects import BY_KEY
from tests.integration.routes.kinds import Own, Route

TABLE: dict[str, list[Route]] = {
    "figures/": [
        Own("/figures/", "Sessions and chairs", right="supervisor"),
        Own("/figures/?route=iv&indication=ptsd", "Monitoring forms", right="supervisor"),
    ],
    "figures/<slug:subject>/": [
        Own(f"/figures/{key}/", "Sessions checked in", right="supervisor") for key in BY_KEY
    ],
    "figures/<slug:subject>.csv": [
        Own("/figures/use.csv?of=months", "Chair-hours", right="supervisor"),
    ],
    "flag-figures/": [
        Own("/flag-figures/", "Sessions checked in", right="supervisor"),
        Own("/flag-figures/?protocol=iv-ketamine&route=iv", "Flags per session", right="supervisor"),
    ],
    "flag-figures.csv": [
        Own("/flag-figures.csv", "watched hours", right="supervisor"),
        Own("/flag-figures.csv?of=rules", "per session", right="supervisor"),
    ],
}
