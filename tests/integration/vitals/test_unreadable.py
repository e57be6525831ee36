"""What cannot be read is refused, kept once as it came, and shown with its reason."""

import json

import pytest
from django.test import Client

from clinic.models import Device, User
from clinic.tokens import issue_for_device
from tests import builders
from vitals.models import Quarantine

AT = "2026-11-23T10:05:00-05:00"


@pytest.fixture
def post(cast, morning):
    builders.dosing(cast.nurse, cast.clinic, morning)
    key = issue_for_device(Device.objects.get(pk=cast.gateway.device_id))

    def send(body):
        return Client().post(
            "/api/v1/readings/",
            body,
            content_type="application/json",
            headers={"Authorization": f"Token {key}"},
        )

    return send


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (b'{"measured_at": NaN}', 400, "not JSON"),
        (b"BP 120 over 80", 400, "not JSON"),
        (json.dumps({"measured_at": AT, "pulse": 70}).encode(), 422, "no field “pulse”"),
        (b'{"measured_at": "' + AT.encode() + b'", "chair": "\xff"}', 400, "not JSON"),
    ],
)
def test_it_is_kept_once_with_its_reason(post, body, status, reason):
    assert post(body).status_code == status
    assert post(body).status_code == status
    kept = Quarantine.objects.get()
    assert reason in kept.reason
    assert kept.sender == "Gateway"
    assert kept.body == body.decode(errors="replace")


def test_of_a_batch_only_what_cannot_be_read_is_kept(post, cast):
    good = {"chair": "1", "measured_at": AT, "spo2": 97}
    answer = post(json.dumps({"readings": [good, {**good, "measured_at": "today"}]}))
    assert (answer.status_code, answer.json()["accepted"]) == (201, 1)
    assert answer.json()["rejected"][0]["index"] == 1
    assert '"today"' in Quarantine.objects.get().body


def test_the_page_shows_it_to_those_it_is_open_to(post, cast):
    post(b"<vitals/>")
    client = Client()
    client.force_login(User.objects.get(pk=cast.supervisor.user_id))
    assert "&lt;vitals/&gt;" in client.get("/quarantine/").content.decode()
    client.force_login(User.objects.get(pk=cast.outsider.user_id))
    assert "vitals/" not in client.get("/quarantine/").content.decode()
    client.force_login(User.objects.get(pk=cast.nurse.user_id))
    assert client.get("/quarantine/").status_code == 403
