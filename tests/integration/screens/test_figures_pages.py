"""The family of figures: who sees it, what its addresses may ask, what hides, and files beside tables."""

import csv
import io
import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client

from clinic import clock
from clinic.models import AuditEvent, User
from screens.figures.subjects import BY_KEY, SUBJECTS
from tests import figure_stage as stage
from tests.figure_stage import MINUTE

PAGES = ("/figures/", *(one.address for one in SUBJECTS))
FILES = tuple(one.file for one in SUBJECTS)


def browser(who):
    client = Client()
    client.force_login(User.objects.get(pk=who.actor_id))
    return client


@pytest.fixture
def at(cast):
    """The middle of last month's first day, by the clinic's clock."""
    now = clock.now().astimezone(cast.clinic.zone)
    return (now.replace(day=1) - timedelta(days=1)).replace(day=1, hour=12, minute=0, second=0, microsecond=0)


@pytest.fixture
def treated(cast, at):
    """Nine sessions, six IV and three nasal, with all that figures count; one IV dose is larger."""
    rows = []
    for number in range(9):
        protocol = "iv-ketamine" if number < 6 else "nasal-esketamine"
        row = stage.treated(cast.nurse, cast.clinic, at, protocol=protocol, dose_mg=49 if number == 5 else 35)
        stage.sat(row)
        stage.watched(cast.nurse, row)
        stage.symptom(row, "nausea")
        stage.rated(row, at - MINUTE, 12)
        stage.answered(row, "24h", {"mood": 4 + number % 2})
        if number > 5:
            stage.filed(row, timedelta(days=1), cast.nurse)
        for minute in (-5, 10, 20, 30, 40):
            stage.measured(cast.nurse, row, minute, systolic=120 + max(minute, 0) / 4, diastolic=75)
        rows.append(row)
    return rows


def table(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.content.decode())))


@pytest.mark.parametrize(
    ("who", "status"), [("nurse", 403), ("supervisor", 200), ("admin", 200), ("auditor", 200)]
)
def test_who_sees_them(cast, who, status):
    client = browser(getattr(cast, who))
    assert {client.get(address).status_code for address in (*PAGES, *FILES)} == {status}


def test_looks_are_on_record_each_by_its_subject(cast):
    client = browser(cast.auditor)
    for address in PAGES:
        client.get(address)
    looks = AuditEvent.objects.filter(act="look", clinic=cast.clinic).values_list("subject", flat=True)
    assert set(looks) == {"figures", "flag-figures", *(f"figures-{key}" for key in BY_KEY)}


@pytest.mark.parametrize("address", ["/figures/nothing/", "/figures/flags/", "/figures/nothing.csv"])
def test_no_such_subject(cast, address):
    assert browser(cast.supervisor).get(address).status_code == 404


def test_no_such_table(cast, treated):
    assert browser(cast.supervisor).get("/figures/use.csv?of=nothing").status_code == 404


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("from=2026-13", "A month is written such as 2026-11"),
        ("from=2026-05&until=2026-04", "The first month lies after the last"),
        ("from=2001-01&until=2026-04", "At most 36 months are shown at once"),
        ("protocol=nobodys", "There is no such protocol"),
        ("route=oral", "There is no such route"),
        ("indication=boredom", "There is no such indication"),
    ],
)
def test_what_cannot_be_had_is_said_and_the_usual_is_shown(cast, address, words):
    for page in ("/figures/", "/figures/use/"):
        assert words in browser(cast.supervisor).get(f"{page}?{address}").content.decode()


def test_a_clinic_with_nothing_to_count_is_told_so(cast):
    for address in PAGES:
        text = browser(cast.supervisor).get(address).content.decode()
        assert re.search(r"No [^<]+ in these months\.", text)
        assert "figures-chart" not in text


def test_filters_go_along_to_the_other_pages_and_to_the_files(cast, treated):
    text = browser(cast.supervisor).get("/figures/use/?route=iv").content.decode()
    assert "/figures/times/?route=iv" in text
    assert "/figures/use.csv?of=days&amp;route=iv" in text


def test_every_file_holds_what_its_table_shows(cast, treated):
    client = browser(cast.supervisor)
    for key, subject in BY_KEY.items():
        text = client.get(subject.address).content.decode()
        parts = re.findall(r"/figures/[a-z]+\.csv\?of=([a-z0-9-]+)", text)
        assert parts, key
        for part in parts:
            section = unescape(text.split(f'id="{part}"')[1].split("</section>")[0])
            shown = [
                re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)
                for row in re.findall(r"<tr>(<th scope=\"row\".*?)</tr>", section, re.DOTALL)
            ]
            held = [list(row.values()) for row in table(client, f"{subject.file}?of={part}")]
            assert [row[0] for row in held] == [row[0] for row in shown], part
            for line, row in zip(held, shown, strict=True):
                for cell, words in zip(line, row, strict=True):
                    hidden = "under" in words or "over" in words or "told" in words
                    assert cell == words if hidden else re.match(r"[+−–\d]", words) or cell == words


def test_three_nasal_sessions_are_told_nowhere(cast, treated, at):
    client = browser(cast.supervisor)
    [month] = [row for row in table(client, "/figures/use.csv") if row["Sessions"] != "0"]
    # their number would be the whole without the IV ones
    assert (month["IV"], month["Nasal"], month["Sessions"]) == ("not told", "not told", "9")
    [filed] = [row for row in table(client, "/figures/forms.csv") if row["Forms"] != "0"]
    assert set(filed.values()) - {filed["Month"]} <= {"under 5", "0", "not told"}
    stretches = table(client, "/figures/times.csv?of=stretches")
    assert {row["Half within"] for row in stretches if row["Route"] == "Nasal"} == {"not told"}
    nasal = table(client, "/figures/pressure.csv?of=nasal")
    assert {row["Mean"] for row in nasal} == {"under 5"}


def test_the_typical_range_is_worded_as_such(cast, treated):
    text = browser(cast.supervisor).get("/figures/pressure/").content.decode()
    assert "Typical range in published groups: IV 0.5 mg/kg over 40 min, 5 to 95 %" in text
    assert "safe range" not in text


def test_each_page_costs_the_same_however_many_sessions(cast, treated, django_assert_max_num_queries):
    client = browser(cast.supervisor)
    for address in PAGES[1:]:
        client.get(address)
        with django_assert_max_num_queries(18):
            client.get(address)
