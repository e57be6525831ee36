"""Packs: their sums added up a second way, their hashes, who may take one, and that it is on record."""

import csv
import hashlib
import io
import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pypdf
import pytest
from django.db import transaction
from django.test import Client

from clinic.access import MAY, Act, Role
from clinic.models import AuditEvent, Membership, Patient, User
from clinic.refusals import AccessDenied, NotFound
from clinic.tokens import issue_for_member, principal_of_member
from reports import filing
from reports.packs import taking
from reports.packs.kinds import Kind
from reports.session_report import report_of
from reports.session_report_pdf import session_report_pdf
from sessions import queries as treatments
from sessions.ledger import Kind as Moved
from sessions.models import LedgerEntry, SessionEvent
from sessions.services import acts as session_acts
from sessions.services import ledger
from tests import builders, form_stage, packs
from vitals.models import Finding, Flag, Notification, Quarantine, Reading
from vitals.services import acts, alerting, quarantine
from vitals.services import flags as flag_services
from vitals.services.quarantine import Refused

HOSTILE = '=HYPERLINK("http://x")'


@pytest.fixture
def people(cast):
    return replace(
        cast,
        nurse=replace(cast.nurse, station="nurse's tablet"),
        supervisor=replace(cast.supervisor, station="supervisor's phone"),
    )


def text_of(pdf):
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).split())


# --- monitoring forms


def ended(session):
    return session.ended_at


@pytest.fixture
def forms(cast, morning):
    """Four nasal sessions of the month: unfiled, filed in time, filed late, under way; and one before it."""
    days = {"unfiled": 2, "in time": 5, "late": 9}
    made = {
        name: form_stage.released(cast, morning.replace(day=day), chair=str(day))
        for name, day in days.items()
    }
    for name, after in (("in time", timedelta(days=6)), ("late", timedelta(days=8))):
        at = ended(made[name]) + after
        filing.file(
            by=cast.nurse,
            session_id=made[name].id,
            channel="portal",
            confirmation=f"OF{name.split()[0].upper()}",
            filed_at=at,
            with_gaps=True,
            at=at,
        )
    made["under way"] = form_stage.dosed(cast, morning, chair="11")
    made["before"] = form_stage.released(cast, morning.replace(month=10, day=29), chair="12")
    return made


def forms_pack(cast, at, **how):
    return packs.of_days(
        cast.supervisor, Kind.FORMS, "2026-11-01", "2026-11-30", at=at, zone=cast.clinic.zone, **how
    )


def test_forms_of_the_days_and_no_other(cast, forms, morning):
    pack = forms_pack(cast, morning)
    rows = {row["session"]: row for row in pack.table("forms")}
    assert set(rows) == {str(forms[name].id) for name in ("unfiled", "in time", "late", "under way")}
    told = {name: rows[str(forms[name].id)] for name in ("unfiled", "in time", "late", "under way")}
    assert {name: row["state"] for name, row in told.items()} == {
        "unfiled": "not filed",
        "in time": "filed",
        "late": "filed",
        "under way": "session under way",
    }
    assert {name: row["in time"] for name, row in told.items()} == {
        "unfiled": "",
        "in time": "yes",
        "late": "no",
        "under way": "",
    }
    for name in ("unfiled", "late"):
        due = datetime.fromisoformat(told[name]["form due at"])
        assert due == forms[name].ended_at + timedelta(hours=7 * 24)
    assert told["late"]["confirmation"] == "OFLATE"
    assert told["late"]["devices used"] == "2"
    assert "signature" in told["unfiled"]["missing"]
    for row in rows.values():
        assert row["file"] in pack.files
        assert row["session"] in text_of(pack.files[row["file"]])


def test_the_summary_names_first_what_was_not_filed_and_what_was_late(cast, forms, morning):
    text = text_of(forms_pack(cast, morning).files["summary.pdf"])
    assert "4 sessions: 1 not filed, 1 filed after the deadline, 1 filed in time, 1 under way." in text
    order = [text.index(word) for word in ("Not filed: 1", "Filed after the deadline: 1", "under way: 1")]
    assert order == sorted(order)
    assert "OFLATE" in text
    assert "OFIN" not in text


