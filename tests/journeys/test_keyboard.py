"""A shift with the keyboard alone: a nurse's main road and a supervisor's, the focus always in sight."""

import re

import pytest

from clinic import clock
from tests import builders
from tests.journeys.windows import LAPTOP, TABLET, WALL
from vitals.models import Flag, Reading

pytestmark = pytest.mark.browser

MOST_TABS = 150
# The element that has the focus: its words, and what keeps it from being seen there.
FOCUSED = """() => {
  const at = document.activeElement;
  const label = at.labels?.[0] ?? document.getElementById(at.getAttribute("aria-labelledby"));
  const name = at.getAttribute("aria-label") ?? label?.innerText ?? at.innerText ?? "";
  const words = name.replace(/\\s+/g, " ").trim();
  const style = getComputedStyle(at);
  const box = at.getBoundingClientRect();
  const dialog = document.querySelector("dialog[open]");
  const inside = box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
  const within = (place, most) => Math.min(Math.max(place, 1), most - 1);
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  const over = document.elementFromPoint(within(x, innerWidth), within(y, innerHeight));
  const covered = over !== null && !at.contains(over) && !over.contains(at);
  const trouble = [
    (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) && "no outline",
    at !== document.body && !words && "no name",
    !inside && "outside the window",
    inside && covered && `under ${over.tagName}.${over.className}`,
    dialog && !dialog.contains(at) && at !== document.body && "behind the dialog",
  ].filter(Boolean);
  return { body: at === document.body, words, tag: at.tagName.toLowerCase(), trouble };
}"""


class Keys:
    """A person at a page who has a keyboard and no pointer. Every stop on the way must be seen."""

    def __init__(self, page):
        self.page = page
        self.stops = []

    def at(self):
        stop = self.page.evaluate(FOCUSED)
        if not stop["body"]:
            self.stops.append(stop)
            assert stop["trouble"] == [], stop
        return stop

    def tab_to(self, words, *, back=False):
        """Tab until the control of these words has the focus."""
        wanted = re.compile(words)
        passed = []
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Shift+Tab" if back else "Tab")
            stop = self.at()
            if not stop["body"] and wanted.search(stop["words"]):
                return stop
            passed.append(stop["words"])
        raise AssertionError(f"{words!r} was not reached: {passed}")

    def press(self, words, key="Enter"):
        self.tab_to(words)
        self.page.keyboard.press(key)

    def type(self, words):
        self.page.keyboard.type(words)


def test_a_nurse_signs_in_charts_a_set_takes_the_flag_and_corrects_a_value(ward):
    session = ward.dosing()
    ward.dosing(chair="2")
    page = ward.open(None, "/sign-in/", LAPTOP)
    keys = Keys(page)
    assert keys.at()["words"] == "User name"  # where one begins to type
    keys.type("nurse")
    keys.tab_to("^Password$")
    keys.type(builders.PASSWORD)
    page.keyboard.press("Enter")
    page.locator('.tile[data-chair="1"] .tile-link').wait_for()

    keys.tab_to("^Skip to content$")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    keys.tab_to("^Chair 1;")
    page.keyboard.press("Enter")
    page.locator("#chart .main-svg").first.wait_for()
    keys.press("^Bedside$")
    page.locator("#due .due-when").wait_for()

    # the pressure out of its limit, the rest calm; Enter goes on from box to box
    keys.tab_to("^Systolic")
    for number in ("205", "121", "88", "16", "97"):
        keys.type(number)
        page.keyboard.press("Enter")
        keys.at()
    keys.press("^Responds readily$", "Space")
    keys.press("^Save set$")
    page.get_by_text("BP 205/121 · HR 88 · RR 16").wait_for()

    # "I'm on it" stands in the flag's card, above the form
    page.locator(".flag-card").first.wait_for()
    keys.press("^I'm on it$")
    page.locator(".flag-taken").get_by_text("Nurse").first.wait_for()
    assert Flag.objects.get(session=session, vital="systolic").state == "acknowledged"

    keys.press("^Correct$")
    page.locator("dialog.correction-dialog[open]").wait_for()
    keys.tab_to("^Systolic")
    page.keyboard.press("Control+A")
    keys.type("195")
    keys.press("^Typed wrong$", "Space")
    keys.press("^Save correction$")
    page.locator("dialog[open]").wait_for(state="detached")
    page.locator("#saved s.superseded").wait_for()
    rows = Reading.objects.filter(session_id=session.id).order_by("version")
    # the baseline, and both versions of the set
    assert [(row.version, row.systolic) for row in rows if row.systolic != 124] == [(1, 205), (2, 195)]


def test_a_dialog_holds_the_focus_closes_with_escape_and_gives_it_back(ward):
    session = ward.dosing()
    ward.calm_set(session)
    page = ward.bedside(session)
    keys = Keys(page)
    page.locator("#saved .saved-words").wait_for()
    for words in ("^Could not measure", "^More…", "^Other acts…", "^Correct$"):
        keys.tab_to(words)
        page.keyboard.press("Enter")
        page.locator("dialog[open]").wait_for()
        for _ in range(30):
            page.keyboard.press("Tab")
            keys.at()  # "behind the dialog" would be said here
        page.keyboard.press("Escape")
        page.locator("dialog[open]").wait_for(state="detached")
        assert re.search(words, keys.at()["words"]), words


def test_a_supervisor_goes_from_the_board_to_the_desk_and_back(ward):
    session = ward.dosing()
    builders.record(builders.incoming(ward.cast.nurse, session, clock.now(), systolic=205, diastolic=121))
    page = ward.board()
    keys = Keys(page)
    page.locator(".card-flag").first.wait_for()
    keys.press("^I'm on it: chair 1")
    page.locator(".card-flag[data-taken]").first.wait_for()

    keys.press("^Desk$")
    keys.press("^Staff$")
    page.wait_for_url("**/staff/")
    keys.press("^Desk$")
    page.keyboard.press("Escape")
    assert keys.at()["words"] == "Desk"
    assert not page.locator("#desk-menu").is_visible()
    keys.press("^Board$")
    page.wait_for_url("**/board/")
    page.locator('.tile[data-chair="1"] .tile-link').wait_for()
    page.keyboard.press("1")
    assert keys.at()["words"].startswith("Chair 1;")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sessions/*/")
    page.locator("#chart .main-svg").first.wait_for()
    page.keyboard.press("Escape")
    page.wait_for_url("**/board/")


@pytest.mark.parametrize("size", [LAPTOP, TABLET, WALL])
def test_no_page_keeps_the_focus_and_each_stop_is_seen(ward, size):
    """From the first control to past the last one: nothing on the way holds the focus."""
    session = ward.dosing()
    ward.calm_set(session)
    for path in ("/board/", "/today/", f"/sessions/{session.id}/", f"/sessions/{session.id}/bedside/"):
        page = ward.open(ward.cast.supervisor, path, size)
        page.wait_for_timeout(700)
        keys = Keys(page)
        page.evaluate("document.activeElement.blur()")
        for _ in range(MOST_TABS):
            page.keyboard.press("Tab")
            if keys.at()["body"]:
                break
        else:
            pytest.fail(f"{path} never lets the focus go")
        assert len(keys.stops) > 5, path
        page.context.close()
