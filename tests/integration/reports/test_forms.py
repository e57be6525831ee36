"""Monitoring forms over the API: gathered from the record, answered, filed, compared; and on paper."""

import io
import json
from datetime import date, timedelta
from typing import Any

import pypdf
import pytest
from django.db import DatabaseError, connection
from django.test import Client

from clinic import clock
from clinic.access import MAY, Act
from clinic.models import AuditEvent, Clinic, Membership, Patient, User
from clinic.tokens import issue_for_member
from reports import form_pdf, monitoring_form
from sessions import queries as treatments
from sessions.models import FormFiling, Session, SessionEvent
from sessions.monitoring_form import shipped
from sessions.monitoring_form.fields import FormVersion
from tests import builders, form_stage

UNANSWERED = {
    "first-treatment": "yes",
    "acceptable-before": "yes",
    "acceptable-completion": "yes",
    "dissociation": "no",
    "respiratory-depression": "no",
    "serious-event": "no",
}


class Caller:
    """A member with a token, speaking JSON about one session's form."""

    def __init__(self, principal, session=None):
        key = issue_for_member(Membership.objects.get(user_id=principal.user_id), expires_at=None)
        self.client = Client(headers={"Authorization": f"Token {key}"})
        self.path = f"/api/v1/sessions/{session.id}/form/" if session else "/api/v1/forms/"

    def form(self):
        return self.client.get(self.path)

    def post(self, name, body):
        return self.client.post(f"{self.path}{name}/", json.dumps(body), content_type="application/json")

    def answer(self, field, value):
        return self.post("answer", {"field": field, "value": value})

    def file(self, **body):
        return self.post("file", {"channel": "portal", **body})


def cell(answer, code):
    assert answer.status_code in {200, 201}, answer.json()
    return next(one for one in answer.json()["cells"] if one["field"] == code)


@pytest.fixture
def now(morning):
    """The doors' clock, an hour after a release in minute 127."""
    at = morning + timedelta(minutes=form_stage.ENDED_MIN + 60)
    with clock.pinned(at):
        yield at


@pytest.fixture
def session(cast, morning):
    form_stage.complete_data(cast)
    return form_stage.released(cast, morning)


@pytest.fixture
def nurse(cast, session, now):
    return Caller(cast.nurse, session)


@pytest.fixture
def complete(cast, session, nurse):
    """The nurse's calls on a form without a gap, signed."""
    form_stage.chart(session, cast.nurse, 41, received_at=clock.now(), systolic=150, diastolic=94)
    Patient.objects.filter(pk=session.patient_id).update(rems_enrolled_on=date(2026, 11, 1))
    for field, value in UNANSWERED.items():
        assert nurse.answer(field, value).status_code == 200
    assert nurse.answer("signature", "Nurse Nguyen").json()["gaps"] == []
    return nurse


