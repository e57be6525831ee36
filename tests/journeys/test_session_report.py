"""The session report as people come to it, its PDF looked at; and that of two real patients' recorded vitals,
sent through the native door.
"""

import io
import re
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import httpx
import pypdf
import pytest

from clinic import clock
from clinic.models import Device
from clinic.tokens import issue_for_device
from reports.session_report import report_of
from reports.session_report.pdf import session_report_pdf
from sessions import queries as treatments
from tests import builders, form_stage, processes, report_stage
from tests.journeys.windows import LAPTOP, PHONE, TABLET
from tests.recorded import recordings
from vitals.queries import readings

OVERFLOWS = (Path(__file__).parent / "overflows.js").read_text()
# two recordings with pressures, pulse and saturation
PATIENTS = 2


@pytest.fixture
def served(committed_db, tmp_path):
    with processes.served(tmp_path) as url:
        cast = builders.cast()
        form_stage.complete_data(cast)
        yield url, cast


@pytest.mark.browser
def test_from_the_record_to_the_report_and_its_pdf(served, windows, picture):
    url, cast = served
    session = report_stage.infused(cast, clock.now() - timedelta(hours=3))
    page = windows.of(cast.nurse, f"{url}/sessions/{session.id}/record/", LAPTOP)
    page.get_by_role("link", name="Report", exact=True).click()
    page.locator("#report-title").wait_for()
    assert "Released" in page.locator(".report-top").inner_text()
    assert page.locator(".report-chart svg").bounding_box()["width"] > 600
    assert page.locator("td.superseded", has_text="158/96").count() == 1
    assert page.evaluate(OVERFLOWS) == []
    picture(page, "session-report-laptop")
    for size in (TABLET, PHONE):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        assert page.evaluate(OVERFLOWS) == []
    link = page.get_by_role("link", name="PDF").get_attribute("href")
    answer = page.request.get(f"{url}{link}")
    assert answer.headers["content-type"] == "application/pdf"
    [told] = re.findall(r"vigil-report-sha256=(\w+)", answer.body().decode("latin-1"))[:1]
    assert told in page.locator("body").inner_text()


@pytest.mark.browser
def test_the_session_page_and_the_course_lead_to_it(served, windows):
    url, cast = served
    session = report_stage.harmed(cast, clock.now() - timedelta(hours=2))
    for path in (f"/sessions/{session.id}/", f"/courses/{session.course_id}/"):
        page = windows.of(cast.supervisor, f"{url}{path}", LAPTOP)
        page.get_by_role("link", name=re.compile("^Report")).first.click()
        page.locator("#report-title").wait_for()
        assert "Serious adverse event" in page.locator(".report-warnings").inner_text()


@pytest.mark.parametrize(
    ("name", "make", "at_most"),
    [
        ("infusion", report_stage.infused, 3),
        ("nasal", form_stage.released, 2),
        ("streamed", report_stage.streamed, 3),
        ("harmed", report_stage.harmed, 2),
    ],
)
def test_its_pages_are_looked_at(cast, morning, drawing, tmp_path, name, make, at_most):
    """No page is cut off or empty; the first of some is kept as a picture."""
    pdftoppm, image = shutil.which("pdftoppm"), pytest.importorskip("PIL.Image")
    if pdftoppm is None:
        pytest.skip("no pdftoppm on this machine")
    form_stage.complete_data(cast)
    report = report_of(make(cast, morning))
    file = tmp_path / "report.pdf"
    file.write_bytes(session_report_pdf(report))
    subprocess.run([pdftoppm, "-r", "100", "-gray", "-png", str(file), str(tmp_path / "page")], check=True)
    pages = sorted(tmp_path.glob("page-*.png"))
    assert 1 <= len(pages) <= at_most
    for number, path in enumerate(pages, start=1):
        with image.open(path) as page:
            ink = page.convert("L").point(lambda shade: 255 if shade < 128 else 0)
            left, top, right, bottom = ink.getbbox()
            assert min(left, top, page.width - right, page.height - bottom) > 24, "6 mm, as printers need"
            assert sum(1 for shade in ink.tobytes() if shade) > 3000
            drawing(page.copy(), f"session-report-{name}-page-{number}")


def test_real_patients_recorded_vitals_make_a_report_that_is_right(served):
    url, cast = served
    chosen = [one for one in recordings() if _has_enough(one)][:PATIENTS]
    assert len(chosen) == PATIENTS
    key = issue_for_device(Device.objects.get(pk=cast.gateway.actor_id))
    door = f"{url}/api/v1/readings/"
    headers = {"Authorization": f"Token {key}"}
    for number, recording in enumerate(chosen, start=1):
        last = max(minute for minute, _ in recording.rows)
        at = (clock.now() - timedelta(minutes=last + 60)).replace(microsecond=0)
        session = builders.checked_in(cast.nurse, cast.clinic, at, chair=str(number))
        builders.act(cast.nurse, session, "start", at + timedelta(minutes=1), dose_mg=35)
        sent = [
            {
                "session": str(session.id),
                "measured_at": (at + timedelta(minutes=minute)).isoformat(),
                **values,
            }
            for minute, values in recording.rows
            if minute >= 0
        ]
        answer = httpx.post(door, json={"readings": sent}, headers=headers, timeout=60)
        assert answer.status_code in {201, 422}, answer.text
        _agrees(treatments.session(cast.clinic.pk, session.id), at, recording)


def _has_enough(recording) -> bool:
    names = {name for _, values in recording.rows for name in values}
    return {"systolic", "diastolic", "heart_rate", "spo2"} <= names and len(recording.rows) > 20


def _agrees(session, at, recording) -> None:
    """Every point of the chart was recorded so; every stored value that counts is drawn."""
    report = report_of(session)
    chart = report.chart
    assert chart is not None
    recorded = {
        (at + timedelta(minutes=minute), name, value)
        for minute, values in recording.rows
        for name, value in values.items()
    }
    views = readings(session.id)
    for name, points in chart.curves.items():
        drawn = {(point.at, name, point.value) for point in points}
        assert drawn <= recorded
        assert drawn == {(view.measured_at, name, view.values[name]) for view in views if name in view.values}
    pressures = {(moment, "systolic", systolic) for moment, systolic, _ in chart.pressures}
    assert pressures
    assert pressures <= recorded
    highest = max(chart.pressures, key=lambda one: (one[1], one[2]))
    text = "".join(
        page.extract_text() for page in pypdf.PdfReader(io.BytesIO(session_report_pdf(report))).pages
    )
    assert report.content_hash in text
    assert f"{highest[1]:g}/{highest[2]:g}" in chart.alt