def test_a_form_filed_late_and_then_again_was_late(cast, forms, morning):
    again = forms["in time"].ended_at + timedelta(days=20)
    filing.file(
        by=cast.nurse,
        session_id=forms["in time"].id,
        channel="fax",
        confirmation="",
        filed_at=again,
        with_gaps=True,
        at=again,
    )
    row = next(
        row for row in forms_pack(cast, morning).table("forms") if row["session"] == str(forms["in time"].id)
    )
    assert (row["in time"], row["times filed"], row["channel"]) == ("yes", "2", "portal")


# --- controlled drugs


@pytest.fixture
def stock(people, morning):
    """A vial from before the day, a new one, a kit; counts, wastes, a correction, an adjustment."""
    session = builders.dosing(people.nurse, people.clinic, morning, chair="3")
    over = builders.dosing(people.nurse, people.clinic, morning - timedelta(hours=5), chair="2")
    builders.act(people.nurse, over, "transfer", morning - timedelta(hours=3), reason="test")

    def received(label, at, quantity, product="ketamine-50"):
        return ledger.receive(
            by=people.nurse,
            at=at,
            recorded_at=at,
            product_code=product,
            label=label,
            lot="L-1",
            ndc="50458-028-02" if product == "esketamine-28" else "00000-050",
            expires_on=datetime(2099, 1, 1, tzinfo=UTC).date(),
            quantity=Decimal(quantity),
        ).item

    def chart(item, kind, quantity, at, *, of=None, by=people.nurse, **more):
        return ledger.chart(
            by=by,
            at=at,
            recorded_at=at,
            item_id=item.id,
            kind=Moved(kind),
            quantity=Decimal(quantity),
            session_id=of.id if of else None,
            **more,
        )

    minute = timedelta(minutes=1)
    old = received("K-1", morning - timedelta(days=3), "10")
    chart(old, "waste", "1", morning - timedelta(days=2), reason="Broken neck")
    new = received("=K-2", morning - timedelta(hours=6), "20")
    kit = received("S-1", morning - timedelta(hours=6), "3", product="esketamine-28")
    chart(old, "draw", "2", morning + minute, of=session)
    chart(old, "give", "0.7", morning + 2 * minute, of=session)
    wasted = chart(old, "waste", "0.8", morning + 3 * minute, of=session, method="Sink")
    corrected = ledger.correct(
        by=people.nurse,
        at=morning + 4 * minute,
        entry=wasted.entry,
        reason="Misread",
        changes={"quantity": Decimal("0.9")},
    )
    ledger.witness(by=people.supervisor, at=morning + 5 * minute, entry=corrected.entry)
    chart(old, "return", "0.4", morning + 6 * minute, of=session)
    # of a session that is over, and half a millilitre is not told of
    chart(new, "draw", "1.5", morning - timedelta(hours=4), of=over)
    chart(new, "give", "1", morning - timedelta(hours=4), of=over)
    chart(new, "count", "18", morning + 7 * minute)
    chart(new, "adjust", "-0.5", morning + 8 * minute, by=people.supervisor, reason=HOSTILE)
    chart(kit, "count", "3", morning + 9 * minute)
    return {"session": session, "over": over, "items": [old, new, kit]}


def drugs_pack(people, at, **how):
    day = at.astimezone(people.clinic.zone).date().isoformat()
    return packs.of_days(people.supervisor, Kind.DRUGS, day, day, at=at, zone=people.clinic.zone, **how)


def added_up(item, since, until):
    """The sums a second way: over the rows of the table, the newest version of each entry alone."""
    rows = LedgerEntry.objects.filter(item=item).exclude(superseded_by__isnull=False)
    opening, closing = Decimal(0), Decimal(0)
    sums: dict[tuple[str, bool], Decimal] = defaultdict(Decimal)
    for row in rows.exclude(status="entered-in-error"):
        sign = {"receive": 1, "return": 1, "adjust": 1, "draw": -1}.get(row.kind, 0)
        if row.kind == "waste" and row.session_id is None:
            sign = -1
        closing += sign * row.quantity if row.at < until else 0
        opening += sign * row.quantity if row.at < since else 0
        if since <= row.at < until:
            sums[row.kind, row.session_id is not None] += row.quantity
    return opening, sums, closing


