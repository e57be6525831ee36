"""Notices: what they say and do not say, how they are signed, when they are tried again."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from vitals import notices
from vitals.flagstates import FlagState
from vitals.notices import Channel, Notice

AT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
FLAG, SESSION, CHAIR, OWN = (UUID(int=number) for number in range(1, 5))
NOTICE = Notice(
    id=OWN,
    at=AT,
    cause="unacknowledged",
    flag=FLAG,
    session=SESSION,
    chair=CHAIR,
    chair_name="3",
    priority="high",
    step=2,
    url="https://vigil.example/sessions/1/",
)
TEST = Notice(id=OWN, at=AT, cause="test")
BACKOFF = [5.0, 30.0, 120.0]


def test_a_webhook_body_holds_ids_and_no_words():
    assert json.loads(notices.webhook_body(NOTICE)) == {
        "id": str(OWN),
        "event": "flag.escalated",
        "flag": str(FLAG),
        "session": str(SESSION),
        "chair": str(CHAIR),
        "priority": "high",
        "step": 2,
        "at": "2026-11-23T15:00:00+00:00",
        "url": "https://vigil.example/sessions/1/",
    }


def test_a_person_reads_chair_and_priority():
    assert notices.subject(NOTICE) == "Vigil: high flag, chair 3"
    assert notices.sentence(NOTICE) == "Nobody has taken it yet."
    assert "https://vigil.example/sessions/1/" in notices.text(NOTICE)
    assert json.loads(notices.push_body(NOTICE))["path"] == f"/sessions/{SESSION}/"


def test_a_test_says_that_it_is_one():
    assert notices.event(TEST) == "test"
    assert notices.subject(TEST) == "Vigil: test"
    assert "This is a test" in notices.text(TEST)
    assert json.loads(notices.webhook_body(TEST))["flag"] is None


def test_the_signature_is_over_time_and_body():
    """As any receiver would make it, with nothing but the standard library."""
    body = notices.webhook_body(NOTICE)
    stamp, mac = notices.signature("secret", body, AT).split(",")
    assert stamp == f"t={int(AT.timestamp())}"
    expected = hmac.new(b"secret", stamp.removeprefix("t=").encode() + b"." + body, hashlib.sha256)
    assert mac == f"v1={expected.hexdigest()}"
    assert notices.signature("secret", body, AT + timedelta(seconds=1)).split(",")[1] != mac
    assert notices.signature("secret", body + b" ", AT).split(",")[1] != mac


@pytest.mark.parametrize(
    ("attempts", "chance", "expected"),
    [
        (1, 0.5, 5.0),
        (1, 0.0, 4.0),
        (1, 1.0, 6.0),
        (2, 0.5, 30.0),
        (3, 0.5, 120.0),
        (4, 0.5, None),
    ],
)
def test_each_try_waits_longer_and_the_last_ends_it(attempts, chance, expected):
    wait = notices.next_try(attempts, BACKOFF, chance)
    assert wait == (None if expected is None else timedelta(seconds=expected))


def test_only_flags_that_wait_for_somebody_are_told_of():
    assert {FlagState.ACTIVE, FlagState.LATCHED} == notices.NEEDING


@pytest.mark.parametrize("channel", Channel)
def test_each_channel_has_a_warning_that_says_what_it_is_not(channel):
    assert "no alarm" in notices.WARNINGS[channel]
    assert len(notices.WARNINGS[channel]) <= 600
