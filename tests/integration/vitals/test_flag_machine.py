"""The flag engine driven at random through its real doors, beside a model of what should become of it.

``FLAG_SEQUENCES=2000`` runs more sequences than the 100 of an ordinary run.
"""

import os
from datetime import timedelta
from typing import Any
from uuid import uuid4

import hypothesis
import pytest
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from clinic.models import AuditEvent
from clinic.refusals import NotAllowed
from tests import builders
from tests.conftest import MORNING
from tests.flag_model import Condition, Limits
from vitals import judging, taking, ticking
from vitals.models import Flag, Watch
from vitals.panel import PatientLimit, decode, encode
from vitals.services import flag_rows, flags, limit_sets, plans, storage, watch

SEQUENCES = int(os.environ.get("FLAG_SEQUENCES", "100"))
STEPS = 25
STEP_BACK = timedelta(seconds=3)

# baseline 124/78; a diastolic of 80 is always sent along
LIMITS = {
    "spo2-low": Limits(-1, 88, 91, 93, 1, 2, 60),
    "hr-high": Limits(1, 131, None, 120, 3, 15, 60),
    "bp-high": Limits(1, 200, 180, 161.2, 0, 10, 300),
}
VITAL = {"spo2-low": "spo2", "hr-high": "heart_rate", "bp-high": "systolic"}
VALUES: dict[str, list[float]] = {
    "spo2-low": [97, 94, 93.5, 93, 92, 91, 90, 89, 88, 86],
    "hr-high": [80, 117, 118, 119, 120, 125, 130, 131, 140, 150],
    "bp-high": [130, 160, 161, 163, 170, 179, 180, 186, 199, 201, 215],
}
# what a supervisor may set for this patient: the medium row of a saturation, lower by four
CHANGED = Limits(-1, 88, 91, 89, 1, 2, 60)

conditions = st.sampled_from(sorted(LIMITS))


