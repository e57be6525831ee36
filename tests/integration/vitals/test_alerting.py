"""Switching alerting on and off, where it goes, and who may: over the API."""

import ipaddress
from datetime import timedelta

import pytest
from rest_framework.test import APIClient

from clinic.clock import now
from clinic.models import AuditEvent, Membership
from clinic.tokens import issue_for_member
from tests import builders, notify_stage
from tests.notify_stage import Browser, receiver
from vitals import alerting
from vitals.models import AlertingSwitch, AlertTarget, Notification
from vitals.notices import WARNINGS, Channel
from vitals.services import notifying

ALERTING = "/api/v1/alerting/"


@pytest.fixture(autouse=True)
def _loopback(settings):
    settings.NOTIFY_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]


@pytest.fixture
def signed(cast, morning):
    notify_stage.sign_limits(cast.supervisor, morning)
    return cast


class Caller:
    def __init__(self, principal):
        self.client = APIClient()
        key = issue_for_member(Membership.objects.get(user_id=principal.user_id), expires_at=None)
        self.client.credentials(HTTP_AUTHORIZATION=f"Token {key}")

    def post(self, path, body=None):
        return self.client.post(path, body or {}, format="json")

    def get(self, path=ALERTING):
        return self.client.get(path)

    def switch(self, channel, on=True, warning=None):
        body = {"on": on, "warning": WARNINGS[Channel(channel)] if warning is None else warning}
        return self.post(f"{ALERTING}switches/{channel}/", body)


@pytest.fixture
def supervisor(signed):
    return Caller(signed.supervisor)


@pytest.fixture
def nurse(signed):
    return Caller(signed.nurse)


class TestSwitches:
    def test_everything_is_off_at_first(self, cast):
        settings = alerting.settings(cast.clinic.pk)
        assert not any(settings.is_on(channel) for channel in Channel)
        assert not settings.sound_allowed
        assert settings.outside == ()

    @pytest.mark.parametrize("channel", Channel)
    def test_on_is_refused_while_limits_in_use_are_signed_by_nobody(self, cast, morning, channel):
        builders.signed_limits(cast.supervisor, morning, protocol="iv-ketamine")
        answer = Caller(cast.supervisor).switch(channel)
        assert answer.status_code == 409
        [missing] = answer.json()["missing"]
        assert "version 1 of the limits is signed by nobody" in missing
        assert not AlertingSwitch.objects.exists()

    def test_on_keeps_who_when_and_the_warning_word_for_word(self, supervisor, signed):
        answer = supervisor.switch("sound")
        assert answer.status_code == 200
        sound = answer.json()["channels"][0]
        assert (sound["channel"], sound["on"], sound["allowed"]) == ("sound", True, True)
        assert (sound["by"], sound["accepted"]) == (signed.supervisor.name, WARNINGS[Channel.SOUND])
        assert alerting.settings(signed.clinic.pk).sound_allowed
        audited = AuditEvent.objects.get(act="manage-alerting")
        assert audited.details == {"channel": "sound", "on": True}

    def test_another_text_than_the_one_shown_is_not_accepted(self, supervisor):
        answer = supervisor.switch("email", warning="I agree.")
        assert (answer.status_code, answer.json()["field"]) == (422, "warning")

    def test_off_needs_no_warning_and_keeps_what_was_before(self, supervisor, signed):
        supervisor.switch("push")
        assert supervisor.switch("push", on=False, warning="").status_code == 200
        assert not alerting.settings(signed.clinic.pk).is_on(Channel.PUSH)
        assert AlertingSwitch.objects.filter(channel="push").count() == 2

    def test_a_draft_that_nobody_has_signed_holds_nothing_back(self, supervisor, signed, morning):
        supervisor.switch("sound")
        builders.draft(signed.supervisor, morning)
        settings = alerting.settings(signed.clinic.pk)
        assert settings.is_on(Channel.SOUND)
        assert settings.sound_allowed
        assert supervisor.get().json()["channels"][0]["allowed"] is True

    def test_one_clinics_switch_is_not_anothers(self, supervisor, signed):
        supervisor.switch("sound")
        assert not alerting.settings(signed.other_clinic.pk).is_on(Channel.SOUND)

    def test_a_channel_that_is_none(self, supervisor):
        assert supervisor.post(f"{ALERTING}switches/smoke/", {"on": False}).status_code == 404

    def test_a_nurse_reads_and_does_not_switch(self, nurse):
        assert nurse.get().status_code == 200
        assert nurse.switch("sound").status_code == 403


