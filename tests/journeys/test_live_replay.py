"""Real patients' recorded vitals, replayed as if they were measured now: flags as the oracle has them."""

from collections import defaultdict
from datetime import timedelta

from django.test import Client

from clinic import clock
from clinic.models import AuditEvent, Chair, Device, User
from clinic.tokens import issue_for_device
from tests import builders, oracle
from tests.recorded import recordings
from vitals.models import Flag
from vitals.services import watch

LAST_MINUTE = 245
# from check-in five minutes before the dose, by the shipped IV protocol, in minutes since the dose began:
# (due, opens, how long after due it is of medium priority)
SETS = [(5, -5, 15)]
SETS += [(10 * n, 10 * n - 5, 10) for n in range(1, 5)]
SETS += [(40 + 15 * n, 40 + 15 * n - 7, 15) for n in range(1, 30)]
SET = frozenset({"systolic", "diastolic", "heart_rate", "respiratory_rate", "spo2", "sedation"})
# of every third patient a nurse takes a pressure before the dose; of the others the recording's at minute 0,
# if there is one, is the baseline
BEFORE_MIN, BEFORE = -4, {"systolic": 118, "diastolic": 66}


def absent_in(rows):
    """minute → the set's vitals that no row of that minute holds: charted as not measured."""
    held: defaultdict[int, set[str]] = defaultdict(set)
    for minute, values in rows:
        held[minute] |= values.keys()
    return {minute: sorted(SET - names) for minute, names in held.items()}


class Replay:
    """39 chairs under one clock, all doses begun at the same moment."""

    def __init__(self, recorded, zero):
        self.zero = zero
        self.recorded = recorded
        self.stories = defaultdict(list)
        self.clinic = builders.clinic("Replay", chairs=len(recorded))
        nurse = builders.member(self.clinic, "replay-nurse")
        self.staff = Client()
        self.staff.force_login(User.objects.get(pk=nurse.actor_id))
        gateway = Device.objects.get(pk=builders.device(self.clinic, "Replay gateway").actor_id)
        self.key = issue_for_device(gateway)
        chairs = Chair.objects.filter(clinic=self.clinic).order_by("position")
        with clock.pinned(self.at(-5)):
            self.sessions = [self.checked_in(chair.name) for chair in chairs]
        with clock.pinned(self.at(BEFORE_MIN)):
            for id_ in self.sessions[::3]:
                self.posted("readings/", {"session": id_, "measured_at": clock.now().isoformat(), **BEFORE})
        with clock.pinned(self.at(0)):
            for id_ in self.sessions:
                self.posted(f"sessions/{id_}/start/", {"dose_mg": 35})

    def at(self, minute):
        return self.zero + timedelta(minutes=minute)

    def posted(self, path, body, **headers):
        answer = self.staff.post(f"/api/v1/{path}", body, content_type="application/json", headers=headers)
        assert answer.status_code in {200, 201}, answer.content
        return answer.json()

    def checked_in(self, chair):
        patient = str(builders.patient(self.clinic).id)
        asked = {"patient": patient, "chair": chair, "protocol": "iv-ketamine", "indication": "Depression"}
        id_ = self.posted("sessions/", asked)["id"]
        self.posted(f"sessions/{id_}/check-in/", {})
        return id_

    def run(self):
        coming = defaultdict(list)
        for session, one in zip(self.sessions, self.recorded, strict=True):
            not_measured = absent_in(one.rows)
            for minute, values in one.rows:
                coming[minute].append((session, values, not_measured.pop(minute, [])))
        for minute in range(LAST_MINUTE + 1):
            with clock.pinned(self.at(minute)):
                watch.tick(at=clock.now())
                self.look(minute)
                for session, values, absent in coming[minute]:
                    self.measured(session, values, absent)
                    self.look(minute, session)

    def measured(self, session, values, absent):
        body = {"session": session, "measured_at": clock.now().isoformat(), **values}
        if absent:
            body["absent"] = dict.fromkeys(absent, "not measured")
        self.posted("readings/", body, authorization=f"Token {self.key}")

    def look(self, minute, session=None):
        """Write down every flag whose priority or state is another than when last looked at."""
        flags = Flag.objects.filter(clinic=self.clinic)
        if session is not None:
            flags = flags.filter(session_id=session)
        for id_, priority, state in flags.values_list("id", "priority", "state"):
            story = self.stories[id_]
            if not story or story[-1][1:] != (priority, state):
                story.append((minute, priority, state))

    def flags_of(self, session):
        """(condition, opened, resolved, story) of the session's flags, in minutes since the dose began."""
        return sorted(
            (
                flag.condition,
                self.minute(flag.opened_at),
                self.minute(flag.resolved_at),
                self.stories[flag.id],
            )
            for flag in Flag.objects.filter(session_id=session, late=False)
        )

    def minute(self, at):
        return -1 if at is None else (at - self.zero).total_seconds() / 60


def expected(recording, *, has_baseline):
    """The same of the oracle's flags."""
    not_measured = absent_in(recording.rows)
    coming = defaultdict(list)
    for minute, values in recording.rows:
        coming[minute].append((values, not_measured.pop(minute, ())))
    session = oracle.Session(SETS, SET)
    if has_baseline:
        session.row(BEFORE_MIN, BEFORE, by_monitor=False)
    session.start()
    for minute in range(LAST_MINUTE + 1):
        session.look(minute)
        for values, absent in coming[minute]:
            session.row(minute, values, absent)
    return sorted(
        (flag.condition, flag.opened_at, -1 if flag.resolved_at is None else flag.resolved_at, flag.story)
        for flag in session.flags
    )


def test_live_flags_are_those_of_the_oracle(committed_db, morning):
    recorded = recordings()
    replay = Replay(recorded, morning)
    replay.run()
    seen: defaultdict[str, int] = defaultdict(int)
    for number, (session, one) in enumerate(zip(replay.sessions, recorded, strict=True)):
        flags = replay.flags_of(session)
        assert flags == expected(one, has_baseline=number % 3 == 0), one.name
        for condition, _, resolved_at, story in flags:
            seen[condition] += 1
            seen["resolved"] += resolved_at >= 0
            for _, _, state in story:
                seen[state] += 1
            seen["stepped"] += len({priority for _, priority, state in story if state == "active"}) > 1
            states = [state for _, _, state in story]
            seen["only a re-check"] += states == ["pending", "resolved"]
            seen["confirmed or not re-checked"] += states[:2] == ["pending", "active"]
            seen["at once"] += states[0] == "active" and condition.endswith(("high", "low"))
    flags = Flag.objects.filter(clinic=replay.clinic)
    assert not flags.filter(late=True).exists()
    seen["not re-checked"] = AuditEvent.objects.filter(act="flag-not-re-checked").count()
    seen["confirmed"] = AuditEvent.objects.filter(act="flag-confirmed").count()
    seen["from a baseline"] = flags.filter(rule__in=["BP-3", "BP-4", "BP-9"]).count()
    often = ("bp-high", "bp-low", "hr-high", "overdue", "latched", "pending", "only a re-check", "confirmed")
    assert min(seen[name] for name in (*often, "not re-checked", "at once", "from a baseline")) > 3
    assert min(seen[name] for name in ("rr-zero", "no-baseline", "stepped")) > 0
    assert seen["resolved"] > 30