def test_sums_of_drugs_agree_with_another_way_of_adding_up(people, stock, morning):
    pack = drugs_pack(people, morning)
    rows = {row["vial or kit"].lstrip("'"): row for row in pack.table("balance")}
    assert set(rows) == {"K-1", "=K-2", "S-1"}
    midnight = morning.astimezone(people.clinic.zone).replace(hour=0)
    for item in stock["items"]:
        opening, sums, closing = added_up(item, midnight, midnight + timedelta(days=1))
        row = rows[item.label]
        number = {
            name: Decimal(row[name])
            for name in (
                "opening",
                "received",
                "adjusted",
                "given",
                "wasted in sessions",
                "wasted from stock",
                "drawn and not accounted for",
                "closing",
                "drawn",
                "returned to stock",
            )
        }
        assert number["opening"] == opening
        assert number["closing"] == closing
        assert number["received"] == sums["receive", False]
        assert number["adjusted"] == sums["adjust", False]
        assert number["given"] == sums["give", True]
        assert number["wasted in sessions"] == sums["waste", True]
        assert number["wasted from stock"] == sums["waste", False]
        assert number["drawn"] == sums["draw", True]
        assert number["returned to stock"] == sums["return", True]
        assert number["closing"] == (
            number["opening"]
            + number["received"]
            + number["adjusted"]
            - number["given"]
            - number["wasted in sessions"]
            - number["wasted from stock"]
            - number["drawn and not accounted for"]
        )
    assert Decimal(rows["=K-2"]["drawn and not accounted for"]) == Decimal("0.5")


def test_every_version_of_the_ledger_is_in_its_register(people, stock, morning):
    pack = drugs_pack(people, morning)
    register = pack.table("register")
    midnight = morning.astimezone(people.clinic.zone).replace(hour=0)
    there = Counter((row["entry"], row["version"]) for row in register)
    rows = LedgerEntry.objects.filter(at__gte=midnight, at__lt=midnight + timedelta(days=1))
    assert there == Counter((str(row.entry), str(row.version)) for row in rows)
    replaced = [row for row in register if row["kind"] == "wasted" and row["quantity"] == "0.80"]
    assert [row["counts"] for row in replaced] == ["no"]
    newest = [row for row in register if row["kind"] == "wasted" and row["quantity"] == "0.90"]
    assert [(row["counts"], row["reason"], row["witness"]) for row in newest] == [
        ("yes", "Misread", people.supervisor.name)
    ]


def test_what_does_not_agree_is_named(people, stock, morning):
    pack = drugs_pack(people, morning)
    told = {(row["what"], row["vial or kit"]): row for row in pack.table("discrepancies")}
    assert set(told) == {("count", "'=K-2"), ("session", "'=K-2")}
    assert Decimal(told["count", "'=K-2"]["differs by"]) == Decimal("-0.5")
    assert told["session", "'=K-2"]["session"] == str(stock["over"].id)
    assert [row["reason"] for row in pack.table("adjustments")] == [f"'{HOSTILE}"]
    [waste] = pack.table("wastes")
    assert (waste["wasted"], waste["witness"], waste["mg"]) == ("0.90", people.supervisor.name, "45.0000")
    text = text_of(pack.files["reconciliation.pdf"])
    for words in ("was not witnessed: 2", "Reconciled by", "Witness", "K-1", "not accounted for"):
        assert words in text


def test_a_waste_that_nobody_saw_is_a_discrepancy(people, stock, morning):
    item = stock["items"][2]
    ledger.chart(
        by=people.nurse,
        at=morning,
        recorded_at=morning,
        item_id=item.id,
        kind=Moved.WASTE,
        quantity=Decimal(1),
        reason="Alone in the house",
    )
    told = [
        row for row in drugs_pack(people, morning).table("discrepancies") if row["what"].startswith("waste")
    ]
    assert [(row["vial or kit"], row["words"]) for row in told] == [("S-1", "Alone in the house")]


