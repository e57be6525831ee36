"""An admin gets last week's sessions out: asked for, watched, fetched, opened, cancelled; how it looks."""

import csv
import io
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from clinic import clock
from reports.exports import jobs, schedules
from reports.exports.asked import Asked, Filters
from reports.exports.rendering import Disclosure
from reports.models import Export, ExportRun, ExportSchedule
from tests import processes
from tests.export_stage import session_of
from tests.journeys.ward import button, confirm, open_ward
from tests.journeys.windows import LAPTOP, PHONE, TABLET, UPRIGHT
from vitals.models import Reading

pytestmark = pytest.mark.browser

OVERFLOWS = (Path(__file__).parent / "overflows.js").read_text()
LOOKS = {
    "laptop-day": (LAPTOP, "light"),
    "tablet-night": (TABLET, "dark"),
    "upright-day": (UPRIGHT, "light"),
    "phone-night": (PHONE, "dark"),
}
READINGS = 40_000
# what Chromium prints of a call that is refused on purpose
REFUSED = ("422 ", "Failed to load resource: the server responded with a status of 422")
# with whatever else the machine has to do: the worker starts meanwhile
LONGEST_EXPORT_MS = 120_000


def last_weeks_session(ward, *, chair="1"):
    """A session of a day that lies in the last whole week."""
    today = clock.now().astimezone(ward.cast.clinic.zone)
    tuesday = today - timedelta(days=today.weekday() + 6)
    return session_of(ward.cast, tuesday.replace(hour=10, minute=0, second=0, microsecond=0), chair=chair)


def with_many_readings(session, times):
    """The session's newest reading once more for each of so many seconds after it, by the database alone."""
    named = {column.attname for column in Reading._meta.concrete_fields}
    changed = {
        "id": "gen_random_uuid()",
        "measured_at": "measured_at + n * interval '10 milliseconds'",
    }
    listed = sorted(named)
    read = ", ".join(changed.get(name, name) for name in listed)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO vitals_reading ({', '.join(listed)}) SELECT {read}"  # noqa: S608  of the model's own columns
            " FROM (SELECT * FROM vitals_reading WHERE session_id = %s ORDER BY measured_at DESC LIMIT 1) r,"
            " generate_series(1, %s) n",
            [session.id, times],
        )


def test_last_weeks_sessions_are_asked_for_watched_and_fetched(ward, tmp_path):
    session = last_weeks_session(ward)
    with_many_readings(session, READINGS)
    page = ward.open(ward.cast.admin, "/exports/", LAPTOP)
    button(page, "Last week").click()
    button(page, "Export 1 session").click()
    assert "You answer for where the file goes" in page.locator("dialog").inner_text()
    page.evaluate(
        """() => {
          window.seen = [];
          new MutationObserver((changes) => {
            for (const { target } of changes) {
              const { bar } = target.dataset;
              if (bar) window.seen.push([bar, target.value, target.max]);
            }
          }).observe(document.getElementById("exports-list"), { subtree: true, attributeFilter: ["value"] });
        }"""
    )
    environment = processes.environment()
    with processes.running(processes.exporter(environment, tmp_path), processes.beat(environment, tmp_path)):
        confirm(page, "Export 1 session")
        row = page.locator(".exports-row").first
        row.wait_for()
        assert page.evaluate("document.activeElement.id") == row.get_attribute("id")
        row.get_by_role("link", name="Download").wait_for(timeout=LONGEST_EXPORT_MS)
    seen = page.evaluate("window.seen")
    assert {bar for bar, value, most in seen if value == most > READINGS} == {"read", "written"}, seen[-4:]
    assert "done" in page.locator("#exports-said").inner_text()
    assert "To be fetched until" in row.inner_text()
    with page.expect_download() as file:
        row.get_by_role("link", name="Download").click()
    zip_ = zipfile.ZipFile(file.value.path())
    told = list(csv.DictReader(io.StringIO(zip_.read("sessions.csv").decode())))
    assert [(one["session_id"], one["dose_mg"]) for one in told] == [(str(session.id), "35")]
    with zip_.open("readings.csv") as readings:
        assert sum(1 for _ in readings) == 1 + Reading.objects.filter(session_id=session.id).count()
    assert Export.objects.get().asked_by == ward.cast.admin.name