class TestCells:
    def test_agree_with_what_was_charted(self, nurse):
        answer = nurse.form()
        said = {
            code: cell(answer, code)["value"]
            for code in (
                "patient-last-name", "psychostimulants", "maois", "provider-last-name", "setting-zip",
                "treatment-date", "dose-mg", "lot-numbers", "total-minutes", "bp-before", "bp-40",
                "bp-completion", "oximetry-checks", "sedation-onset", "sedation-resolution",
            )
        }  # fmt: skip
        assert said == {
            "patient-last-name": "Lindqvist",
            "psychostimulants": "yes",
            "maois": "no",
            "provider-last-name": "Nguyen",
            "setting-zip": "02110",
            "treatment-date": "11/23/2026",
            "dose-mg": 56,
            "lot-numbers": "A1001, A1002",
            "total-minutes": 127,
            "bp-before": "128/80",
            "bp-40": None,
            "bp-completion": "130/82",
            "oximetry-checks": 5,
            "sedation-onset": 30,
            "sedation-resolution": 75,
        }
        assert "40-minute BP (none from 10:35 to 10:50)" in [gap["words"] for gap in answer.json()["gaps"]]

    def test_lead_to_where_they_came_from(self, session, nurse):
        start = SessionEvent.objects.get(session=session, kind="start")
        origins = cell(nurse.form(), "lot-numbers")["origins"]
        assert (origins[0]["kind"], origins[0]["id"]) == ("entry", str(start.entry))

    def test_a_late_entry_fills_the_cell_a_doubtful_one_never(self, cast, session, nurse):
        doubtful = form_stage.chart(
            session, cast.gateway, 40, received_at=clock.now(), systolic=90, diastolic=94
        )
        assert cell(nurse.form(), "bp-40")["value"] is None
        late = form_stage.chart(session, cast.nurse, 44, received_at=clock.now(), systolic=150, diastolic=94)
        assert [one["id"] for one in cell(nurse.form(), "bp-40")["origins"]] == [str(late)]
        assert str(doubtful) not in nurse.form().content.decode()

    def test_halves_of_one_moment_are_one_pressure(self, cast, session, nurse):
        form_stage.chart(session, cast.gateway, 41, received_at=clock.now(), diastolic=94)
        form_stage.chart(session, cast.gateway, 41, received_at=clock.now(), systolic=150)
        assert cell(nurse.form(), "bp-40")["value"] == "150/94"

    def test_a_correction_counts_and_so_does_a_choice_of_what_was_corrected(self, cast, session, nurse):
        form_stage.chart(session, cast.nurse, 41, received_at=clock.now(), systolic=150, diastolic=94)
        other = form_stage.chart(session, cast.nurse, 52, received_at=clock.now(), systolic=160, diastolic=96)
        assert cell(nurse.answer("bp-40", str(other)), "bp-40")["value"] == "160/96"
        builders.correct(cast.nurse, other, clock.now(), systolic=166)
        assert cell(nurse.form(), "bp-40")["value"] == "166/96"

    def test_a_moved_start_moves_minutes_and_the_40_minute_one(self, cast, session, nurse):
        for minute, systolic in ((37, 140), (46, 150)):
            form_stage.chart(
                session, cast.nurse, minute, received_at=clock.now(), systolic=systolic, diastolic=90
            )
        assert cell(nurse.form(), "bp-40")["value"] == "140/90"
        for kind in ("dose", "start"):  # the later device first: a start cannot pass it
            event = SessionEvent.objects.get(session=session, kind=kind)
            at = (event.at + timedelta(minutes=7)).isoformat()
            body = json.dumps({"at": at, "reason": "The clock was slow"})
            path = f"/api/v1/entries/{event.entry}/correct/"
            assert nurse.client.post(path, body, content_type="application/json").status_code == 200
        answer = nurse.form()
        assert cell(answer, "total-minutes")["value"] == 120
        assert cell(answer, "bp-40")["value"] == "150/90"

    def test_an_earlier_session_here_says_that_it_is_not_the_first(self, cast, session, nurse, morning):
        earlier = form_stage.dosed(cast, morning - timedelta(days=3), chair="2")
        Session.objects.filter(pk=earlier.pk).update(patient_id=session.patient_id)
        assert cell(nurse.form(), "first-treatment")["value"] == "no"

    def test_a_symptom_from_its_onset_until_it_has_gone(self, cast, session, nurse):
        at = session.dose_started_at
        builders.act(
            cast.nurse,
            session,
            "symptom",
            at + timedelta(minutes=12),
            recorded_at=clock.now(),
            code="dissociation",
        )
        answer = nurse.form()
        assert cell(answer, "dissociation-onset")["value"] == 12
        assert cell(answer, "dissociation-resolved")["value"] == "no"

    def test_left_before_the_minimum_is_a_deviation(self, cast, now, morning):
        session = form_stage.dosed(cast, morning)
        builders.act(cast.nurse, session, "release", morning + timedelta(minutes=74), reason="Ride was there")
        answer = Caller(cast.nurse, session).form().json()
        assert answer["deviations"] == [
            "Left before the minimum, after 74 of at least 120 minutes: Ride was there"
        ]
        form = monitoring_form.form_of(treatments.session(cast.clinic.pk, session.id), at=now)
        assert "Left before the minimum" in pdf_text(form)
        assert "released" not in pdf_text(form).lower()


class TestVersions:
    def test_the_one_of_the_sessions_day_is_kept_by_its_filing(self, complete, session, monkeypatch):
        assert complete.file().json()["version"] == "2024-12"
        newer = FormVersion("2026-11", date(2026, 11, 23), shipped.FORM_2024_12.fields[:10])
        monkeypatch.setattr(shipped, "VERSIONS", (shipped.FORM_2024_12, newer))
        assert complete.form().json()["version"] == "2024-12"
        assert complete.form().json()["differs"] == []

    def test_an_unfiled_one_is_of_the_version_in_force(self, nurse, monkeypatch):
        newer = FormVersion("2026-11", date(2026, 11, 23), shipped.FORM_2024_12.fields[:10])
        monkeypatch.setattr(shipped, "VERSIONS", (shipped.FORM_2024_12, newer))
        assert nurse.form().json()["version"] == "2026-11"
        assert len(nurse.form().json()["cells"]) == 10


