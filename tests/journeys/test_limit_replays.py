"""A supervisor tries limits on past sessions: asks, watches it run, reads what came of it; at every size."""

from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
from django.utils import timezone

from clinic import clock
from tests import builders, processes
from tests.journeys.ward import button
from tests.journeys.windows import LAPTOP, PHONE, TABLET
from vitals.limits import EXAMPLE_RULES
from vitals.models import Flag, LimitReplay, LimitSet
from vitals.services import flags, limit_replays
from vitals.services.limit_sets import write_rules

pytestmark = pytest.mark.browser

OVERFLOWS = (Path(__file__).parent / "overflows.js").read_text()
SIZES = {"laptop": LAPTOP, "tablet": TABLET, "phone": PHONE}
THEMES = {"day": "light", "night": "dark"}
CALM = {"heart_rate": 70, "respiratory_rate": 14, "spo2": 98, "sedation": 5}
# minute → a pressure; those of one session rise far, of another a little
FAR = {30: (188, 101), 36: (186, 100), 50: (150, 90)}
LITTLE = {30: (172, 98), 35: (168, 96), 50: (142, 88)}


def over(cast, begun, pressures, *, chair, taken=""):
    """An infusion that is over, with these pressures between calm sets."""
    session = builders.dosing(cast.nurse, cast.clinic, begun, chair=chair)
    calm = {at: (128, 80) for at in range(10, 130, 10) if not any(abs(at - other) < 6 for other in pressures)}
    for minute, (systolic, diastolic) in sorted((calm | pressures).items()):
        at = begun + timedelta(minutes=minute)
        reading = {"systolic": systolic, "diastolic": diastolic, **CALM}
        builders.record(builders.incoming(cast.nurse, session, at, **reading))
    flag = Flag.objects.filter(session=session, condition="bp-high", resolved_at__isnull=True).first()
    if flag is not None and taken:
        flags.acknowledge(by=cast.nurse, flag_id=flag.id, action=taken, at=begun + timedelta(minutes=55))
    builders.act(
        cast.nurse, session, "transfer", begun + timedelta(minutes=130), reason="Emergency department"
    )
    return session


@pytest.fixture
def draft(ward):
    """Three sessions that are over, and a draft without the limits of pressure that rest on the baseline."""
    cast = ward.cast
    morning = clock.now() - timedelta(hours=5)
    over(cast, morning, FAR, chair="1", taken="Prescriber told")
    over(cast, morning + timedelta(minutes=10), LITTLE, chair="2")
    over(cast, morning + timedelta(minutes=20), {}, chair="3")
    row = LimitSet.objects.create(
        clinic=cast.clinic, protocol_code="iv-ketamine", version=2, name="Harbor limits", made_by="A. Reed"
    )
    kept = [rule for rule in EXAMPLE_RULES if rule.code not in {"BP-2", "BP-3", "BP-4", "BP-5"}]
    write_rules(row, kept)
    return row


def asked(ward, draft):
    today = timezone.localdate(timezone=ward.cast.clinic.zone)
    return limit_replays.ask(
        by=ward.cast.supervisor,
        limit_set_id=draft.pk,
        from_day=today - timedelta(days=2),
        until_day=today,
        at=clock.now(),
    )


def test_asked_for_run_by_the_worker_and_read(ward, draft, tmp_path):
    page = ward.open(ward.cast.supervisor, f"/limits/{draft.pk}/replay/", LAPTOP)
    page.get_by_label("Held against").select_option("current")
    with page.expect_navigation():
        button(page, "Run on these sessions").click()
    page.get_by_text("Waiting for a worker").wait_for()
    assert button(page, "Run on these sessions").is_disabled()
    with processes.running(processes.worker(processes.environment(), tmp_path)):
        page.locator("#figures").wait_for()
    assert "On 3 sessions" in page.locator(".replay-sentence").inner_text()
    assert page.locator("#missed li").count() == 1
    assert "Missed now" in page.locator("#missed").inner_text()
    assert page.locator("#lines tbody tr").count() == 3
    with page.expect_download() as file:
        page.get_by_role("link", name="Save as CSV").click()
    assert file.value.suggested_filename.startswith("limits-version-2-tried-")
    assert len(Path(file.value.path()).read_text().splitlines()) == 4


def test_cancelled_by_a_tap(ward, draft):
    replay = asked(ward, draft)
    page = ward.open(ward.cast.supervisor, f"/limits/{draft.pk}/replay/", TABLET)
    with page.expect_navigation():
        button(page, "Cancel").click()
    page.get_by_text("Cancelled after 0 of 3 sessions").wait_for()
    replay.refresh_from_db()
    assert replay.state == "cancelled"


def test_looks(ward, draft, picture):
    replay = asked(ward, draft)
    LimitReplay.objects.update(state="running", done=1)
    page = ward.open(ward.cast.supervisor, f"/limits/{draft.pk}/replay/", LAPTOP)
    page.get_by_text("1 of 3 sessions").wait_for()
    picture(page, "replay-under-way-laptop-day")
    assert page.evaluate(OVERFLOWS) == []
    page.context.close()
    LimitReplay.objects.update(state="waiting", done=0)
    while limit_replays.work(replay.id, at=clock.now()):
        pass
    for size, theme in product(SIZES, THEMES):
        url = f"{ward.url}/limits/{draft.pk}/replay/"
        page = ward.windows.of(ward.cast.supervisor, url, SIZES[size], theme=THEMES[theme])
        page.locator("#figures").wait_for()
        assert page.evaluate(OVERFLOWS) == [], (size, theme)
        picture(page, f"replay-{size}-{theme}", full_page=True)
        page.context.close()