# --- time


@pytest.fixture
def watched(cast, morning):
    """A nasal session with sets by the nurse, by a monitor, late ones, a note and a correction."""
    session, at = form_stage.released(cast, morning), morning
    builders.record(
        builders.incoming(cast.monitor, session, at + timedelta(minutes=20), heart_rate=70),
        builders.incoming(
            cast.supervisor,
            session,
            at + timedelta(minutes=41),
            received_at=at + timedelta(minutes=100),
            spo2=97,
        ),
    )
    note_at = at + timedelta(minutes=90)
    builders.act(cast.supervisor, session, "note", note_at, text="Seen from the door")
    return treatments.session(cast.clinic.pk, session.id)


def test_minutes_of_a_session_agree_with_another_way_of_counting(cast, watched, morning):
    pack = packs.of_session(cast.supervisor, Kind.TIME, watched, at=morning)
    [row] = pack.table("sessions")
    assert row["minutes from check-in to end"] == str(10 + form_stage.ENDED_MIN)
    assert row["minutes from start of dose to end"] == str(form_stage.ENDED_MIN)
    counted = {line["at"][:16] for line in pack.table("contacts") if line["counts"] == "yes"}
    # check-in at −10, gate at −6, device at 0 and 5, the sets, readiness at 125, release at 127
    minutes = {-10, -6, 0, 5, 125, 127, *form_stage.SETS}
    expected = {(morning + timedelta(minutes=minute)).isoformat()[:16] for minute in minutes}
    assert counted == expected
    assert row["minutes with a charted contact"] == str(len(minutes))
    assert row["minutes by person"] == f"{cast.nurse.name}: {len(minutes)}; {cast.supervisor.name}: 0"
    late = [line for line in pack.table("contacts") if line["counts"] == "no"]
    assert [(line["by"], line["why not"]) for line in late] == [(cast.supervisor.name, "charted late")]


def test_the_statement_says_how_direct_time_is_worked_out_and_names_no_code(cast, watched, morning):
    pack = packs.of_session(cast.supervisor, Kind.TIME, watched, at=morning)
    [name] = [name for name in pack.files if name.startswith("statements/")]
    text = text_of(pack.files[name])
    assert "lower bound" in text
    assert "No billing code is proposed" in text
    assert f"Watched for {10 + form_stage.ENDED_MIN} minutes from check-in to end" in text
    assert "lower bound" in " ".join(pack.files["README.txt"].decode().split())


def test_times_of_days_hold_who_was_checked_in_then(cast, watched, morning):
    form_stage.released(cast, morning - timedelta(days=2), chair="2")
    day = morning.date().isoformat()
    pack = packs.of_days(cast.admin, Kind.TIME, day, day, at=morning, zone=cast.clinic.zone)
    assert [row["session"] for row in pack.table("sessions")] == [str(watched.id)]


# --- incident


@pytest.fixture
def serious(people, morning):
    """A session with versions, doubtful values, flags that were taken, refused messages and a gap."""
    cast, minute = people, timedelta(minutes=1)
    session = builders.dosing(cast.nurse, cast.clinic, morning)
    at = morning + 20 * minute
    [high] = builders.record(builders.incoming(cast.nurse, session, at, systolic=205, diastolic=110))
    builders.record(builders.incoming(cast.monitor, session, at + minute, spo2=140, heart_rate=96))
    builders.correct(cast.nurse, high.id, at + 2 * minute, systolic=204, reason=HOSTILE)
    builders.record(
        builders.incoming(cast.nurse, session, at - 5 * minute, received_at=at + 3 * minute, systolic=190)
    )
    builders.act(cast.nurse, session, "symptom", at, code="nausea", severity="severe")
    builders.act(cast.nurse, session, "note", at + minute, text=HOSTILE)
    acts.correct_entry(
        by=cast.nurse,
        session_id=session.id,
        entry=SessionEvent.objects.get(session=session, kind="note").entry,
        new_at=None,
        details={"text": "Restless"},
        in_error=False,
        reason="Wrong words",
        recorded_at=at + 2 * minute,
    )
    flag = Flag.objects.get(session=session, resolved_at=None, late=False, condition="bp-high")
    flag_services.acknowledge(by=cast.nurse, flag_id=flag.id, action="I'm on it", at=at + 4 * minute)
    with transaction.atomic():
        session_acts.keep_gap(session, by=cast.nurse, from_at=at + 5 * minute, until_at=at + 6 * minute)
    refuse(cast.monitor, at, "from the monitor of the chair")
    refuse(cast.gateway, at, f'{{"session": "{session.id}", "heart_rate": "{HOSTILE}"}}')
    refuse(cast.gateway, at + timedelta(days=5), f"later, and still of {session.id}")
    refuse(cast.gateway, at, f"of the chair {session.chair_id}")
    return treatments.session(cast.clinic.pk, session.id)


