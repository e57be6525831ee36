"""Check-ins through the services: planned, sent at least once by one worker, answered once, reviewed."""

import json
import re
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client

from clinic import clock
from clinic.models import AuditEvent, Membership, User
from clinic.refusals import AccessDenied, Invalid, NotAllowed, NotFound
from clinic.tokens import issue_for_member
from sessions import follow_up_queries, queries, tasks
from sessions.models import FollowUp, FollowUpAnswer
from sessions.services import follow_ups
from tests import builders, processes
from vitals.demo.seed import seed

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WELL = {"mood": 7, "drove": False, "slept": True, "symptoms": [], "harm": False}
FORM = {"mood": "7", "drove": "no", "slept": "yes", "harm": "no"}
ADDRESS = "patient@example.org"


@pytest.fixture(autouse=True)
def _public_address(settings):
    settings.PUBLIC_URL = "https://vigil.example.org"


@pytest.fixture
def morning():
    """Some days ago by the clock: the pages read it."""
    return clock.now() - timedelta(hours=30)


def released(cast, at, **columns):
    """A session whose dose began at ``at``, released two hours later; its patient has an e-mail address."""
    session = builders.dosing(cast.nurse, cast.clinic, at)
    type(session.patient).objects.filter(pk=session.patient_id).update(**{"email": ADDRESS, **columns})
    for minute, name, details in (
        (40, "stop", {"reason": "planned end"}),
        (121, "readiness", {"items": {}, "escort": "A friend"}),
        (122, "release", {}),
    ):
        builders.act(cast.supervisor, session, name, at + timedelta(minutes=minute), **details)
    session.refresh_from_db()
    return session


@pytest.fixture
def session(cast, morning):
    return released(cast, morning)


@pytest.fixture
def first(session):
    return FollowUp.objects.get(session=session, kind="24h")


def sent_key(message=-1):
    [key] = re.findall(r"/check-in/([^/]+)/", mail.outbox[message].body)
    return key


def claimed(row, at):
    """A claim that succeeds."""
    sending = follow_ups.claim(row.id, at=at)
    assert sending is not None
    return sending


def send_due(at):
    for follow_up_id in follow_ups.offered(at):
        follow_ups.send(follow_up_id, at=at)


class TestPlanning:
    def test_a_release_plans_three_check_ins_in_its_own_transaction(self, session):
        planned = FollowUp.objects.filter(session=session).order_by("due_at")
        assert [(row.kind, row.due_at - session.ended_at) for row in planned] == [
            ("24h", DAY),
            ("day-3", 3 * DAY),
            ("day-7", 7 * DAY),
        ]
        assert all(row.key_hash is None for row in planned)
        assert AuditEvent.objects.filter(act="plan-follow-up", session_id=session.id).count() == 3

    def test_planning_again_changes_nothing(self, cast, session):
        follow_ups.plan(session, by=cast.nurse, known_at=session.ended_at)
        assert FollowUp.objects.filter(session=session).count() == 3

    def test_what_is_charted_after_the_end_moves_neither_end_nor_check_ins(self, cast, session):
        ended_at = session.ended_at
        builders.act(cast.nurse, session, "note", ended_at + HOUR, text="Telephoned")
        session.refresh_from_db()
        assert session.ended_at == ended_at
        assert FollowUp.objects.filter(session=session).count() == 3

    def test_an_early_end_plans_them_too(self, cast, morning):
        session = builders.dosing(cast.nurse, cast.clinic, morning)
        at = morning + timedelta(minutes=50)
        ends: tuple[tuple[str, dict[str, Any]], ...] = (
            ("stop", {"reason": "Patient asked"}),
            ("readiness", {"items": {}, "escort": "A friend"}),
            ("release", {"reason": "Patient asked", "signature": "Supervisor"}),
        )
        for minute, (name, details) in enumerate(ends):
            builders.act(cast.supervisor, session, name, at + timedelta(minutes=minute), **details)
        assert FollowUp.objects.filter(session=session).count() == 3

    @pytest.mark.parametrize("act", ["cancel", "transfer"])
    def test_who_does_not_go_home_is_not_asked(self, cast, morning, act):
        session = builders.checked_in(cast.nurse, cast.clinic, morning)
        builders.act(cast.nurse, session, act, morning + HOUR, reason="test")
        assert not FollowUp.objects.exists()

    def test_history_asks_nobody(self, cast, morning):
        session = builders.dosing(cast.nurse, cast.clinic, morning - 30 * DAY)
        at = morning - 30 * DAY + HOUR
        for name, details in (("stop", {"reason": "x"}), ("readiness", {"items": {}, "escort": "x"})):
            builders.act(cast.supervisor, session, name, at, recorded_at=morning, **details)
        end = at + 2 * HOUR
        builders.act(cast.supervisor, session, "release", end, recorded_at=morning, reason="x")
        assert not FollowUp.objects.exists()


