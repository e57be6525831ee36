"""Limits tried on past sessions: what is run, what it finds, who may, and workers that die or are stopped."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models.functions import Now
from django.test import Client
from kombu.exceptions import OperationalError

from clinic.models import AuditEvent, Membership
from clinic.refusals import AccessDenied, Invalid, NotAllowed, NotFound
from clinic.tokens import issue_for_member
from tests import builders
from vitals import tasks
from vitals.comparing import KnownKind, sum_up
from vitals.limits import EXAMPLE_RULES
from vitals.models import Flag, LimitReplay, LimitReplayResult, LimitRule, LimitSet, Reading
from vitals.services import flags, limit_replays, watch
from vitals.services.limit_sets import current_limit_set_id, write_rules
from vitals.services.past_sessions import known_events

CALM: dict[str, Any] = {"heart_rate": 70, "respiratory_rate": 14, "spo2": 98, "sedation": 5}
CRISIS = ((30, 195, 101), (36, 194, 100), (46, 176, 98), (56, 158, 92))


@pytest.fixture
def at(morning):
    return lambda minutes: morning + timedelta(minutes=minutes)


class Stage:
    """Harbor on one morning: sessions that are over, drafts, and replays that are asked for."""

    def __init__(self, cast, at):
        self.cast, self.at = cast, at
        self.day = at(0).date()

    def session(self, *sets, chair="1", taken=None, before=0, ends=150):
        """An infusion, watched each half minute, calm every ten minutes but for these sets, and over."""
        nurse = self.cast.nurse
        begun = self.at(before)
        session = builders.dosing(nurse, self.cast.clinic, begun, chair=chair)
        told = {minute: (systolic, diastolic) for minute, systolic, diastolic in sets}
        minutes = sorted({*told, *(m for m in range(10, ends, 10) if not any(abs(m - t) < 6 for t in told))})
        passed = 0.0
        for minute in minutes:
            passed = self.watched(passed, minute, before)
            systolic, diastolic = told.get(minute, (124, 78))
            reading = {"systolic": systolic, "diastolic": diastolic, **CALM}
            builders.record(builders.incoming(nurse, session, begun + timedelta(minutes=minute), **reading))
            if taken and minute == taken[0]:
                flag = Flag.objects.get(session=session, condition="bp-high")
                taken_at = begun + timedelta(minutes=minute, seconds=20)
                flags.acknowledge(by=nurse, flag_id=flag.id, action=taken[1], at=taken_at)
        self.watched(passed, ends, before)
        builders.act(nurse, session, "transfer", begun + timedelta(minutes=ends), reason="test")
        return session

    def watched(self, since, until, before):
        passed = since
        while passed + 0.5 <= until:
            passed += 0.5
            watch.look_at_due_rows(at=self.at(before) + timedelta(minutes=passed))
        return passed

    def draft(self, *without):
        """A draft without the rows of these codes."""
        row = LimitSet.objects.create(
            clinic=self.cast.clinic, protocol_code="iv-ketamine", version=2, name="Draft", made_by="A. Reed"
        )
        write_rules(row, [rule for rule in EXAMPLE_RULES if rule.code not in without])
        return row

    def ask(self, limit_set, by=None, **how):
        days = {"from_day": self.day, "until_day": self.day, "at": self.at(500)} | how
        return limit_replays.ask(by=by or self.cast.supervisor, limit_set_id=limit_set.pk, **days)


@pytest.fixture
def clinic(cast, at):
    return Stage(cast, at)


HIGH_BP = ("BP-2", "BP-3", "BP-4", "BP-5", "BP-6", "BP-7")


def work_off(replay, at):
    while limit_replays.work(replay.id, at=at):
        pass
    replay.refresh_from_db()
    return replay


def sum_of(replay):
    return sum_up(limit_replays.ran(replay).results)


def test_the_clinics_own_limits_give_the_flags_that_were_raised_then(clinic, at):
    session = clinic.session(*CRISIS)
    recorded = Flag.objects.filter(session=session, activated_at__isnull=False).order_by("opened_at")
    assert [(one.condition, one.peak) for one in recorded if one.peak != "low"] == [("bp-high", "high")]
    limits = LimitSet.objects.get(pk=current_limit_set_id(clinic.cast.clinic.pk, "iv-ketamine"))
    replay = work_off(clinic.ask(limits), at(600))
    [compared] = limit_replays.ran(replay).results.values()
    told = sorted((one.condition, one.priority.value, one.at) for one in compared.tried.flags)
    assert told == sorted((one.condition, one.peak, one.activated_at) for one in recorded)
    assert compared.beside == compared.tried


def test_a_draft_beside_what_the_sessions_had(clinic, at):
    session = clinic.session(*CRISIS, taken=(36, "Prescriber told"))
    calm = clinic.session(chair="2")
    replay = work_off(clinic.ask(clinic.draft(*HIGH_BP)), at(600))
    assert (replay.state, replay.done, replay.ended_at) == ("done", 2, at(600))
    total = sum_of(replay)
    assert (total.sessions, total.beside.high, total.tried.asking) == (2, 1, 0)
    assert [(id_, seen.known.kind, seen.beside) for id_, seen in total.missed] == [
        (session.id, KnownKind.ACTED, True)
    ]
    assert [id_ for id_, _ in total.dropped] == [session.id]
    assert set(limit_replays.ran(replay).results) == {session.id, calm.id}


def test_known_is_what_led_to_an_action_or_was_high_and_nothing_corrected(clinic, at):
    claimed = clinic.session(*CRISIS, taken=(36, "I'm on it"))
    [known] = known_events(claimed)
    assert (known.kind, known.condition, known.until) == (KnownKind.HIGH, "bp-high", at(36))
    unseen = clinic.session(*CRISIS, chair="2")
    assert known_events(unseen) == []
    mistyped = clinic.session((30, 205, 101), chair="3", taken=(30, "Prescriber told"))
    assert len(known_events(mistyped)) == 1
    Flag.objects.filter(session=mistyped, condition="bp-high").update(resolved_cause="corrected")
    assert known_events(mistyped) == []


def test_serious_symptoms_and_adverse_events_are_known(clinic, at):
    session = clinic.session()
    nurse = clinic.cast.nurse
    builders.act(nurse, session, "symptom", at(50), recorded_at=at(200), code="seizure")
    builders.act(nurse, session, "symptom", at(51), recorded_at=at(200), code="nausea")
    event = {
        "criteria": ["hospitalisation"],
        "narrative": "Taken to the emergency department.",
        "outcome": "recovering",
        "told": [{"who": "Prescriber"}],
    }
    builders.act(nurse, session, "adverse-event", at(60), recorded_at=at(200), **event)
    assert [(one.kind, one.words, one.since) for one in known_events(session)] == [
        (KnownKind.SYMPTOM, "Seizure", at(50)),
        (KnownKind.ADVERSE, "Hospitalisation, or a longer stay", at(60)),
    ]


def test_a_corrected_reading_is_tried_as_it_stands_now(clinic, at):
    session = clinic.session((30, 205, 101))
    limits = LimitSet.objects.get(pk=current_limit_set_id(clinic.cast.clinic.pk, "iv-ketamine"))
    wrong = sum_of(work_off(clinic.ask(limits), at(600)))
    assert wrong.tried.high == 1
    [id_] = Reading.objects.filter(session_id=session.id, systolic=205).values_list("id", flat=True)
    builders.correct(clinic.cast.nurse, id_, at(151), systolic=125, diastolic=78)
    assert sum_of(work_off(clinic.ask(limits), at(600))).tried.asking == 0


def test_only_sessions_of_the_protocol_that_are_over_and_began_in_these_days(clinic, at):
    over = clinic.session()
    builders.dosing(clinic.cast.nurse, clinic.cast.clinic, at(0), chair="2")
    nasal = builders.dosing(
        clinic.cast.nurse, clinic.cast.clinic, at(0), chair="3", protocol="nasal-esketamine"
    )
    builders.act(clinic.cast.nurse, nasal, "transfer", at(30), reason="test")
    builders.checked_in(clinic.cast.nurse, clinic.cast.clinic, at(0), chair="4")
    clinic.session(chair="5", before=24 * 60)
    theirs = builders.dosing(clinic.cast.outsider, clinic.cast.other_clinic, at(0))
    builders.act(clinic.cast.outsider, theirs, "transfer", at(30), reason="test")
    replay = clinic.ask(clinic.draft())
    assert replay.session_ids == [over.id]
    asked = AuditEvent.objects.get(act="replay-limits")
    assert (asked.subject_id, asked.details["sessions"]) == (str(replay.id), 1)


def test_refusals_are_named(clinic, at, monkeypatch):
    draft = clinic.draft()
    with pytest.raises(Invalid, match="No session of this protocol"):
        clinic.ask(draft)
    clinic.session()
    with pytest.raises(Invalid, match="before the first"):
        clinic.ask(draft, until_day=clinic.day - timedelta(days=1))
    with pytest.raises(AccessDenied):
        clinic.ask(draft, by=clinic.cast.nurse)
    with pytest.raises(NotFound):
        clinic.ask(draft, by=clinic.cast.outsider)
    clinic.ask(draft)
    with pytest.raises(NotAllowed, match="goes on already"):
        clinic.ask(draft)
    assert LimitReplay.objects.count() == 1
    monkeypatch.setattr(limit_replays, "MOST_SESSIONS", 0)
    with pytest.raises(Invalid, match="choose fewer days"):
        limit_replays.sessions_of(clinic.cast.clinic.pk, "iv-ketamine", clinic.day, clinic.day)


def test_a_draft_that_changes_meanwhile_is_tried_as_it_stood(clinic, at):
    clinic.session(*CRISIS)
    draft = clinic.draft()
    replay = clinic.ask(draft)
    LimitRule.objects.filter(limit_set=draft, code__in=HIGH_BP).delete()
    work_off(replay, at(600))
    assert sum_of(replay).tried.high == 1
    assert limit_replays.ran(replay).is_changed


def test_work_is_done_in_pieces_and_each_session_once(clinic, at):
    sessions = [clinic.session(chair=str(number)).id for number in range(1, 4)]
    replay = clinic.ask(clinic.draft())
    pieces = 0
    # a piece of no time at all does nothing and gives the job back
    assert limit_replays.work(replay.id, at=at(600), for_s=0) is True
    while limit_replays.work(replay.id, at=at(600), for_s=0.001):
        pieces += 1
        assert pieces <= 20
    replay.refresh_from_db()
    assert (replay.state, replay.done) == ("done", 3)
    assert set(replay.results.values_list("session_id", flat=True)) == set(sessions)
    assert limit_replays.work(replay.id, at=at(600)) is False
    assert LimitReplayResult.objects.count() == 3


def test_a_replay_that_a_worker_has_is_no_other_workers(clinic, at):
    clinic.session()
    replay = clinic.ask(clinic.draft())
    assert limit_replays.unclaimed() == [replay.id]
    LimitReplay.objects.update(lease=replay.id, lease_until=Now() + timedelta(seconds=50), state="running")
    assert limit_replays.unclaimed() == []
    assert limit_replays.work(replay.id, at=at(600)) is False
    assert LimitReplayResult.objects.count() == 0


def test_what_a_dead_worker_had_is_taken_up_where_it_was(clinic, at, monkeypatch):
    first, second = clinic.session().id, clinic.session(chair="2").id
    replay = clinic.ask(clinic.draft())
    compare = limit_replays._compare

    def dies(replay, session_id, tried):
        if session_id == replay.session_ids[1]:
            raise KeyboardInterrupt
        return compare(replay, session_id, tried)

    monkeypatch.setattr(limit_replays, "_compare", dies)
    with pytest.raises(KeyboardInterrupt):
        limit_replays.work(replay.id, at=at(600))
    replay.refresh_from_db()
    assert (replay.state, replay.done) == ("running", 1)
    assert limit_replays.unclaimed() == [], "its lease has not run out"
    LimitReplay.objects.update(lease_until=Now() - timedelta(seconds=1))
    assert limit_replays.unclaimed() == [replay.id]
    monkeypatch.setattr(limit_replays, "_compare", compare)
    work_off(replay, at(600))
    assert (replay.state, replay.done) == ("done", 2)
    assert set(replay.results.values_list("session_id", flat=True)) == {first, second}


def test_a_worker_that_lost_its_lease_writes_nothing_more(clinic, at, monkeypatch):
    clinic.session()
    replay = clinic.ask(clinic.draft())
    compare = limit_replays._compare

    def slowly(replay, session_id, tried):
        LimitReplay.objects.update(lease=replay.id)
        return compare(replay, session_id, tried)

    monkeypatch.setattr(limit_replays, "_compare", slowly)
    assert limit_replays.work(replay.id, at=at(600)) is False
    replay.refresh_from_db()
    assert (replay.state, replay.done, LimitReplayResult.objects.count()) == ("running", 0, 0)


def test_cancelled_it_stops_and_keeps_what_it_found(clinic, at, monkeypatch):
    for number in range(1, 4):
        clinic.session(chair=str(number))
    replay = clinic.ask(clinic.draft())
    compare = limit_replays._compare

    def cancelled_meanwhile(replay, session_id, tried):
        if session_id == replay.session_ids[1]:
            limit_replays.cancel(by=clinic.cast.supervisor, replay_id=replay.id, at=at(601))
        return compare(replay, session_id, tried)

    monkeypatch.setattr(limit_replays, "_compare", cancelled_meanwhile)
    assert limit_replays.work(replay.id, at=at(600)) is False
    replay.refresh_from_db()
    assert (replay.state, replay.done, replay.ended_at) == ("cancelled", 1, at(601))
    assert sum_of(replay).sessions == 1
    assert limit_replays.unclaimed() == []
    with pytest.raises(NotAllowed, match="cancelled already"):
        limit_replays.cancel(by=clinic.cast.supervisor, replay_id=replay.id, at=at(602))
    assert AuditEvent.objects.filter(act="cancel-replay").count() == 1


def test_a_session_that_cannot_be_replayed_is_said_so_and_the_others_go_on(clinic, at, monkeypatch):
    clinic.session()
    clinic.session(chair="2")
    replay = clinic.ask(clinic.draft())

    def broken(session):
        if session.id == replay.session_ids[0]:
            raise KeyError("no such thing")
        return known_events(session)

    monkeypatch.setattr(limit_replays, "known_events", broken)
    total = sum_of(work_off(replay, at(600)))
    assert (total.sessions, total.failed) == (1, 1)


def test_without_a_broker_a_replay_waits_and_is_offered_again(clinic, monkeypatch):
    clinic.session()
    replay = clinic.ask(clinic.draft())
    offered = []

    def away(**how):
        raise OperationalError

    monkeypatch.setattr(tasks.run_replay, "apply_async", away)
    tasks.offer_replay(replay.id)
    monkeypatch.setattr(tasks.run_replay, "apply_async", lambda **how: offered.append(how["kwargs"]))
    tasks.offer_replays()
    assert offered == [{"replay_id": str(replay.id)}]
    tasks.run_replay(str(replay.id))
    replay.refresh_from_db()
    assert replay.state == "done"


# --- the doors


@pytest.fixture
def door(clinic, monkeypatch):
    monkeypatch.setattr(tasks.run_replay, "apply_async", lambda **how: None)

    def of(principal):
        membership = Membership.objects.get(user_id=principal.user_id)
        return Client(headers={"Authorization": f"Token {issue_for_member(membership, expires_at=None)}"})

    return of


def test_over_the_api_from_asking_to_the_sum(clinic, at, door):
    session = clinic.session(*CRISIS, taken=(36, "Prescriber told"))
    draft = clinic.draft(*HIGH_BP)
    supervisor = door(clinic.cast.supervisor)
    body = {"from_day": str(clinic.day), "until_day": str(clinic.day), "beside": "current"}
    asked = supervisor.post(
        f"/api/v1/limit-sets/{draft.pk}/replays/", json.dumps(body), content_type="application/json"
    )
    assert asked.status_code == 201, asked.content
    told = asked.json()
    assert (told["state"], told["done"], told["of"], told["sum"]) == ("waiting", 0, 1, None)
    assert told["beside"] == current_limit_set_id(clinic.cast.clinic.pk, "iv-ketamine")
    work_off(LimitReplay.objects.get(pk=told["id"]), at(600))
    done = supervisor.get(f"/api/v1/replays/{told['id']}/").json()
    assert (done["state"], done["sum"]["beside"]["high"], done["sum"]["tried"]["high"]) == ("done", 1, 0)
    [missed] = done["sum"]["missed"]
    assert (missed["session"], missed["beside"]) == (str(session.id), True)
    again = supervisor.post(f"/api/v1/replays/{told['id']}/cancel/", content_type="application/json")
    assert again.status_code == 409
    assert door(clinic.cast.nurse).get(f"/api/v1/replays/{told['id']}/").status_code == 403
    assert door(clinic.cast.outsider).get(f"/api/v1/replays/{told['id']}/").status_code == 404


def test_the_page_and_its_file_say_what_came_of_it(clinic, at):
    session = clinic.session(*CRISIS, taken=(36, "Prescriber told"))
    draft = clinic.draft(*HIGH_BP)
    replay = work_off(clinic.ask(draft), at(600))
    browser = Client()
    browser.force_login(Membership.objects.get(user_id=clinic.cast.supervisor.user_id).user)
    page = browser.get(f"/limits/{draft.pk}/replay/").content.decode()
    assert "On 1 session (2.7 watched hours) these limits would raise 0 flags of medium or high" in page
    assert "Of 1 known event these limits have a flag for 0; 1 missed, 1 of them seen by the other" in page
    assert f'href="/sessions/{session.id}/"' in page
    file = browser.get(f"/limits/{draft.pk}/replay/{replay.id}.csv")
    head, line = file.content.decode().splitlines()
    row = dict(zip(head.split(","), line.split(","), strict=False))
    assert (row["session"], row["flags beside"], row["flags tried"]) == (str(session.id), "1", "0")
    other = LimitSet.objects.get(clinic=clinic.cast.clinic, protocol_code="iv-ketamine", version=1)
    assert browser.get(f"/limits/{other.pk}/replay/?replay={replay.id}").status_code == 404
    assert browser.get(f"/limits/{other.pk}/replay/{replay.id}.csv").status_code == 404


def test_results_stand_or_fall_with_the_progress(clinic, at, monkeypatch):
    clinic.session()
    replay = clinic.ask(clinic.draft())
    create = LimitReplayResult.objects.create

    def fails(**columns):
        create(**columns)
        raise ConnectionError

    monkeypatch.setattr(LimitReplayResult.objects, "create", fails)
    with pytest.raises(ConnectionError), transaction.atomic():
        limit_replays.work(replay.id, at=at(600))
    replay.refresh_from_db()
    assert (replay.done, LimitReplayResult.objects.count()) == (0, 0)