def refuse(by, at, body):
    quarantine.keep([Refused(by=by, received_at=at, code="invalid", reason="test", body=body)])


RAW_HERE = 4


@pytest.fixture
def elsewhere(people, serious, morning):
    """What is of others: a session in another chair, and a message from nobody of this one."""
    other = builders.dosing(people.nurse, people.clinic, morning, chair="5")
    refuse(builders.device(people.clinic, "Monitor 5", chair="5"), morning, "of another chair")
    refuse(people.monitor, morning - timedelta(days=1), "of the chair, a day before")
    return other


def incident_pack(session, *, at=None, bom=False) -> packs.Unpacked:
    """The pack as the clinic's supervisor takes it."""
    row = Membership.objects.select_related("user").get(clinic=session.clinic, role="supervisor")
    by = principal_of_member(row)
    return packs.of_session(by, Kind.INCIDENT, session, at=at or session.dose_started_at, bom=bom)


def test_every_row_that_is_kept_of_the_session_is_there_once(serious, elsewhere):
    pack = incident_pack(serious)
    for name, column, kept in (
        ("entries", "id", SessionEvent.objects.filter(session=serious).values_list("id", flat=True)),
        ("readings", "reading", Reading.objects.filter(session_id=serious.id).values_list("id", flat=True)),
        ("flags", "flag", Flag.objects.filter(session=serious).values_list("id", flat=True)),
        ("findings", "reading", Finding.objects.filter(session=serious).values_list("reading_id", flat=True)),
        ("audit", "number", AuditEvent.objects.filter(session_id=serious.id).values_list("pk", flat=True)),
        (
            "flag-life",
            "number",
            AuditEvent.objects.filter(session_id=serious.id, subject="flag").values_list("pk", flat=True),
        ),
    ):
        assert kept, name
        assert Counter(row[column] for row in pack.table(name)) == Counter(map(str, kept)), name
    assert any(row["superseded by"] for row in pack.table("readings"))
    assert any("140" in row["doubtful"] for row in pack.table("readings"))
    assert any(row["late"] for row in pack.table("readings"))
    assert {row["version"] for row in pack.table("entries")} == {"1", "2"}
    assert serious.nurse.shown_name() in {row["by"] for row in pack.table("flag-life")}
    [gap] = pack.table("gaps")
    assert gap["seconds"] == "60"


def test_the_session_report_is_the_one_that_the_session_has(serious):
    pack = incident_pack(serious)
    assert pack.files["report.pdf"] == session_report_pdf(report_of(serious))
    assert pack.json("session")["patient"]["mrn"] == serious.patient.mrn
    assert [seat["chair"] for seat in pack.json("session")["sat in"]] == [serious.chair.name]


def test_refused_messages_that_touch_the_session_are_there_word_for_word(serious, elsewhere):
    rows = incident_pack(serious).json("raw-messages")
    bodies = {row.body for row in Quarantine.objects.filter(clinic=serious.clinic)}
    assert len(bodies) == RAW_HERE + 2
    assert len(rows) == RAW_HERE
    assert {row["body"] for row in rows} == bodies - {"of another chair", "of the chair, a day before"}
    assert {row["why it is here"] for row in rows} == {
        "names the session",
        "names a chair of the session, in its time",
        "from a device of the session, in its time",
    }


