"""The routes of the figures of flags."""

from tests.integration.routes.kinds import Own, Route

TABLE: dict[str, list[Route]] = {
    "flag-figures/": [
        Own("/flag-figures/", "Flag figures", right="supervisor"),
        Own("/flag-figures/?protocol=iv-ketamine&route=iv", "Flags per session", right="supervisor"),
    ],
    "flag-figures.csv": [
        Own("/flag-figures.csv", "watched hours", right="supervisor"),
        Own("/flag-figures.csv?of=rules", "per session", right="supervisor"),
    ],
}
