"""What stands around the watch: screens on the wall, alerting, hand-over, limits and their replay."""

from typing import Any

from tests.journeys.pages.kinds import NotDrawn, Seen
from tests.journeys.pages.live import LIVE, press


def _sound(page: Any) -> None:
    page.locator("[data-sound]").click()


def _alertness(page: Any) -> None:
    page.locator("#alertness").click()


TABLE = {
    "board/": [Seen("/board/?mine", ready=LIVE, opens={"sound-dialog": _sound})],
    "wall/": [
        Seen("/wall/", "wall", ".card-flag"),
        Seen("/wall/?night&tiles=24", "wall", ".card-flag"),
        Seen("/wall/", "nobody", status=403),
    ],
    "walls/enrol/": [NotDrawn("/walls/enrol/", "by POST only", "supervisor")],
    "screens/": [Seen("/screens/", "supervisor"), Seen("/screens/", "nurse", status=403)],
    "alerting/": [
        Seen("/alerting/", "supervisor", "[data-stands=waiting]"),
        Seen("/alerting/", "nurse", "[data-stands=waiting]"),
    ],
    "hand-over/": [
        Seen("/hand-over/", "nurse", ".hand-end"),
        Seen("/hand-over/", "nurse-b", ".hand-chair"),
        Seen("/hand-over/", "supervisor", "#hand-over-parts > *"),
    ],
    "sessions/<uuid:session_id>/": [
        Seen(
            "/sessions/{session}/",
            "supervisor",
            "#chart .main-svg",
            opens={
                "pause-dialog": press("Pause sound"),
                "limit-dialog of a session": press("Limits…"),
                "act-dialog of alertness": press("Alertness and oxygen"),
            },
        )
    ],
    "sessions/<uuid:session_id>/bedside/": [
        Seen(
            "/sessions/{session}/bedside/",
            ready="#news2 b",
            opens={"act-dialog of alertness": _alertness},
        )
    ],
    "patients/<uuid:patient_id>/": [
        Seen(
            "/patients/{patient}/",
            "supervisor",
            ".own-changes li",
            opens={"limit-dialog of a patient": press("Change a limit")},
        )
    ],
    "limits/": [Seen("/limits/", "supervisor"), Seen("/limits/", "nurse")],
    "limits/<int:limit_set_id>/": [
        Seen("/limits/{draft}/", "supervisor", "#sign"),
        Seen("/limits/{draft}/", "nurse", "[data-what=changed]"),
        Seen("/limits/{faulty}/", "supervisor", ".waits-for"),
        Seen("/limits/{signed}/", "supervisor", ".limits-table"),
    ],
    "limits/<int:limit_set_id>/replay/": [
        Seen("/limits/{draft}/replay/", "supervisor", "#figures"),
        Seen("/limits/{faulty}/replay/", "supervisor", "progress"),
        Seen("/limits/{signed}/replay/", "supervisor", ".replay-ask"),
    ],
    "limits/<int:limit_set_id>/replay/<uuid:replay_id>.csv": [
        NotDrawn("/limits/{draft}/replay/{replay}.csv", "a file", "supervisor")
    ],
}
