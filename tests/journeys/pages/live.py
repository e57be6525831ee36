"""Board, session, bedside, the day, and the pages around them."""

import re
from typing import Any

from tests.journeys.pages.kinds import NotDrawn, Seen

LIVE = "[data-part=live][data-state=live]"


def press(*words: str):
    """Press the buttons of these words, one after the other."""

    def opener(page: Any) -> None:
        for each in words:
            page.get_by_role("button", name=re.compile(f"^{re.escape(each)}")).first.click()

    return opener


def _tap_two_sets(page: Any) -> None:
    """Chart two sets, so that there is a list of them to open."""
    for systolic, diastolic in ((124, 78), (126, 79)):
        page.locator("#set-systolic").fill(str(systolic))
        page.locator("#set-diastolic").fill(str(diastolic))
        page.locator("#save").click()
        page.get_by_text(f"BP {systolic}/{diastolic}").first.wait_for()
    press("Earlier")(page)


def _save_offline(page: Any) -> None:
    """Save a set that cannot be sent, and open what waits."""
    page.context.set_offline(True)
    page.locator("#set-systolic").fill("122")
    page.locator("#save").click()
    page.locator("#sent-state[data-state=unsent]").click()
    page.locator("dialog[open]").wait_for()
    page.context.set_offline(False)


TABLE = {
    "": [NotDrawn("/", "goes on to the board")],
    "sign-in/": [Seen("/sign-in/", "nobody")],
    "sign-out/": [NotDrawn("/sign-out/", "by POST only")],
    "choose-clinic/": [NotDrawn("/choose-clinic/", "by POST only")],
    "board/": [Seen("/board/", "supervisor", LIVE)],
    "today/": [
        Seen(
            "/today/",
            ready=".schedule-row",
            opens={"new-session": press("Add session"), "acts-dialog": press("More")},
        )
    ],
    "today/open/": [Seen("/today/open/")],
    "today/close/": [Seen("/today/close/")],
    "down-time/": [Seen("/down-time/")],
    "sessions/<uuid:session_id>/": [
        Seen(
            "/sessions/{session}/",
            ready="#chart .main-svg",
            opens={"act-dialog of a pause": press("Chart pause"), "correction-dialog": press("Correct")},
        ),
        Seen("/sessions/{waiting}/", ready="#acts .button", opens={"act-dialog of a start": press("Start")}),
        Seen("/sessions/{late}/", ready="#acts .button", opens={"act-dialog of readiness": press("Assess")}),
        Seen("/sessions/{released}/", ready=".state-word"),
    ],
    "sessions/<uuid:session_id>/bedside/": [
        Seen(
            "/sessions/{session}/bedside/",
            ready=".flag-card",
            opens={
                "acts-dialog": press("Other acts"),
                "act-dialog of a note": press("Other acts", "Note"),
                "reason-dialog": press("Could not measure"),
                "symptom-dialog": press("More"),
                "symptom-dialog of an episode": press("Nausea"),
                "correction-dialog": press("Correct"),
                "saved-dialog": _tap_two_sets,
                "outbox-dialog": _save_offline,
            },
        ),
        Seen(
            "/sessions/{due}/bedside/",
            ready="#due .due-when",
            opens={"postpone-dialog": press("5 min later")},
        ),
        Seen("/sessions/{waiting}/bedside/", ready="#due p"),
    ],
    "sessions/<uuid:session_id>/figure/": [NotDrawn("/sessions/{session}/figure/", "the chart as data")],
    "status/": [Seen("/status/", "supervisor")],
    "quarantine/": [Seen("/quarantine/", "supervisor")],
    "rooms/enrol/": [NotDrawn("/rooms/enrol/", "by POST only", "supervisor")],
    "room/": [Seen("/room/", "room", ".room:not([hidden])"), Seen("/room/", "nobody", status=403)],
    "readyz": [NotDrawn("/readyz", "for machines", "nobody")],
}
