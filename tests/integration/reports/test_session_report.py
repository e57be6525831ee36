"""The session report: the same in PDF, page and JSON; tagged; the same bytes for the same record."""

import html
import io
import json
import re
from dataclasses import replace
from datetime import timedelta

import pikepdf
import pypdf
import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from clinic import clock
from clinic.access import MAY, Act
from clinic.models import AuditEvent, Patient, User
from reports.session_report import report_of
from reports.session_report import vitals as report_vitals
from reports.session_report.pdf import session_report_pdf
from reports.session_report.value import Chart, Part, SessionReport
from sessions import queries as treatments
from tests import builders, form_stage, report_stage
from tests.report_stage import MIN

HOSTILE = '<b>#strong[x]</b> $1$ `c` *s* _e_ "q" @ref'


def squeezed(text: str) -> str:
    """Without white space and soft hyphens, so that line breaks of a form do not count."""
    return re.sub(r"[\s\u00ad]", "", text)


def words_of(report: SessionReport) -> list[str]:
    """Everything that the report says."""
    found = [report.patient, report.standing, report.content_hash, report.as_of_words, *report.warnings]
    for part in report.parts:
        found += [part.title, *part.sentences]
        found += [word for fact in part.facts for word in (fact.label, fact.words)]
        for table in part.tables:
            found += [column.label for column in table.columns] + [table.note]
            found += [cell for row in table.rows for cell in row.cells]
    return [words for words in found if words]


def text_of_pdf(file: bytes) -> str:
    return squeezed("".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(file)).pages))


def missing(words: list[str], text: str) -> list[str]:
    return [one for one in words if squeezed(one) not in text]


def member(by) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=by.user_id))
    return client


def text_of_page(client: Client, session) -> str:
    answer = client.get(f"/sessions/{session.id}/report/")
    assert answer.status_code == 200
    return squeezed(html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


def part(report: SessionReport, code: str) -> Part:
    found = report.part(code)
    assert found is not None
    return found


def chart(report: SessionReport) -> Chart:
    assert report.chart is not None
    return report.chart


def rows(report: SessionReport, code: str, table: str | None = None) -> list[dict[str, str]]:
    [one] = [one for one in part(report, code).tables if one.code == (table or code)]
    codes = [column.code for column in one.columns]
    return [dict(zip(codes, row.cells, strict=True)) for row in one.rows]


def facts(report: SessionReport, code: str) -> dict[str, str]:
    return {fact.label: fact.words for fact in part(report, code).facts}


@pytest.fixture
def session(cast, morning):
    form_stage.complete_data(cast)
    return report_stage.infused(cast, morning)


class TestForms:
    @pytest.mark.parametrize("of", [report_stage.infused, report_stage.harmed, form_stage.released])
    def test_page_pdf_and_api_say_the_same(self, cast, morning, of):
        form_stage.complete_data(cast)
        session = of(cast, morning)
        report = report_of(session)
        words = words_of(report)
        assert len(words) > 150
        client = member(cast.nurse)
        assert missing(words, text_of_page(client, session)) == []
        file = client.get(f"/sessions/{session.id}/report.pdf").content
        assert missing(words, text_of_pdf(file)) == []
        told = client.get(f"/api/v1/sessions/{session.id}/report/").json()
        assert told["content"] == report.content
        assert told["content_hash"] == report.content_hash

    def test_the_same_record_gives_the_same_bytes(self, cast, session, morning):
        first = session_report_pdf(report_of(session))
        with clock.pinned(morning + timedelta(days=40)):
            again = session_report_pdf(report_of(treatments.session(cast.clinic.pk, session.id)))
        assert first == again

    def test_every_page_says_whose_it_is_and_where_it_ends(self, session):
        report = report_of(session)
        pages = pypdf.PdfReader(io.BytesIO(session_report_pdf(report))).pages
        for number, page in enumerate(pages, start=1):
            text = squeezed(page.extract_text())
            foot = (report.identity, report.session, report.as_of_words, f"page {number} of {len(pages)}")
            assert missing([*foot, report.content_hash], text) == []

    def test_a_look_is_audited_in_each_form(self, cast, session):
        client = member(cast.auditor)
        for path in ("sessions/{}/report/", "sessions/{}/report.pdf", "api/v1/sessions/{}/report/"):
            before = AuditEvent.objects.filter(act="look", subject="report").count()
            assert client.get("/" + path.format(session.id)).status_code == 200
            assert AuditEvent.objects.filter(act="look", subject="report").count() == before + 1

    def test_another_clinic_finds_none(self, cast, session):
        client = member(cast.outsider)
        for path in ("sessions/{}/report/", "sessions/{}/report.pdf", "api/v1/sessions/{}/report/"):
            assert client.get("/" + path.format(session.id)).status_code == 404

    def test_all_staff_may_see_it_and_nobody_else(self):
        assert {role.value for role in MAY[Act.SEE_REPORT]} == {"nurse", "supervisor", "admin", "auditor"}


class TestTags:
    """Typst refuses what breaks PDF/A-2a or PDF/UA-1; here is what a reader of the file finds."""

    @pytest.fixture
    def file(self, session):
        with pikepdf.open(io.BytesIO(session_report_pdf(report_of(session)))) as file:
            yield file

    @staticmethod
    def elements(file):
        def walk(node):
            if isinstance(node, pikepdf.Array):
                for kid in node:
                    yield from walk(kid)
            elif isinstance(node, pikepdf.Dictionary):
                if "/S" in node:
                    yield node
                if "/K" in node:
                    yield from walk(node.K)

        return list(walk(file.Root.StructTreeRoot.K))

    def test_the_file_says_what_it_conforms_to(self, file):
        with file.open_metadata() as metadata:
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "A")
            assert metadata["pdfuaid:part"] == "1"
            assert metadata["dc:title"] == "Session report, Ada Lindqvist"
        assert str(file.Root.Lang).startswith("en")
        assert file.Root.MarkInfo.Marked
        assert file.Root.ViewerPreferences.DisplayDocTitle

    def test_headings_tables_and_the_chart_are_tagged(self, file, session):
        found = self.elements(file)
        kinds = [str(one.S) for one in found]
        report = report_of(session)
        tables = [table for part in report.parts for table in part.tables]
        assert kinds.count("/H1") == 1
        assert kinds.count("/H2") == len(report.parts) + 1
        assert kinds.count("/Table") == len(tables)
        assert kinds.count("/TH") == sum(len(table.columns) for table in tables)
        heads = [_attributes(one) for kind, one in zip(kinds, found, strict=True) if kind == "/TH"]
        scopes = {str(head.get("/Scope")) for head in heads}
        assert scopes == {"/Column"}
        [figure] = [one for one in found if str(one.S) == "/Figure"]
        assert str(figure.Alt) == chart(report).alt