class TestSending:
    def test_only_what_is_due_is_sent_and_once(self, first):
        send_due(first.due_at - timedelta(seconds=1))
        assert mail.outbox == []
        send_due(first.due_at)
        send_due(first.due_at + HOUR)
        assert [message.to for message in mail.outbox] == [[ADDRESS]]
        first.refresh_from_db()
        assert (first.sent_at, first.channel, first.trouble) == (first.due_at, "e-mail", "")
        assert first.expires_at == first.due_at + 2 * DAY

    def test_the_message_names_no_patient_no_clinic_and_no_treatment(self, session, first):
        send_due(first.due_at)
        [message] = mail.outbox
        said = f"{message.subject} {message.body}".lower()
        for word in (session.patient.family_name, session.patient.mrn, "harbor", "ketamine", "infusion"):
            assert word.lower() not in said
        assert "nobody reads the answers at once" in said
        assert "call your local emergency number" in said

    def test_only_the_hash_of_the_key_is_kept(self, first):
        send_due(first.due_at)
        first.refresh_from_db()
        assert sent_key() not in str(list(FollowUp.objects.values()))
        assert len(first.key_hash) == 64

    def test_a_patient_without_an_address_is_trouble_that_ends_by_itself(self, session, first):
        patient = session.patient
        type(patient).objects.filter(pk=patient.pk).update(email="", phone="")
        send_due(first.due_at)
        first.refresh_from_db()
        assert (first.trouble, first.sent_at, first.key_hash) == ("no address", None, None)
        type(patient).objects.filter(pk=patient.pk).update(email=ADDRESS)
        send_due(first.due_at + timedelta(minutes=5))
        first.refresh_from_db()
        assert (first.trouble, len(mail.outbox)) == ("", 1)

    def test_without_a_public_address_nothing_is_sent(self, settings, first):
        settings.PUBLIC_URL = ""
        send_due(first.due_at)
        first.refresh_from_db()
        assert "PUBLIC_URL" in first.trouble
        assert mail.outbox == []

    def test_a_link_that_could_not_go_out_in_time_is_left_to_people(self, cast, first):
        at = first.due_at + 2 * DAY
        assert first.id not in follow_ups.offered(at)
        view = follow_up_queries.one(cast.clinic.pk, first.id, at=at)
        assert (view.standing, view.needs_someone) == ("no answer", True)

    def test_a_mail_server_that_refuses_is_tried_again_and_no_address_is_logged(
        self, monkeypatch, caplog, first
    ):
        def refuse(*_, **__):
            raise OSError(f"no such mailbox {ADDRESS}")

        with monkeypatch.context() as patch:
            patch.setattr("sessions.messages.send", refuse)
            send_due(first.due_at)
        first.refresh_from_db()
        assert first.trouble == "e-mail could not be sent: OSError"
        assert ADDRESS not in caplog.text
        assert str(first.id) in caplog.text
        send_due(first.due_at + timedelta(minutes=5))
        assert len(mail.outbox) == 1

    def test_by_sms_through_the_plug_in_where_there_is_no_e_mail(self, settings, session, first):
        settings.SMS_BACKEND = f"{__name__}.Sms"
        type(session.patient).objects.filter(pk=session.patient_id).update(email="", phone="+1 555 0100")
        Sms.taken.clear()
        send_due(first.due_at)
        [(to, text)] = Sms.taken
        assert to == "+1 555 0100"
        assert "/check-in/" in text
        first.refresh_from_db()
        assert first.channel == "sms"

    def test_a_worker_killed_between_claim_and_mark_leaves_it_to_the_next(self, first):
        dead = claimed(first, first.due_at)
        before = first.due_at + timedelta(minutes=5) - timedelta(seconds=1)
        assert follow_ups.offered(before) == []
        assert follow_ups.claim(first.id, at=before) is None
        send_due(first.due_at + timedelta(minutes=5))
        assert len(mail.outbox) == 1
        with pytest.raises(NotFound):
            follow_ups.open_check_in(dead.key, at=first.due_at + timedelta(minutes=6))
        assert follow_ups.open_check_in(sent_key(), at=first.due_at + timedelta(minutes=6)) == first

    def test_one_that_was_slow_and_lost_its_claim_marks_nothing(self, first):
        slow = claimed(first, first.due_at)
        later = first.due_at + timedelta(minutes=5)
        quick = claimed(first, later)
        follow_ups.sent(slow, channel="e-mail", at=later)
        first.refresh_from_db()
        assert first.sent_at is None
        follow_ups.sent(quick, channel="e-mail", at=later)
        first.refresh_from_db()
        assert first.sent_at == later

    def test_a_task_carries_an_id_and_nothing_else(self, monkeypatch, first):
        sent = []
        monkeypatch.setattr(clock, "now", lambda: first.due_at)
        monkeypatch.setattr(tasks.send_follow_up, "apply_async", lambda **how: sent.append(how))
        tasks.send_follow_ups()
        assert sent == [{"kwargs": {"follow_up_id": str(first.id)}, "expires": 60}]
        tasks.send_follow_up(str(first.id))
        assert len(mail.outbox) == 1