class TestAnswers:
    def test_are_entries_of_the_record_and_the_newest_counts(self, session, nurse):
        nurse.answer("acceptable-before", "no")
        answer = nurse.answer("acceptable-before", "yes")
        assert cell(answer, "acceptable-before")["value"] == "yes"
        kept = SessionEvent.objects.filter(session=session, kind="form-answer").order_by("version")
        assert [row.details["value"] for row in kept] == ["no", "yes"]
        assert kept[1].supersedes == kept[0]
        assert kept[0].text == "Monitoring form, Vital signs acceptable before administration: no"
        assert AuditEvent.objects.filter(session_id=session.id, act="form-answer").count() == 2

    def test_one_is_taken_back(self, nurse):
        nurse.answer("sedation", "no")
        answer = nurse.answer("sedation", None)
        assert (cell(answer, "sedation")["value"], cell(answer, "sedation")["instead_of"]) == ("yes", None)

    @pytest.mark.parametrize(
        ("field", "value", "named"),
        [
            ("total-minutes", "150", "field"),
            ("no-such-field", "yes", "field"),
            ("acceptable-before", "maybe", "value"),
            ("ready-without-minimum", "soon", "value"),
            ("bp-40", "00000000-0000-0000-0000-000000000000", "value"),
            ("signature", "Somebody Else", "value"),
        ],
    )
    def test_what_breaks_a_rule_is_refused_by_name(self, nurse, field, value, named):
        answer = nurse.answer(field, value)
        assert (answer.status_code, answer.json()["field"]) == (422, named)

    def test_a_pre_dose_pressure_is_not_chosen(self, session, nurse):
        before = cell(nurse.form(), "bp-before")["origins"][0]["id"]
        assert nurse.answer("bp-40", before).status_code == 422

    def test_a_signature_is_given_again_after_a_change(self, cast, session, complete):
        form_stage.chart(session, cast.nurse, 124, received_at=clock.now(), systolic=126, diastolic=80)
        answer = complete.form()
        assert (
            cell(answer, "signature")["missing"] == "signature (something changed since Nurse Nguyen signed)"
        )
        assert complete.answer("signature", "Nurse Nguyen").json()["gaps"] == []

    def test_not_for_a_session_that_has_not_begun(self, cast, now, morning):
        session = builders.scheduled(cast.nurse, cast.clinic, morning, protocol="nasal-esketamine")
        answer = Caller(cast.nurse, session).answer("acceptable-before", "yes")
        assert (answer.status_code, answer.json()["missing"]) == (409, ["a session that was begun"])


class TestFiling:
    def test_gaps_are_named_until_they_are_confirmed(self, session, nurse):
        refused = nurse.file(confirmation="PMF-1")
        assert refused.status_code == 409
        assert "40-minute BP (none from 10:35 to 10:50)" in refused.json()["missing"]
        assert not FormFiling.objects.exists()
        filed = nurse.file(confirmation="PMF-1", with_gaps=True)
        assert filed.status_code == 201
        [filing] = filed.json()["filings"]
        assert (filing["channel"], filing["confirmation"], filing["by"]) == (
            "portal",
            "PMF-1",
            "Nurse Nguyen",
        )

    def test_keeps_word_for_word_what_was_filed(self, session, complete):
        before = complete.form().json()
        complete.file()
        kept = FormFiling.objects.get(session=session)
        assert [(row["code"], row["value"], row["words"]) for row in kept.cells] == [
            (one["field"], one["value"], one["words"]) for one in before["cells"]
        ]
        [said] = AuditEvent.objects.filter(act=Act.FILE_FORM)
        assert (said.details["gaps"], said.details["digest"]) == (0, kept.digest)
        assert "Lindqvist" not in json.dumps(said.details)

    def test_the_same_again_is_the_same_filing(self, complete):
        first, second = (complete.file(confirmation="PMF-1").json()["filings"] for _ in range(2))
        assert first == second
        assert len(complete.file(confirmation="PMF-2").json()["filings"]) == 2

    def test_a_correction_afterwards_differs_and_says_where(self, cast, session, complete):
        complete.file()
        reading = cell(complete.form(), "bp-40")["origins"][0]["id"]
        builders.correct(cast.supervisor, reading, clock.now(), systolic=156)
        differs = {one["field"]: (one["filed"], one["now"]) for one in complete.form().json()["differs"]}
        assert differs["bp-40"] == ("150/94", "156/94")
        assert set(differs) == {"bp-40", "signature"}
        complete.answer("signature", "Nurse Nguyen")
        assert complete.file(channel="fax").json()["differs"] == []

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"filed_at": "2026-11-23T16:00:00Z"}, "filed_at"),
            ({"filed_at": "2027-01-01T00:00:00Z"}, "filed_at"),
            ({"filed_at": "2026-11-23T20:00:00"}, "filed_at"),
            ({"channel": "pigeon"}, "channel"),
            ({"confirmation": "x" * 81}, "confirmation"),
        ],
    )
    def test_what_breaks_a_rule_is_refused_by_name(self, complete, body, field):
        answer = complete.file(**body)
        assert answer.status_code == 422
        assert field in (answer.json().get("field"), *answer.json().get("fields", ()))

    def test_not_before_the_end(self, cast, now, morning):
        session = form_stage.dosed(cast, morning)
        answer = Caller(cast.nurse, session).file(with_gaps=True)
        assert (answer.status_code, answer.json()["missing"]) == (409, ["the end of the session"])

    def test_what_was_filed_cannot_be_changed(self, complete, session):
        complete.file()
        with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
            cursor.execute("UPDATE infusions_formfiling SET confirmation = 'x'")


