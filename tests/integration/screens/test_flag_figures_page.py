"""The page of flag figures and its files: who sees them, what the address may ask, what is hidden."""

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client

from clinic import clock
from clinic.models import AuditEvent, User
from tests import flag_stage

PAGE, FILE = "/flag-figures/", "/flag-figures.csv"


def browser(who):
    client = Client()
    client.force_login(User.objects.get(pk=who.actor_id))
    return client


@pytest.fixture
def at(cast):
    """The middle of this month's first day, by the clinic's clock."""
    now = clock.now().astimezone(cast.clinic.zone)
    return now.replace(day=1, hour=12, minute=0, second=0, microsecond=0)


@pytest.fixture
def treated(cast, at):
    """Six sessions, each with a flag that names a rule a spreadsheet would run; two of them high too."""
    rows = [flag_stage.session(cast.nurse, cast.clinic, at) for _ in range(6)]
    for number, row in enumerate(rows):
        flag_stage.flag(row, at, rule="=1+1", taken_after_s=30 + number)
        if number < 2:
            flag_stage.flag(row, at, rule="HR-1", condition="hr-high", peak="high")
    return rows


def table(answer):
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.content.decode())))


@pytest.mark.parametrize(
    ("who", "status"), [("nurse", 403), ("supervisor", 200), ("admin", 200), ("auditor", 200)]
)
def test_who_sees_them(cast, who, status):
    client = browser(getattr(cast, who))
    assert [client.get(address).status_code for address in (PAGE, FILE)] == [status, status]


def test_a_look_is_on_record(cast):
    browser(cast.auditor).get(PAGE)
    looks = AuditEvent.objects.filter(act="look", subject="flag-figures", clinic=cast.clinic)
    assert [look.actor_id for look in looks] == [cast.auditor.actor_id]


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("from=2026-13", "A month is written such as 2026-11"),
        ("until=nonsense", "A month is written such as 2026-11"),
        ("until=9999-12", "A month is written such as 2026-11"),
        ("from=2026-05&until=2026-04", "The first month lies after the last"),
        ("from=2001-01&until=2026-04", "At most 36 months are shown at once"),
        ("protocol=nobodys", "There is no such protocol"),
        ("route=oral", "There is no such route"),
    ],
)
def test_what_cannot_be_had_is_said_and_the_usual_is_shown(cast, address, words):
    answer = browser(cast.supervisor).get(f"{PAGE}?{address}")
    assert answer.status_code == 200
    assert words in answer.content.decode()


def test_the_longest_span_ends_where_it_was_asked_to(cast):
    text = browser(cast.supervisor).get(f"{PAGE}?from=2001-01&until=2026-04").content.decode()
    assert "Sessions checked in May 2023 to Apr 2026" in text


def test_the_file_by_month_hides_what_the_page_hides(cast, treated, at):
    [row] = [row for row in table(browser(cast.supervisor).get(FILE)) if row["month"] == f"{at:%Y-%m}"]
    assert (row["sessions"], row["medium"], row["high"]) == ("6", "6", "under 5")
    assert row["medium or high per session"] == "1.33"
    assert row["median until taken s"] == "32"  # of 30 to 35, rounded to the even one
    assert row["high taken within 60 s %"] == "under 5 flags"
    assert float(row["watched hours"]) == 15


def test_the_file_by_rule_runs_nothing_in_a_spreadsheet(cast, treated, at):
    rows = table(browser(cast.supervisor).get(f"{FILE}?of=rules"))
    assert [(row["rule"], row["about"], row["flags"]) for row in rows] == [
        ("'=1+1", "BP high", "6"),
        ("HR-1", "HR high", "under 5"),
    ]


def test_a_month_outside_the_address_is_in_neither(cast, treated, at):
    last_month = f"{at - timedelta(days=1):%Y-%m}"
    answer = browser(cast.supervisor).get(f"{FILE}?from={last_month}&until={last_month}")
    assert [(row["month"], row["sessions"]) for row in table(answer)] == [(last_month, "0")]
    page = browser(cast.supervisor).get(f"{PAGE}?from={last_month}&until={last_month}").content.decode()
    assert "Nothing to count" in page


def test_no_member_of_staff_is_named(cast, treated, at):
    flag_stage.flag(treated[0], at, acknowledged_at=at, acknowledged_by="Nurse Noname", taken_after_s=3)
    for address in (PAGE, FILE, f"{FILE}?of=rules"):
        assert "Noname" not in browser(cast.supervisor).get(address).content.decode()


def test_a_page_costs_the_same_however_many_flags(cast, treated, at, django_assert_max_num_queries):
    client = browser(cast.supervisor)
    client.get(PAGE)
    with django_assert_max_num_queries(14):
        client.get(PAGE)