class Sms:
    """A plug-in as a clinic would name it."""

    taken: list[tuple[str, str]] = []

    def send(self, to, text):
        self.taken.append((to, text))


def test_two_workers_at_once_send_one_message(committed_db, monkeypatch, morning):
    session = released(builders.cast(), morning)
    first = FollowUp.objects.get(session=session, kind="24h")
    began = threading.Barrier(2, timeout=30)

    def work():
        began.wait()
        send_due(first.due_at)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(mail.outbox) == 1
    first.refresh_from_db()
    assert first.sent_at == first.due_at


KILLED = """
import django, sys, time
django.setup()
from datetime import datetime
from uuid import UUID
from sessions import messages
from sessions.services import follow_ups
def hang(*_, **__):
    print("under way", flush=True)
    time.sleep(600)
messages.send = hang
follow_ups.send(UUID({id!r}), at=datetime.fromisoformat({at!r}))
"""


@pytest.mark.faults
def test_a_worker_killed_while_it_sends_is_followed_by_another(committed_db, morning, tmp_path):
    session = released(builders.cast(), morning)
    first = FollowUp.objects.get(session=session, kind="24h")
    script = KILLED.format(id=str(first.id), at=first.due_at.isoformat())
    more = {"DJANGO_SETTINGS_MODULE": "clinic.settings", "PUBLIC_URL": "https://vigil.example.org"}
    worker = processes.Part("worker", ["-c", script], processes.environment(**more), tmp_path / "worker.log")
    with processes.running(worker):
        processes.wait_for(lambda: "under way" in worker.said(), what="a message under way")
        worker.kill()
    first.refresh_from_db()
    assert (first.claimed_at, first.sent_at) == (first.due_at, None)
    send_due(first.due_at + timedelta(minutes=4))
    assert mail.outbox == []
    send_due(first.due_at + timedelta(minutes=5))
    assert len(mail.outbox) == 1