class TestRoles:
    @pytest.mark.parametrize("role", ["nurse", "supervisor", "admin", "auditor"])
    def test_the_table_is_followed(self, cast, session, now, role):
        caller = Caller(getattr(cast, role), session)
        answered = {
            Act.SEE_FORMS: caller.form(),
            Act.ANSWER_FORM: caller.answer("acceptable-before", "yes"),
            Act.FILE_FORM: caller.file(with_gaps=True),
        }
        for act, answer in answered.items():
            assert (answer.status_code == 403) is (role not in MAY[act]), act

    @pytest.mark.parametrize(
        ("role", "answers", "files"),
        [("nurse", True, True), ("admin", False, True), ("auditor", False, False)],
    )
    def test_the_page_offers_what_the_role_may_do(self, cast, session, now, role, answers, files):
        page = Client()
        page.force_login(User.objects.get(pk=getattr(cast, role).user_id))
        html = page.get(f"/sessions/{session.id}/form/").content.decode()
        assert ("/form/answer/" in html) is answers
        assert ("/form/file/" in html) is files

    def test_only_nasal_sessions_have_a_form(self, cast, now, morning):
        session = builders.dosing(cast.nurse, cast.clinic, morning)
        answer = Caller(cast.nurse, session).form()
        assert (answer.status_code, answer.json()["message"]) == (409, monitoring_form.NO_FORM)
        page = Client()
        page.force_login(User.objects.get(pk=cast.nurse.user_id))
        assert monitoring_form.NO_FORM in page.get(f"/sessions/{session.id}/form/").content.decode()
        assert page.get(f"/sessions/{session.id}/form.pdf").status_code == 404
        assert page.get(f"/sessions/{session.id}/form/copy/").status_code == 404