class TestTargets:
    def test_ones_own_mail_replaces_the_one_before(self, nurse, signed):
        for address in ("a@harbor.test", "a@harbor.test", "b@harbor.test"):
            assert nurse.post(f"{ALERTING}email/", {"address": address}).status_code == 201
        live = AlertTarget.objects.filter(ended_at=None)
        assert [row.address for row in live] == ["b@harbor.test"]
        assert AlertTarget.objects.count() == 2

    def test_a_colleague_does_not_see_the_address(self, nurse, supervisor):
        nurse.post(f"{ALERTING}email/", {"address": "a@harbor.test"})
        assert "a@harbor.test" in nurse.get().content.decode()
        assert "a@harbor.test" not in supervisor.get().content.decode()

    def test_a_webhooks_secret_is_shown_once(self, supervisor, nurse):
        with receiver() as taken:
            made = supervisor.post(f"{ALERTING}webhooks/", {"name": "Pager", "url": taken.url})
        assert made.status_code == 201
        assert len(made.json()["secret"]) > 40
        assert made.json()["secret"] not in supervisor.get().content.decode()
        assert taken.url in supervisor.get().content.decode()
        assert taken.url not in nurse.get().content.decode()

    def test_a_webhook_that_would_reach_inside_is_refused(self, supervisor, settings):
        settings.NOTIFY_NETWORKS = []
        for url in ("https://127.0.0.1/", "https://10.0.0.1/x", "http://127.0.0.1/", "nonsense"):
            answer = supervisor.post(f"{ALERTING}webhooks/", {"name": "In", "url": url})
            assert (answer.status_code, answer.json()["field"]) == (422, "url"), url

    def test_a_browser_is_kept_once_and_passes_to_who_uses_it_now(self, nurse, supervisor, signed):
        body = {"endpoint": "https://127.0.0.1:9/push/1", "keys": Browser().keys, "name": "Tablet"}
        for caller in (nurse, nurse, supervisor):
            assert caller.post(f"{ALERTING}browser/", body).status_code == 201
        live = AlertTarget.objects.filter(ended_at=None)
        assert [row.user_id for row in live] == [signed.supervisor.user_id]
        assert AlertTarget.objects.count() == 2
        assert "127.0.0.1:9" not in supervisor.get().content.decode()

    @pytest.mark.parametrize(
        "keys", [{"p256dh": "AAAA", "auth": Browser().keys["auth"]}, {**Browser().keys, "auth": "AAAA"}]
    )
    def test_keys_that_are_none(self, nurse, keys):
        body = {"endpoint": "https://127.0.0.1:9/push/1", "keys": keys}
        answer = nurse.post(f"{ALERTING}browser/", body)
        assert (answer.status_code, answer.json()["field"]) == (422, "keys")

    def test_ones_own_is_ended_by_oneself_or_by_a_manager(self, nurse, supervisor, signed):
        made = nurse.post(f"{ALERTING}email/", {"address": "a@harbor.test"}).json()
        theirs = supervisor.post(f"{ALERTING}email/", {"address": "s@harbor.test"}).json()
        assert nurse.post(f"{ALERTING}targets/{theirs['id']}/end/").status_code == 403
        assert supervisor.post(f"{ALERTING}targets/{made['id']}/end/").status_code == 200
        assert supervisor.post(f"{ALERTING}targets/{made['id']}/end/").status_code == 404
        assert nurse.post(f"{ALERTING}email/", {"address": "a@harbor.test"}).json()["id"] != made["id"]

    def test_an_auditor_has_no_notifications_of_their_own(self, signed):
        auditor = Caller(signed.auditor)
        assert auditor.post(f"{ALERTING}email/", {"address": "a@harbor.test"}).status_code == 403
        assert auditor.get().status_code == 200


class TestTests:
    def test_a_test_goes_out_also_while_everything_is_off(self, cast):
        caller = Caller(cast.supervisor)
        with receiver(500, 200) as taken:
            hook = caller.post(f"{ALERTING}webhooks/", {"name": "Pager", "url": taken.url}).json()
            path = f"{ALERTING}targets/{hook['id']}/test/"
            assert caller.post(path).status_code == 201
            # one on its way is enough
            assert caller.post(path).status_code == 409
            [target_id] = notifying.offered()
            notifying.send_next(target_id)
            assert caller.post(path).status_code == 409
            Notification.objects.update(due_at=now() - timedelta(hours=1))
            AlertTarget.objects.update(rests_until=None)
            assert notifying.send_next(target_id)
            assert caller.post(path).status_code == 201
        assert [post.json["event"] for post in taken.posts] == ["test", "test"]
        assert {post.json["flag"] for post in taken.posts} == {None}


class TestNotifications:
    def test_dead_ones_are_listed_with_reason_and_tries_and_sent_again(self, supervisor, signed, settings):
        settings.NOTIFY_BACKOFF_S = []
        notify_stage.switch_on(signed.supervisor, now(), Channel.WEBHOOK)
        with receiver(503) as taken:
            hook = supervisor.post(f"{ALERTING}webhooks/", {"name": "Pager", "url": taken.url}).json()
            flag = notify_stage.high_flag(signed, now() - timedelta(minutes=2))
            notify_stage.told(flag, now())
            notifying.send_next(hook["id"])
        told = supervisor.get("/api/v1/notifications/?state=dead").json()
        assert (told["dead"], told["waiting"]) == (1, 0)
        [row] = told["results"]
        assert (row["trouble"], row["attempts"], row["to"]) == ("answered 503", 1, "Pager")
        assert row["flag"] == str(flag.id)
        again = f"/api/v1/notifications/{row['id']}/send-again/"
        assert Caller(signed.nurse).post(again).status_code == 403
        assert supervisor.post(again).json()["state"] == "waiting"
        assert supervisor.post(again).status_code == 409

    def test_a_state_that_is_none(self, supervisor):
        assert supervisor.get("/api/v1/notifications/?state=lost").status_code == 422
