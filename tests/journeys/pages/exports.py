"""Exports, their schedules, and the file of one."""

from typing import Any

from tests.journeys.pages.kinds import NotDrawn, Seen

COUNTED = "#ask-button:not([disabled])"


def _ask(page: Any) -> None:
    page.locator("#ask-button").click()


TABLE = {
    "exports/": [
        Seen("/exports/", "admin", COUNTED, opens={"identified-dialog": _ask}),
        Seen("/exports/?route=iv&form=csv&disclosure=aggregate&contents=sessions", "admin", COUNTED),
        Seen("/exports/", "nurse", status=403),
    ],
    "exports/<uuid:export_id>/file/": [NotDrawn("/exports/{export}/file/", "a file", "admin")],
}