def test_the_limits_that_the_session_had_are_there_row_by_row(people, serious, morning):
    builders.limit_change(people.supervisor, serious.patient, morning + timedelta(minutes=30))
    builders.signed_limits(people.supervisor, morning + timedelta(minutes=40))
    limits = incident_pack(serious).json("limits")
    rules = serious.watch.limit_set.rules
    assert [row["code"] for row in limits["rules"]] == list(
        rules.order_by("position").values_list("code", flat=True)
    )
    assert limits["version"] == 1
    assert [one["code"] for one in limits["changed for the patient"]] == ["BP-2"]


def test_a_notification_says_to_whom_and_not_where(people, serious, morning):
    target = alerting.keep_email(by=people.supervisor, address="supervisor@harbor.test", at=morning)
    flag = Flag.objects.filter(session=serious).earliest("opened_at")
    sent = Notification.objects.create(
        clinic=serious.clinic,
        target=target,
        flag=flag,
        session=serious,
        priority=flag.priority,
        step=1,
        attention=flag.opened_at,
        cause="nobody took it",
        at=morning,
    )
    pack = incident_pack(serious)
    [row] = pack.table("notifications")
    assert (row["notification"], row["state"], row["to"]) == (
        str(sent.id),
        "waiting",
        people.supervisor.name,
    )
    assert "harbor.test" not in pack.files["notifications.csv"].decode()


def test_movements_of_drugs_are_those_of_the_session_alone(people, stock, morning):
    session = treatments.session(people.clinic.pk, stock["session"].id)
    rows = incident_pack(session).table("ledger")
    kept = LedgerEntry.objects.filter(session=session).values_list("entry", "version")
    assert Counter((row["entry"], int(row["version"])) for row in rows) == Counter(
        (str(entry), version) for entry, version in kept
    )


# --- of all packs


@pytest.fixture
def every_pack(people, stock, serious, morning):
    """How each pack is taken, at a moment."""
    zone, day = people.clinic.zone, morning.date().isoformat()
    form_stage.released(people, morning, chair="6")

    def of_days(kind):
        return lambda at, **how: packs.of_days(people.supervisor, kind, day, day, at=at, zone=zone, **how)

    return {kind: of_days(kind) for kind in (Kind.FORMS, Kind.DRUGS, Kind.TIME)} | {
        Kind.INCIDENT: lambda at, **how: incident_pack(serious, at=at, **how)
    }


def test_the_same_record_gives_the_same_bytes_but_for_the_manifest(every_pack, morning):
    for kind, take in every_pack.items():
        first, again = (take(morning + timedelta(hours=hours)) for hours in (6, 90))
        assert first.without_manifest == again.without_manifest, kind
        assert [one.date_time for one in first.entries] == [one.date_time for one in again.entries]
        assert first.manifest.pop("made at") != again.manifest.pop("made at")
        assert first.manifest == again.manifest


def test_the_hashes_are_right_and_whoever_follows_the_readme_finds_what_was_changed(
    every_pack, morning, tmp_path
):
    for kind, take in every_pack.items():
        pack, folder = take(morning), tmp_path / kind
        told = {file["name"]: file["sha256"] for file in pack.manifest["files"]}
        assert told == {
            name: hashlib.sha256(held).hexdigest() for name, held in pack.without_manifest.items()
        }
        assert {file["name"]: file["size"] for file in pack.manifest["files"]} == {
            name: len(held) for name, held in pack.without_manifest.items()
        }
        for name, held in pack.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(held)
        readme = pack.files["README.txt"].decode()
        by_python = next(line.strip() for line in readme.splitlines() if "python3 -c" in line)
        by_sums = next(line.strip() for line in readme.splitlines() if "sha256sum -c" in line)
        assert "all files agree" in told_by(by_python, folder)
        assert "FAILED" not in told_by(by_sums, folder)
        changed = sorted(told)[0]
        (folder / changed).write_bytes(b"changed")
        assert changed in told_by(by_python, folder)
        assert f"{changed}: FAILED" in told_by(by_sums, folder)