def _attributes(element) -> dict[str, object]:
    """A structure element's attributes, of all their owners."""
    owned = element.A if isinstance(element.A, pikepdf.Array) else [element.A]
    return {name: value for one in owned for name, value in one.items()}


class TestContent:
    def test_dose_with_its_arithmetic_and_the_drug(self, session):
        report = report_of(session)
        told = facts(report, "dose")
        assert told["Ordered"] == "35 mg"
        assert told["Weight"] == "70 kg"
        assert told["Volume"] == "3.5 mL"
        assert (told["Started"], told["Ended"], told["Paused"]) == ("10:00", "10:47", "7 min in all")
        assert "35 mg ÷ 70 kg = 0.5 mg/kg; 35 mg ÷ 10 mg/mL = 3.5 mL" in part(report, "dose").sentences[0]
        [drug] = rows(report, "dose", "drug")
        assert drug["account"] == "drawn 3.5 mL = given 3.3 + wasted 0.2"
        assert drug["wasted"] == "0.2 mL 10:49 by Nurse, witnessed by Supervisor 10:50"

    def test_vitals_keep_what_was_replaced_doubted_or_not_measured(self, session):
        report = report_of(session)
        table = part(report, "vitals").tables[0]
        struck = [row.cells for row in table.rows if row.struck]
        assert [row[1] for row in struck] == ["158/96"]
        found = {row["at"] + " " + row["bp"]: row for row in rows(report, "vitals")}
        assert found["10:30 154/96"]["remarks"] == "corrected 10:33: Cuff on the other arm"
        assert "SBP not measured: cuff off" in found["10:45 "]["remarks"]
        assert "SBP not used" in found["10:46 "]["remarks"]
        assert found["10:20 168/101"]["flags"] == "medium BP-2"
        assert [row.cells[1] for row in table.rows if row.strong] == ["168/101", "171/103"]

    def test_what_was_decided_answered_and_signed(self, session):
        report = report_of(session)
        assert facts(report, "before")["Decision 09:55"] == "Go ahead: Known white-coat pressure, Supervisor"
        answers = {row["item"]: row["answer"] for row in rows(report, "before")}
        assert answers["Cardiovascular or cerebrovascular disease"] == "yes: treated hypertension"
        signed = {row["meaning"]: (row["by"], row["role"]) for row in rows(report, "signatures")}
        assert signed == {
            "prescriber's decision before the dose": ("Supervisor", "supervisor, prescriber"),
            "witness of a waste": ("Supervisor", ""),
            "assessed ready to leave": ("Nurse", "nurse"),
            "release": ("Nurse", "nurse"),
        }
        assert facts(report, "leaving")["Goes home with"] == "Maj Lindqvist, sister, 617 555 0111"
        corrected = [row["what"] for row in rows(report, "acts") if "Sister" in row["what"]]
        assert corrected == ["Note: Sister called; waits dowstairs", "Note: Sister called; waits downstairs"]

    def test_limits_their_reviewer_and_what_was_changed_for_the_patient(self, session):
        report = report_of(session)
        assert facts(report, "limits")["Reviewed by"] == "Example limits, reviewed by nobody yet"
        [change] = rows(report, "limits", "limit-changes")
        assert (change["after"], change["before"]) == ("HR ≥ 125", "HR ≥ 120")
        [own] = [line for line in chart(report).limits if line.own]
        assert (own.vital, own.value) == ("heart_rate", 125)

    def test_harm_stands_first(self, cast, morning):
        report = report_of(report_stage.harmed(cast, morning))
        assert report.warnings[0].startswith("Serious adverse event, 10:31")
        assert "Deviation: Transferred to other care, after 40 of at least 120 minutes" in report.warnings
        assert report.standing == "Transferred 10:40: To the emergency department"
        [event] = rows(report, "symptoms", "adverse-events")
        assert "Chest pain at 204/121" in event["what"]

    def test_missed_sets_are_named_with_their_window(self, cast, morning):
        report = report_of(form_stage.released(cast, morning))
        found = {row["what"]: row["window"] for row in rows(report, "missed")}
        assert found["40-minute BP"] == "10:35 to 10:50"

    def test_a_session_under_way_says_so(self, cast, morning):
        session = report_stage.infused(cast, morning, finished=False)
        report = report_of(session)
        assert report.standing == "Not finished: monitoring"
        assert report.warnings[0].startswith("This session is not finished")
        assert "Notfinished" in text_of_pdf(session_report_pdf(report))

    @pytest.mark.parametrize("checked_in", [False, True])
    def test_a_session_of_which_little_is_known_has_a_report(self, cast, morning, checked_in):
        make = builders.checked_in if checked_in else builders.scheduled
        session = treatments.session(cast.clinic.pk, make(cast.nurse, cast.clinic, morning).id)
        report = report_of(session)
        assert report.chart is None
        assert part(report, "dose").sentences == ("No dose was charted.",)
        assert missing(words_of(report), text_of_pdf(session_report_pdf(report))) == []
        assert missing(words_of(report), text_of_page(member(cast.nurse), session)) == []