def test_one_under_way_is_cancelled_and_keeps_nothing(ward):
    last_weeks_session(ward)
    row = jobs.ask(by=ward.cast.admin, asked=Asked(), at=clock.now())
    # a worker that has read half of it
    Export.objects.update(state="running", rows=100, read=50, started_at=clock.now())
    page = ward.open(ward.cast.admin, "/exports/", TABLET)
    page.get_by_text("Reading: 50 of 100 rows").wait_for()
    page.get_by_role("button", name="Cancel CSV").click()
    page.get_by_text("Cancelled before its end; nothing was kept").wait_for()
    row.refresh_from_db()
    assert (row.state, row.secret, row.file) == ("cancelled", "", "")
    assert not jobs.work(row.pk, at=clock.now())
    assert not (Path(settings.EXPORT_WORK_DIR) / str(row.pk)).exists()


def test_the_form_follows_its_address_and_its_address_the_form(ward, windows):
    windows.expected = REFUSED
    last_weeks_session(ward)
    page = ward.open(ward.cast.admin, "/exports/?route=nasal&contents=flags&disclosure=limited", TABLET)
    page.get_by_text("No session fits").wait_for()
    assert button(page, "Export").is_disabled()
    page.get_by_label("Route").select_option("IV")
    button(page, "Export 1 session").wait_for()
    assert page.url.endswith("/exports/?route=iv&contents=flags&disclosure=limited")
    page.locator("[name=disclosure][value=aggregate]").check()
    page.locator("[name='contents.1']").check()
    page.locator("[name='contents.2']").uncheck()
    page.get_by_text("there are sums of sessions, flags, symptoms, scales only").wait_for()
    page.reload()
    assert page.locator("[name=disclosure]:checked").get_attribute("value") == "aggregate"
    assert page.locator("[name^='contents.']:checked").count() == 1
    # what names nobody is asked for without a warning
    page.goto(f"{ward.url}/exports/?disclosure=limited&from_day=nonsense")
    assert "no known from_day" in page.locator(".notice").inner_text()
    page.locator("#separator").select_option("Tab")
    page.locator("#decimal_mark").select_option("Comma")
    button(page, "Export 1 session").click()
    page.get_by_text("Waiting for a worker").wait_for()
    asked = jobs.asked_of(Export.objects.get())
    assert (asked.disclosure, asked.locale.separator) == (Disclosure.LIMITED, "\t")
    assert asked.locale.decimal_mark == ","


def test_an_auditor_sees_what_there_was_and_fetches_nothing_and_a_nurse_sees_none(ward, windows):
    last_weeks_session(ward)
    row = jobs.ask(by=ward.cast.admin, asked=Asked(), at=clock.now())
    while jobs.work(row.pk, at=clock.now()):
        pass
    page = ward.open(ward.cast.auditor, "/exports/", TABLET)
    assert page.locator(".exports-row").count() == 1
    assert page.locator("form#ask, .exports-do").count() == 0
    windows.expected = ("Failed to load resource: the server responded with a status of 403", "403 ")
    assert page.goto(f"{ward.url}/exports/{row.pk}/file/").status == 403
    nurse = ward.open(ward.cast.nurse, "/board/", TABLET)
    assert nurse.locator("a[href='/exports/']").count() == 0
    assert nurse.goto(f"{ward.url}/exports/").status == 403


@pytest.fixture
def with_store(windows, committed_db, tmp_path):
    """The ward, with a folder to leave exports in."""
    (tmp_path / "archive").mkdir()
    with open_ward(windows, tmp_path, EXPORT_STORES=f"archive={tmp_path / 'archive'}") as served:
        yield served