def told_by(line, folder):
    """What a line of the README prints, typed into a shell."""
    ran = subprocess.run(  # noqa: S602  the line is the product's own
        line.replace("python3", sys.executable, 1), shell=True, cwd=folder, capture_output=True, text=True
    )
    return ran.stdout


def test_each_file_is_told_of_in_words(every_pack, morning):
    for kind, take in every_pack.items():
        pack = take(morning)
        assert all(file["about"] for file in pack.manifest["files"])
        readme = pack.files["README.txt"].decode()
        grouped = {file["about"]: file["name"] for file in reversed(pack.manifest["files"])}
        for about, first in grouped.items():
            if first not in {"README.txt", "SHA256SUMS"}:
                assert first in readme, kind
                assert about.split()[0] in readme, kind


def test_a_cell_that_is_a_formula_is_disarmed_in_every_table(every_pack, morning, people):
    Patient.objects.filter(clinic=people.clinic).update(family_name="@SUM(A1)", given_name="+1", address="-2")
    seen = 0
    for kind, take in every_pack.items():
        pack = take(morning, bom=True)
        for name, held in pack.files.items():
            if not name.endswith(".csv"):
                continue
            assert held.startswith(b"\xef\xbb\xbf"), name
            for row in csv.reader(io.StringIO(held.decode("utf-8-sig"))):
                for cell in row:
                    number = re.fullmatch(r"-?[0-9.]+", cell)
                    assert number or not cell.startswith(("=", "+", "-", "@")), (kind, name, cell)
                    seen += cell.startswith("'")
    assert seen > 10


def test_times_stand_with_their_zone_and_as_the_clinic_had_them(every_pack, morning, people):
    row = every_pack[Kind.TIME](morning).table("contacts")[0]
    at = datetime.fromisoformat(row["at"])
    assert at.utcoffset() == timedelta(0)
    assert row["at, local"] == f"{at.astimezone(people.clinic.zone):%Y-%m-%d %H:%M:%S}"


def test_a_taking_is_on_record_with_counts_and_no_name(people, watched, morning):
    pack = packs.of_session(people.supervisor, Kind.TIME, watched, at=morning)
    [row] = AuditEvent.objects.filter(act=Act.TAKE_PACK)
    assert (row.actor_id, row.subject, row.subject_id) == (
        people.supervisor.actor_id,
        "pack",
        str(watched.id),
    )
    assert row.details["sessions"] == 1
    assert row.details["files"] == len(pack.files) - 1
    assert "Lindqvist" not in json.dumps(row.details)
    assert pack.manifest["made by"] == {"name": people.supervisor.name, "role": "supervisor"}


def test_taking_a_pack_leaves_the_sessions_own_audit_as_it_is(people, watched, morning):
    before = AuditEvent.objects.filter(session_id=watched.id).count()
    packs.of_session(people.supervisor, Kind.TIME, watched, at=morning)
    assert AuditEvent.objects.filter(session_id=watched.id).count() == before


# --- who may, and what may be asked


def browser(who):
    client = Client()
    client.force_login(User.objects.get(pk=who.actor_id))
    return client


def caller(who):
    membership = Membership.objects.get(user_id=who.actor_id, clinic_id=who.clinic_id)
    return Client(headers={"Authorization": f"Token {issue_for_member(membership, expires_at=None)}"})


DAYS = "?from=2026-11-23&until=2026-11-23"


@pytest.mark.parametrize("role", ["nurse", "supervisor", "admin", "auditor"])
def test_who_may_take_packs(cast, watched, role):
    allowed = Role(role) in MAY[Act.TAKE_PACK]
    assert allowed == (role in {"supervisor", "admin"})
    pages, api = browser(getattr(cast, role)), caller(getattr(cast, role))
    answers = [
        pages.get("/packs/"),
        *(pages.get(f"/packs/{kind}.zip{DAYS}") for kind in ("forms", "drugs", "time")),
        pages.get(f"/packs/time/{watched.id}.zip"),
        api.get("/api/v1/packs/"),
        *(api.get(f"/api/v1/packs/{kind}/{DAYS}") for kind in ("forms", "drugs", "time")),
        api.get(f"/api/v1/packs/time/{watched.id}/"),
    ]
    assert {answer.status_code for answer in answers} == {200 if allowed else 403}
    with pytest.raises(AccessDenied) if not allowed else nullcontext():
        packs.of_session(getattr(cast, role), Kind.TIME, watched, at=watched.ended_at)
    for answer in answers:
        answer.close()