class TestTheLink:
    @pytest.fixture
    def key(self, first):
        send_due(first.due_at)
        return sent_key()

    def page(self, key, form=None):
        browser = Client(enforce_csrf_checks=True)
        path = f"/check-in/{key}/"
        return browser.get(path) if form is None else browser.post(path, form)

    def test_asks_without_sign_in_script_or_name(self, session, key):
        answer = self.page(key)
        assert answer.status_code == 200
        said = answer.content.decode()
        assert session.patient.family_name not in said
        assert session.patient.mrn not in said
        assert "Nobody reads this at once" in said
        assert "call your local emergency number" in said
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert "sessionid" not in answer.cookies
        assert "csrftoken" not in answer.cookies

    def test_shows_the_clinics_own_crisis_words(self, session, key):
        words = "Harbor crisis line 555 0199, day and night"
        type(session.clinic).objects.filter(pk=session.clinic_id).update(crisis_words=words, phone="555 0100")
        said = self.page(key).content.decode()
        assert words in said
        assert 'href="tel:555 0100"' in said

    def test_is_answered_once(self, first, key):
        done = self.page(key, FORM)
        assert done.status_code == 200
        assert "Your answers are sent" in done.content.decode()
        kept = FollowUpAnswer.objects.get()
        assert (kept.follow_up, kept.answers, kept.worries) == (first, WELL, [])
        again = self.page(key, {**FORM, "mood": "1"})
        assert again.status_code == 404
        assert FollowUpAnswer.objects.get().answers == WELL
        assert self.page(key).status_code == 404

    def test_keeps_what_was_chosen_while_a_question_is_open(self, key):
        answer = self.page(key, {"mood": "7", "symptoms": ["vomiting"]})
        assert answer.status_code == 422
        said = answer.content.decode()
        assert "3 questions are still open" in said
        assert re.search(r'name="mood" value="7" checked', said)
        assert re.search(r'name="symptoms" value="vomiting" checked', said)
        assert not FollowUpAnswer.objects.exists()

    def test_thoughts_of_self_harm_are_answered_with_what_to_do_now(self, key):
        said = self.page(key, {**FORM, "harm": "yes"}).content.decode()
        assert "talk to somebody now" in said
        assert FollowUpAnswer.objects.get().worries == ["thoughts of harming oneself"]

    def test_an_expired_a_used_and_a_guessed_link_are_the_same_page(self, first, key):
        guessed = self.page("A" * 43)
        odd = self.page("no-key-at-all")
        FollowUp.objects.filter(pk=first.pk).update(expires_at=clock.now())
        expired = self.page(key)
        posted = self.page(key, FORM)
        FollowUp.objects.filter(pk=first.pk).update(expires_at=clock.now() + HOUR)
        self.page(key, FORM)
        used = self.page(key)
        answers = [guessed, odd, expired, posted, used]
        assert {answer.status_code for answer in answers} == {404}
        assert len({answer.content for answer in answers}) == 1
        assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}

    def test_two_taps_at_once_keep_one_answer(self, first, key):
        follow_ups.answer(key, WELL, at=first.due_at)
        with pytest.raises(NotFound):
            follow_ups.answer(key, WELL, at=first.due_at)

    def test_the_audit_counts_worries_and_repeats_no_answer(self, first, key):
        follow_ups.answer(key, {**WELL, "harm": True}, at=first.due_at)
        row = AuditEvent.objects.get(act="answer-follow-up")
        assert row.details == {"kind": "24h", "worries": 1}