def test_a_long_session_stays_readable_and_says_what_is_left_out(cast, morning):
    report = report_of(report_stage.streamed(cast, morning))
    table = part(report, "vitals").tables[0]
    assert len(table.rows) <= report_vitals.ROWS_AT_MOST
    assert re.match(r"\d+ of 723 readings shown", table.note)
    by_people = [row for row in rows(report, "vitals") if row["by"].startswith("Nurse")]
    assert [row["at"] for row in by_people] == ["09:55", "11:00", "13:00", "15:00"]
    flagged = [row for row in rows(report, "vitals") if "OX-4" in row["flags"]]
    assert flagged[0]["spo2"] == "88"
    # what the table leaves out is drawn, and in the hash
    drawn = chart(report).curves["heart_rate"]
    assert len(drawn) == 723
    curves = {**chart(report).curves, "heart_rate": (*drawn[:101], *drawn[102:])}
    other = replace(report, chart=replace(chart(report), curves=curves))
    assert other.content_hash != report.content_hash


class TestText:
    def test_markup_in_names_and_notes_stays_text(self, cast, morning):
        session = report_stage.infused(
            cast, morning, given_name=HOSTILE, family_name="#import", allergies="</svg><script>x</script>"
        )
        assert session.ended_at is not None
        at = session.ended_at + 5 * MIN
        builders.act(cast.nurse, session, "note", at, text=HOSTILE)
        builders.act(cast.nurse, session, "symptom", at, code="pain", action=HOSTILE)
        session = treatments.session(cast.clinic.pk, session.id)
        report = report_of(session)
        text = text_of_pdf(session_report_pdf(report))
        assert text.count(squeezed(HOSTILE)) >= 3
        assert missing(words_of(report), text) == []
        page = member(cast.nurse).get(f"/sessions/{session.id}/report/").content.decode()
        assert HOSTILE not in page
        assert "<script>x" not in page

    @pytest.mark.parametrize(
        ("name", "is_drawn"),
        [
            ("Žofie Łukasiewicz", True),
            ("Ελένη Παπαδοπούλου", True),
            ("Анна Ковальчук", True),
            ("青木陽子", False),
            ("فاطمة", True),
        ],
    )
    def test_names_in_other_scripts(self, cast, session, name, is_drawn):
        Patient.objects.filter(pk=session.patient_id).update(given_name=name, family_name="N")
        session = treatments.session(cast.clinic.pk, session.id)
        text = text_of_pdf(session_report_pdf(report_of(session)))
        assert ("maylacksignsofascript" not in text) is is_drawn
        # a reader of PDFs may give a line that runs to the left from its end
        assert not is_drawn or squeezed(name) in text or squeezed(name)[::-1] in text
        assert squeezed(name) in text_of_page(member(cast.nurse), session)