def test_another_clinics_session_is_answered_as_none(cast, watched):
    for client, path in (
        (browser(cast.outsider), "/packs/{}/{}.zip"),
        (caller(cast.outsider), "/api/v1/packs/{}/{}/"),
    ):
        for kind in ("time", "incident"):
            foreign, nobody = (client.get(path.format(kind, id_)) for id_ in (watched.id, uuid4()))
            assert (foreign.status_code, foreign.content) == (404, nobody.content)
    for kind in (Kind.TIME, Kind.INCIDENT):
        with pytest.raises(NotFound):
            taking.take_session(
                by=cast.outsider, kind=kind, session_id=watched.id, bom=False, at=watched.ended_at
            )
    assert not AuditEvent.objects.filter(act=Act.TAKE_PACK).exists()


def test_days_of_another_clinic_are_not_in_ones_own_pack(cast, watched, morning):
    day = morning.date().isoformat()
    for kind in (Kind.FORMS, Kind.DRUGS, Kind.TIME):
        pack = packs.of_days(cast.outsider, kind, day, day, at=morning, zone=cast.other_clinic.zone)
        assert str(watched.id) not in json.dumps([held.decode("latin-1") for held in pack.files.values()])
        assert pack.manifest["clinic"]["name"] == "Meadow"


@pytest.mark.parametrize(
    ("query", "field", "says"),
    [
        ("", "from", "from “” is no day"),
        ("?from=2026-11-31&until=2026-12-01", "from", "from “2026-11-31” is no day"),
        ("?from=2026-11-01", "until", "until “” is no day"),
        ("?from=2026-11-02&until=2026-11-01", "from", "from 2026-11-02 lies after until 2026-11-01"),
        (
            "?from=2026-01-01&until=2026-11-01",
            "until",
            "is 305 days from 2026-01-01; this pack holds at most 92",
        ),
        (f"{DAYS}&bom=maybe", "bom", "bom “maybe” is not one of: yes, no"),
    ],
)
def test_what_cannot_be_had_is_refused_by_name(cast, query, field, says):
    answer = caller(cast.supervisor).get(f"/api/v1/packs/forms/{query}")
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert says in answer.json()["message"]
    page = browser(cast.supervisor).get(f"/packs/forms.zip{query}")
    assert page.status_code == 422
    assert says in page.content.decode()
    assert not AuditEvent.objects.filter(act=Act.TAKE_PACK).exists()


def test_a_download_is_sent_in_pieces_and_closed(cast, watched):
    answer = caller(cast.admin).get(f"/api/v1/packs/time/{watched.id}/")
    assert answer.streaming
    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Disposition"] == f'attachment; filename="time-{watched.id}.zip"'
    content = b"".join(answer.streaming_content)
    assert len(content) == int(answer["Content-Length"])
    assert packs.Unpacked(content).manifest["product"]["name"] == "Vigil"


def test_links_stand_for_those_who_may(cast, watched):
    supervisor, nurse = browser(cast.supervisor), browser(cast.nurse)
    for page, link in (
        ("/forms/", "/packs/#forms"),
        ("/ledger/reconciliation/", "/packs/drugs.zip?from="),
        (f"/sessions/{watched.id}/record/", f"/packs/incident/{watched.id}.zip"),
        ("/patients/", "/packs/"),
    ):
        assert link in supervisor.get(page).content.decode()
        assert "/packs/" not in nurse.get(page).content.decode()
    listed = supervisor.get(f"/packs/?day={watched.checked_in_at.astimezone(cast.clinic.zone).date()}")
    assert f"/packs/incident/{watched.id}.zip" in listed.content.decode()