def test_a_schedule_is_set_up_by_hand_and_ended(with_store, windows):
    windows.expected = REFUSED
    last_weeks_session(with_store)
    page = with_store.open(with_store.cast.admin, "/exports/?disclosure=limited", TABLET)
    page.get_by_text("Each week", exact=True).click()
    assert page.locator("#from_day").is_hidden()
    page.get_by_text("1 session of all days fit; each run takes those of its week").wait_for()
    button(page, "Start schedule").click()
    page.get_by_text("This field may not be blank.").wait_for()
    page.locator("#name").fill("For the registry")
    button(page, "Start schedule").click()
    row = page.get_by_role("listitem", name="Schedule For the registry")
    row.get_by_text("Each Monday at 06:00, of the week before, left in “archive”").wait_for()
    assert "Next Mon" in row.inner_text()
    made = ExportSchedule.objects.get()
    assert (made.every, made.at_hour, made.store) == ("week", 6, "archive")
    assert jobs.asked_of(made).filters == Filters()
    row.get_by_role("button", name="End schedule").click()
    row.get_by_text("Ended").wait_for()


def staged(ward):
    """One done, one that failed, one under way; a schedule that runs and one that stopped."""
    at, admin = clock.now(), ward.cast.admin
    first = last_weeks_session(ward)
    for chair in ("2", "3", "4"):
        last_weeks_session(ward, chair=chair)
    day = first.checked_in_at.date()
    monday, sunday = day - timedelta(days=1), day + timedelta(days=5)
    week = Filters(from_day=monday, until_day=sunday)
    done = jobs.ask(by=admin, asked=Asked(filters=week), at=at - timedelta(hours=3))
    while jobs.work(done.pk, at=at - timedelta(hours=3)):
        pass
    limited = Asked(
        disclosure=Disclosure.LIMITED, contents=("readings", "flags"), filters=Filters(route="iv")
    )
    failed = jobs.ask(by=admin, asked=limited, at=at - timedelta(hours=2))
    Export.objects.filter(pk=failed.pk).update(
        state="failed", ended_at=at, trouble="It failed: OSError. The log of the worker says more."
    )
    running = jobs.ask(by=admin, asked=Asked(), at=at - timedelta(minutes=1))
    Export.objects.filter(pk=running.pk).update(
        state="running",
        rows=1_048_200,
        read=1_048_200,
        written=402_300,
        started_at=at - timedelta(seconds=70),
    )
    asked = Asked(disclosure=Disclosure.AGGREGATE)
    for name, every in (("Board of trustees", "month"), ("For the registry", "week")):
        schedules.new(by=admin, name=name, every=every, at_hour=6, store="archive", asked=asked, at=at)
    board = ExportSchedule.objects.get(name="Board of trustees")
    ExportRun.objects.create(
        schedule=board,
        first=monday,
        last=sunday,
        made_at=at,
        export=done,
        stored_as="harbor-1/board-of-trustees_2026-10-01_2026-10-31_csv_1a2b3c4d.zip",
        stored_at=at,
    )
    ExportSchedule.objects.filter(name="For the registry").update(
        ended_at=at,
        stopped="Admin, who set it up, may no longer export here. An admin can set up another.",
    )


def test_looks(with_store, picture, monkeypatch):
    monkeypatch.setattr(settings, "EXPORT_STORES", ("archive",))
    staged(with_store)
    for name, (size, theme) in LOOKS.items():
        address = f"{with_store.url}/exports/"
        page = with_store.windows.of(with_store.cast.admin, address, size, theme=theme)
        button(page, "Export 4 sessions").wait_for()
        page.get_by_text("Writing: 402").wait_for()
        assert page.evaluate(OVERFLOWS) == [], name
        picture(page, f"exports-{name}", full_page=True)
        if size is TABLET:
            button(page, "Export 4 sessions").click()
            picture(page, f"exports-confirm-{name}")
        page.context.close()