class FlagMachine(RuleBasedStateMachine):
    cast: Any = None  # set by the test: one clinic for all sequences, a session for each

    @initialize()
    def begin(self):
        # each sequence is forgotten at its end
        self.savepoint = transaction.savepoint()
        self.now = MORNING + timedelta(minutes=1)
        session = builders.dosing(self.cast.nurse, self.cast.clinic, MORNING, chair="1")
        self.session = session
        self.model = {name: Condition(limits) for name, limits in LIMITS.items()}
        self.model["bp-high"].newest = (-300.0, 124)
        self.sent = []
        self.watched = True
        self.changed_at = self.changed_until = None
        # sets that are due would be merged with re-checks, which the model does not know
        self._edit(lambda panel: setattr(panel, "rings_from", self.now + timedelta(days=2)))
        self._edit(lambda panel: setattr(panel, "due", None))

    # --- what may happen

    @rule(
        condition=conditions,
        pick=st.integers(0, 10),
        after_s=st.sampled_from([1, 20, 60, 90, 290, 400, 1300]),
    )
    def measured(self, condition, pick, after_s):
        """A measurement inside, at the edge or outside; the watch has ticked meanwhile, unless it is dead."""
        self._pass(after_s)
        value = VALUES[condition][pick % len(VALUES[condition])]
        more: dict[str, Any] = {"diastolic": 80} if condition == "bp-high" else {}
        reading = builders.incoming(
            self.cast.nurse, self.session, self.now, id_=uuid4(), **{VITAL[condition]: value, **more}
        )
        [told] = builders.record(reading)
        assert told.refusal is None
        self.sent.append(reading)
        newest = self.model[condition].newest
        # by a clock that was set back it may be older than the newest: then it is a late one
        if newest is None or self._s() >= newest[0]:
            self.model[condition].measured(self._s(), value)

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def sent_again(self, data):
        [told] = builders.record(data.draw(st.sampled_from(self.sent)))
        assert told.duplicate

    @rule(condition=conditions, pick=st.integers(0, 10), older_s=st.sampled_from([1, 60, 600]))
    def late(self, condition, pick, older_s):
        """Older than the newest of its vital: judged, and neither rings nor ends anything."""
        newest = self.model[condition].newest
        if newest is None:
            return
        value = VALUES[condition][pick % len(VALUES[condition])]
        at = MORNING + timedelta(seconds=newest[0] - older_s)
        if at <= MORNING:
            return  # before the dose it would move the baseline, which the model does not know
        values: dict[str, Any] = {VITAL[condition]: value}
        builders.record(builders.incoming(self.cast.nurse, self.session, at, received_at=self.now, **values))

    @rule(after_s=st.sampled_from([1, 5, 60, 120, 180, 420, 3600]))
    def time_passes(self, after_s):
        self._pass(after_s)

    @precondition(lambda self: self.changed_at is None or self.now - STEP_BACK >= self.changed_at)
    @rule()
    def clock_steps_back(self):
        """Our own clock is set back a little: nothing of the past happens again.

        Never to before a change of limits: a reading goes by those of its own moment, the model by the last.
        """
        self.now -= STEP_BACK
        if self.watched:
            watch.look_at_due_rows(at=self.now)

    @rule()
    def watch_dies_or_returns(self):
        self.watched = not self.watched
        if self.watched:
            watch.look_at_due_rows(at=self.now)
            self._ticked()

    @rule(condition=conditions)
    def taken(self, condition):
        one = self.model[condition]
        row = self._row(condition)
        if row is None or one.newest is None:
            return
        if one.state == "pending":
            with pytest.raises(NotAllowed):
                flags.acknowledge(by=self.cast.nurse, flag_id=row.id, action="I'm on it", at=self.now)
            return
        flags.acknowledge(by=self.cast.nurse, flag_id=row.id, action="I'm on it", at=self.now)
        if one.state != "acknowledged":
            one.taken(one.newest[1])
        else:
            one.taken_at = one.newest[1]
            one.high_taken = True
            one.story.append(("acknowledged", one.level))

    @rule(condition=conditions, minutes=st.sampled_from([1, 2, 10]))
    def paused(self, condition, minutes):
        row = self._row(condition)
        if row is None or self.model[condition].state != "active":
            return
        flags.pause(by=self.cast.nurse, flag_id=row.id, minutes=minutes, reason="At the chair", at=self.now)
        self.model[condition].paused(self._s() + 60 * minutes)

    @rule()
    def handed_over_and_not_accepted(self):
        """Whoever had taken a flag is gone: their claims ask again."""
        changes: list[Any] = []

        def reopen(panel):
            changes.extend(
                taking.reopen_flag(panel, flag, self.now, cause="hand-over not accepted")
                for flag in panel.flags
                if flag.state == "acknowledged" and flag.condition in LIMITS
            )

        self._edit(reopen, changes)
        for one in self.model.values():
            if one.state == "acknowledged":
                one.reopened()

    @precondition(lambda self: self.changed_until is None)
    @rule(minutes=st.sampled_from([5, 30]))
    def limits_changed(self, minutes):
        """A supervisor lowers this patient's saturation limit for a while."""
        changes: list[Any] = []
        self.changed_at, self.changed_until = self.now, self.now + timedelta(minutes=minutes)
        change = PatientLimit(uuid4(), "OX-2", "spo2", 89, None, self.now, self.changed_until)

        def lower(panel):
            panel.patient_limits.append(change)
            judging.reassess(panel, self._limits(), self.now, changes)

        self._edit(lower, changes)
        self.model["spo2-low"].limits_are(CHANGED, self._s())

    @rule()
    def restarted(self):
        """Every process is new: what is known is what the rows say."""
        limit_sets.limit_set.cache_clear()
        plans._plan.cache_clear()
        panel = self._panel()
        assert decode(encode(panel)) == panel

    # --- what always holds

    @invariant()
    def flags_are_the_models(self):
        if not hasattr(self, "session"):
            return
        panel = self._panel()
        live = {flag.condition: flag for flag in panel.flags if flag.condition in LIMITS}
        assert len(live) == len([flag for flag in panel.flags if flag.condition in LIMITS])
        told = {name: (flag.state.value, flag.priority.value) for name, flag in live.items()}
        wanted = {name: (one.state, one.level) for name, one in self.model.items() if one.state}
        assert told == wanted
        rows = Flag.objects.filter(session=self.session, late=False, resolved_at=None, condition__in=LIMITS)
        assert {row.condition: (row.state, row.priority) for row in rows} == told

    @invariant()
    def never_silent(self):
        """A breach that is confirmed, that nobody has taken and that is not paused asks for somebody."""
        if not hasattr(self, "session"):
            return
        for flag in self._panel().flags:
            asks = flag.state.value in {"active", "latched"}
            assert (flag.asks_since is not None) is asks, flag
        for name, one in self.model.items():
            breach = one.newest and one.limits.level(one.newest[1], at_once=True)
            if breach:
                assert one.state in {"active", "acknowledged", "audio_paused"}, name

    def teardown(self):
        try:
            self._compare_stories()
        finally:
            if hasattr(self, "savepoint"):
                transaction.savepoint_rollback(self.savepoint)

    def _compare_stories(self):
        """Every transition has left exactly one audit row, in the order of life."""
        if not hasattr(self, "session"):
            return
        for name, one in self.model.items():
            rows = Flag.objects.filter(session=self.session, condition=name, late=False)
            ids = [str(pk) for pk in rows.values_list("pk", flat=True)]
            events = AuditEvent.objects.filter(subject="flag", subject_id__in=ids).order_by("id")
            moves = [event.details for event in events if event.act not in {"flag-escalated", "report-drawn"}]
            assert [(move["state"], move["priority"]) for move in moves] == one.story, name

    # --- how it is done

    def _s(self):
        return (self.now - MORNING).total_seconds()

    def _pass(self, seconds):
        """The watch looks each time something comes due; a dead one does not."""
        until = self.now + timedelta(seconds=seconds)
        if self.watched:
            while True:
                alert_at = Watch.objects.get(pk=self.session.id).alert_at
                if alert_at is None or alert_at > until:
                    break
                self.now = max(self.now, alert_at)
                watch.look_at_due_rows(at=self.now)
                self._ticked()
        self.now = until

    def _ticked(self):
        """The watch has looked at this moment: the model follows."""
        if self.changed_until is not None and self.changed_until <= self.now:
            self.changed_at, self.changed_until = self.changed_until, None
            self.model["spo2-low"].limits_are(LIMITS["spo2-low"], self._s())
        for one in self.model.values():
            one.passes(self._s())

    def _limits(self):
        return limit_sets.limit_set(Watch.objects.get(pk=self.session.id).limit_set_id)

    def _panel(self):
        return decode(Watch.objects.get(pk=self.session.id).panel)

    def _row(self, condition):
        rows = Flag.objects.filter(session=self.session, condition=condition, late=False)
        return rows.filter(resolved_at=None).first()

    def _edit(self, change, changes=()):
        row = storage.lock_watch_rows([self.session.id])[self.session.id]
        panel = decode(row.panel)
        change(panel)
        flag_rows.write_changes({self.session.id: row}, {self.session.id: list(changes)}, raised_at=self.now)
        alert_at = ticking.next_alert_at(panel, limit_sets.limit_set(row.limit_set_id))
        storage.write_watch_rows([(self.session.id, alert_at, encode(panel))])


def test_flags_become_what_the_model_says(cast):
    FlagMachine.cast = cast
    run_state_machine_as_test(
        FlagMachine,
        settings=hypothesis.settings(
            max_examples=SEQUENCES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(hypothesis.HealthCheck),
        ),
    )