class TestStaff:
    @pytest.fixture
    def overdue(self, first):
        return first.due_at + DAY

    def test_an_overdue_check_in_is_closed_by_words(self, cast, first, overdue):
        views = follow_up_queries.follow_ups(cast.clinic.pk, at=overdue)
        assert [view.row for view in views if view.needs_someone] == [first]
        follow_ups.review(by=cast.nurse, follow_up_id=first.id, text=" Telephoned, well ", at=overdue)
        view = follow_up_queries.one(cast.clinic.pk, first.id, at=overdue)
        assert (view.standing, view.needs_someone) == ("reviewed", False)
        assert [(one.by_name, one.text) for one in view.reviews] == [("Nurse", "Telephoned, well")]

    def test_worrying_answers_stand_on_top_with_self_harm_first(self, cast, first, overdue):
        other = released(cast, first.session.dose_started_at + timedelta(minutes=130))
        third = released(cast, first.session.dose_started_at + timedelta(minutes=260))
        send_due(overdue)
        for session, changed in ((other, {"drove": True}), (third, {"harm": True})):
            row = FollowUp.objects.get(session=session, kind="24h")
            follow_ups.resend(by=cast.nurse, follow_up_id=row.id, at=overdue)
            follow_ups.answer(claimed(row, overdue).key, {**WELL, **changed}, at=overdue)
        views = follow_up_queries.follow_ups(cast.clinic.pk, at=overdue)
        top = [(view.row.session_id, view.look) for view in views[:3]]
        assert top == [(third.id, "high"), (other.id, "medium"), (first.session_id, "technical")]

    def test_one_nobody_looked_at_stays_however_old_it_is(self, cast, first):
        views = follow_up_queries.follow_ups(cast.clinic.pk, at=first.due_at + 90 * DAY)
        assert [view.standing for view in views] == ["no answer"] * 3

    def test_a_new_link_is_sent_and_the_old_one_is_dead(self, cast, first, overdue):
        send_due(first.due_at)
        old = sent_key()
        follow_ups.resend(by=cast.nurse, follow_up_id=first.id, at=overdue)
        with pytest.raises(NotFound):
            follow_ups.open_check_in(old, at=overdue)
        send_due(overdue)
        assert follow_ups.open_check_in(sent_key(), at=overdue + HOUR) == first

    def test_what_is_answered_is_not_sent_again(self, cast, first, overdue):
        send_due(first.due_at)
        follow_ups.answer(sent_key(), WELL, at=first.due_at)
        with pytest.raises(NotAllowed, match="answered already"):
            follow_ups.resend(by=cast.nurse, follow_up_id=first.id, at=overdue)

    def test_nothing_is_reviewed_or_sent_before_its_time(self, cast, first):
        early = first.due_at - HOUR
        with pytest.raises(NotAllowed, match="not due yet"):
            follow_ups.review(by=cast.nurse, follow_up_id=first.id, text="x", at=early)
        with pytest.raises(NotAllowed, match="not due yet"):
            follow_ups.resend(by=cast.nurse, follow_up_id=first.id, at=early)

    def test_who_may(self, cast, first, overdue):
        for who in (cast.admin, cast.auditor):
            with pytest.raises(AccessDenied):
                follow_ups.review(by=who, follow_up_id=first.id, text="x", at=overdue)
        with pytest.raises(NotFound):
            follow_ups.review(by=cast.outsider, follow_up_id=first.id, text="x", at=overdue)
        with pytest.raises(NotFound):
            follow_ups.resend(by=cast.outsider, follow_up_id=first.id, at=overdue)
        with pytest.raises(Invalid, match="say what was done"):
            follow_ups.review(by=cast.nurse, follow_up_id=first.id, text="  ", at=overdue)

    def test_answers_count_over_the_course(self, session, first):
        send_due(first.due_at)
        follow_ups.answer(sent_key(), WELL, at=first.due_at)
        [result] = queries.follow_up_results(session.course_id)
        assert (result.session_id, result.kind, result.answers) == (session.id, "24h", WELL)
        assert queries.follow_up_results(session.id) == []


def test_over_the_api(cast, first):
    FollowUp.objects.filter(pk=first.pk).update(due_at=clock.now() - 25 * HOUR)
    member = Membership.objects.get(user_id=cast.nurse.user_id)
    nurse = Client(headers={"Authorization": f"Token {issue_for_member(member, expires_at=None)}"})
    listed = nurse.get("/api/v1/follow-ups/").json()
    assert listed["need_someone"] == 1
    assert (listed["results"][0]["id"], listed["results"][0]["standing"]) == (str(first.id), "no answer")

    def post(name, body):
        path = f"/api/v1/follow-ups/{first.id}/{name}/"
        return nurse.post(path, json.dumps(body), content_type="application/json")

    assert post("resend", {}).json()["sent_at"] is None
    assert post("review", {}).status_code == 422
    reviewed = post("review", {"text": "Telephoned"})
    assert reviewed.status_code == 201
    assert reviewed.json()["standing"] == "reviewed"
    assert nurse.get("/api/v1/follow-ups/").json()["need_someone"] == 0


def test_today_says_how_many_need_someone(cast, first):
    nurse = Client()
    nurse.force_login(User.objects.get(pk=cast.nurse.user_id))
    assert 'href="/follow-ups/"' not in nurse.get("/today/").content.decode().split('id="today"')[1]
    FollowUp.objects.filter(pk=first.pk).update(due_at=clock.now() - 25 * HOUR)
    assert "1 follow-up needs someone" in nurse.get("/today/").content.decode()


def test_the_demo_has_one_worrying_answer_and_one_that_is_missing(db, morning, tmp_path, monkeypatch):
    monkeypatch.setenv("DEMO_FOLDER", str(tmp_path))
    monkeypatch.setenv("SIMULATE_CONFIG", str(tmp_path / "simulate.json"))
    clinic = seed(morning).clinic
    views = follow_up_queries.follow_ups(clinic.pk, at=morning)
    assert [view.standing for view in views if view.needs_someone] == ["worrying answer", "no answer"]
    assert views[0].answer is not None
    assert views[0].answer.worries == ["drove before sleeping", "still there: vomiting"]
    # nothing of it is left for the demo's worker to send at once
    assert follow_ups.offered(morning) == []