class TestVerify:
    def test_a_file_and_its_hash_are_of_the_record(self, session, tmp_path, capsys):
        report = report_of(session)
        path = tmp_path / "report.pdf"
        path.write_bytes(session_report_pdf(report))
        for given in (str(path), report.content_hash):
            call_command("verify_report", given, session=str(session.id))
            assert capsys.readouterr().out.startswith("Same")

    def test_a_correction_is_named(self, cast, session, tmp_path):
        path = tmp_path / "report.pdf"
        path.write_bytes(session_report_pdf(report_of(session)))
        builders.act(cast.nurse, session, "note", session.ended_at + 7 * MIN, text="Called back")
        with pytest.raises(CommandError, match="Changed") as changed:
            call_command("verify_report", str(path), session=str(session.id))
        [line] = [line for line in str(changed.value).splitlines() if line.startswith("- ")]
        assert line == "- 23 Nov 2026 12:17 Note of 12:17 by Nurse, charted"

    def test_what_is_no_entry_is_told_apart(self, session, tmp_path):
        path = tmp_path / "report.pdf"
        path.write_bytes(session_report_pdf(report_of(session)))
        Patient.objects.filter(pk=session.patient_id).update(given_name="Eda")
        with pytest.raises(CommandError, match="Nothing was charted since"):
            call_command("verify_report", str(path), session=str(session.id))

    @pytest.mark.parametrize("given", ["f" * 63, "no-such-file.pdf"])
    def test_what_is_no_report_is_refused(self, session, given):
        with pytest.raises(CommandError, match="neither a file nor a hash"):
            call_command("verify_report", given, session=str(session.id))

    def test_another_sessions_file_and_other_files_are_refused(self, cast, session, morning, tmp_path):
        other = report_stage.harmed(cast, morning)
        path, plain = tmp_path / "report.pdf", tmp_path / "plain.pdf"
        path.write_bytes(session_report_pdf(report_of(other)))
        plain.write_bytes(b"%PDF-1.7")
        with pytest.raises(CommandError, match=f"is of session {other.id}"):
            call_command("verify_report", str(path), session=str(session.id))
        with pytest.raises(CommandError, match="no session report of Vigil"):
            call_command("verify_report", str(plain), session=str(session.id))
        with pytest.raises(CommandError, match="no session's id"):
            call_command("verify_report", "f" * 64, session="1")


def test_the_number_of_queries_does_not_grow_with_the_readings(cast, morning, django_assert_max_num_queries):
    session = report_stage.streamed(cast, morning, hours=1)
    with django_assert_max_num_queries(20):
        report_of(session)


def test_json_is_made_of_plain_types(session):
    assert json.loads(json.dumps(report_of(session).content)) == report_of(session).content