class TestBoard:
    def lines(self, cast, **query):
        answer = Caller(cast.nurse).client.get("/api/v1/forms/", query)
        assert answer.status_code == 200
        return [
            (line["state"], line["due"] and line["due"]["urgency"], line["session"])
            for line in answer.json()["results"]
        ]

    def test_the_most_pressing_first(self, cast, now, morning):
        form_stage.complete_data(cast)
        ended = {
            days: str(form_stage.released(cast, morning - timedelta(days=days), chair=str(days + 1)).id)
            for days in (7, 6, 4, 3)
        }
        here = form_stage.dosed(cast, now - timedelta(minutes=20), chair="9")
        assert self.lines(cast) == [
            ("due", "red", ended[7]),
            ("due", "red", ended[6]),
            ("due", "amber", ended[4]),
            ("due", "plain", ended[3]),
            ("open", None, str(here.id)),
        ]
        assert [line[2] for line in self.lines(cast, state="open")] == [str(here.id)]

    def test_an_unknown_state_is_refused_by_name(self, cast, now):
        answer = Caller(cast.nurse).client.get("/api/v1/forms/", {"state": "lost"})
        assert (answer.status_code, answer.json()["field"]) == (422, "state")

    def test_a_filed_one_rests_until_something_of_it_changes(self, cast, session, complete):
        complete.file()
        assert self.lines(cast) == [("filed", None, str(session.id))]
        # neither of these is charted: the board must see them without an entry
        Patient.objects.filter(pk=session.patient_id).update(birth_date=date(1980, 1, 2))
        assert self.lines(cast) == [("differs", None, str(session.id))]
        Patient.objects.filter(pk=session.patient_id).update(birth_date=date(1980, 1, 1))
        Clinic.objects.filter(pk=cast.clinic.pk).update(zip_code="02111")
        assert self.lines(cast) == [("differs", None, str(session.id))]
        Clinic.objects.filter(pk=cast.clinic.pk).update(zip_code="02110")
        assert self.lines(cast) == [("filed", None, str(session.id))]

    def test_a_reading_that_came_after_the_filing_is_seen(self, cast, session, complete):
        complete.file()
        with clock.pinned(clock.now() + timedelta(minutes=5)):
            form_stage.chart(session, cast.nurse, 124, received_at=clock.now(), systolic=126, diastolic=80)
            assert self.lines(cast) == [("differs", None, str(session.id))]

    def test_what_rests_costs_no_query_of_its_own(
        self, cast, complete, session, now, django_assert_max_num_queries
    ):
        complete.file()
        board = Caller(cast.nurse)
        with django_assert_max_num_queries(14):
            board.client.get("/api/v1/forms/")
        for chair in (2, 3, 4):
            other = form_stage.released(
                cast, session.dose_started_at - timedelta(days=chair), chair=str(chair)
            )
            assert Caller(cast.nurse, other).file(with_gaps=True).status_code == 201
        with django_assert_max_num_queries(14):
            board.client.get("/api/v1/forms/")


def pdf_text(form):
    """The text of the PDF, in one line."""
    pages = pypdf.PdfReader(io.BytesIO(form_pdf.form_pdf(form))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


class TestPaper:
    def test_holds_every_cell_and_every_gap(self, cast, session, nurse, now):
        form = monitoring_form.form_of(treatments.session(cast.clinic.pk, session.id), at=now)
        text = pdf_text(form)
        cells = {one.code: one for one in form.cells}
        at = 0
        for field in form.version.fields:
            # in the form's order, each value beside its label
            label = " ".join(field.label.split())
            at = text.index(label, at)
            said = cells[field.code].missing or cells[field.code].words
            assert said in text[at : at + 400], field.code
        assert "Vigil never submits this form" in text

    def test_is_the_same_bytes_for_the_same_record(self, cast, session, now):
        def made(at):
            return form_pdf.form_pdf(
                monitoring_form.form_of(treatments.session(cast.clinic.pk, session.id), at=at)
            )

        assert made(now) == made(now + timedelta(days=2))
        before = made(now)
        form_stage.chart(session, cast.nurse, 41, received_at=now, systolic=150, diastolic=94)
        assert made(now) != before

    def test_is_tagged_and_dated_by_the_record(self, cast, session, now):
        received_at = now - timedelta(milliseconds=250)
        form_stage.chart(session, cast.nurse, 41, received_at=received_at, systolic=150, diastolic=94)
        form = monitoring_form.form_of(treatments.session(cast.clinic.pk, session.id), at=now)
        paper = pypdf.PdfReader(io.BytesIO(form_pdf.form_pdf(form)))
        root: Any = paper.trailer["/Root"]
        assert root["/MarkInfo"]["/Marked"]
        assert root["/Lang"] == "en"
        xmp = root["/Metadata"].get_data().decode()
        assert "pdfuaid" in xmp
        assert "pdfaid" in xmp
        assert paper.metadata is not None
        assert form.as_of == received_at
        assert paper.metadata.creation_date == received_at.replace(microsecond=0)

    def test_a_name_that_cannot_be_drawn_is_said_and_no_name_is_markup(self, cast, session, now):
        Patient.objects.filter(pk=session.patient_id).update(given_name="小明", family_name="王 #[x]*")
        form = monitoring_form.form_of(treatments.session(cast.clinic.pk, session.id), at=now)
        text = pdf_text(form)
        assert "may lack signs" in text
        assert "#[x]*" in text

    def test_its_name_is_no_patients(self, cast, session, now):
        page = Client()
        page.force_login(User.objects.get(pk=cast.auditor.user_id))
        answer = page.get(f"/sessions/{session.id}/form.pdf")
        assert answer["Content-Type"] == "application/pdf"
        assert "Lindqvist" not in answer["Content-Disposition"]
        assert AuditEvent.objects.filter(act="look", subject="form", session_id=session.id).exists()
