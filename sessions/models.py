"""The treatment record: protocols, sessions, who sat where, and what was done, in order."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from clinic.models import Chair, Clinic, Patient, User
from sessions.protocol import DoseClock, Route
from sessions.states import ENDS, State

STATE_CHOICES = [(state.value, state.value.replace("_", " ")) for state in State]


class Protocol(models.Model):
    """One version of a clinic's protocol. Versions are added, never edited: a session keeps its own."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="protocols")
    code = models.SlugField(max_length=40)
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=80)
    route = models.CharField(max_length=8, choices=[(route.value, route.value) for route in Route])
    total_min = models.PositiveSmallIntegerField()
    post_min = models.PositiveSmallIntegerField()
    planned_dose_min = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "code", "version"], name="protocol_version_once"),
            models.CheckConstraint(
                condition=models.Q(total_min__gte=120), name="protocol_window_at_least_two_hours"
            ),
        ]


class ProtocolStep(models.Model):
    """A row of a protocol's schedule: see ``protocol.StepRule`` for what each column means."""

    protocol = models.ForeignKey(Protocol, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    label = models.CharField(max_length=60)
    anchor = models.CharField(max_length=20)
    first_min = models.SmallIntegerField()
    every_min = models.PositiveSmallIntegerField(null=True)
    until = models.CharField(max_length=20, blank=True)
    needs = ArrayField(models.CharField(max_length=24))
    opens_min = models.PositiveSmallIntegerField()
    closes_min = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["protocol", "position"], name="protocol_step_once"),
        ]


class Session(models.Model):
    """One treatment, from its schedule to its end. Changed only by ``sessions.services``."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="treatments")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="treatments")
    chair = models.ForeignKey(Chair, on_delete=models.PROTECT, null=True, related_name="treatments")
    protocol = models.ForeignKey(Protocol, on_delete=models.PROTECT, related_name="treatments")
    nurse = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="treatments")
    indication = models.CharField(max_length=80)
    state = models.CharField(max_length=16, choices=STATE_CHOICES, default=State.SCHEDULED)
    scheduled_at = models.DateTimeField()
    checked_in_at = models.DateTimeField(null=True)
    # when the check-in was charted; steps due before it were history when they were entered
    watched_from = models.DateTimeField(null=True)
    dose_mg = models.DecimalField(max_digits=6, decimal_places=1, null=True)
    concentration_mg_per_ml = models.DecimalField(max_digits=6, decimal_places=1, null=True)
    planned_devices = models.PositiveSmallIntegerField(null=True)
    devices_given = models.PositiveSmallIntegerField(default=0)
    dose_started_at = models.DateTimeField(null=True)
    planned_end_at = models.DateTimeField(null=True)
    dose_ended_at = models.DateTimeField(null=True)
    held_at = models.DateTimeField(null=True)
    paused_s = models.PositiveIntegerField(default=0)
    window_ends_at = models.DateTimeField(null=True)
    ready_at = models.DateTimeField(null=True)
    ready_by = models.CharField(max_length=160, blank=True)
    waiting_for_escort_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=40, blank=True)
    outcome_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=[state.value for state in State]), name="session_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True, state__in=[s.value for s in State if s not in ENDS])
                | models.Q(ended_at__isnull=False, state__in=[s.value for s in State if s in ENDS]),
                name="session_end_with_time",
            ),
            models.CheckConstraint(
                condition=models.Q(dose_ended_at__isnull=True)
                | models.Q(dose_ended_at__gte=models.F("dose_started_at")),
                name="session_dose_ends_after_start",
            ),
        ]
        indexes = [models.Index(fields=["clinic", "-scheduled_at"], name="session_of_day")]

    @property
    def clock(self) -> DoseClock:
        """The dose clock; while the dose runs, its end is the planned one."""
        return DoseClock(
            checked_in_at=self.checked_in_at,
            started_at=self.dose_started_at,
            ended_at=self.dose_ended_at or self.planned_end_at,
        )


class Occupancy(models.Model):
    """Who sat in a chair from when to when: how a chair's reading finds its session."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="occupancies")
    chair = models.ForeignKey(Chair, on_delete=models.PROTECT, related_name="occupancies")
    from_at = models.DateTimeField()
    to_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["chair"], condition=models.Q(to_at__isnull=True), name="chair_taken_once"
            ),
            models.CheckConstraint(
                condition=models.Q(to_at__isnull=True) | models.Q(to_at__gte=models.F("from_at")),
                name="occupancy_ends_after_start",
            ),
        ]
        indexes = [models.Index(fields=["chair", "from_at"], name="occupancy_by_time")]


class SessionEvent(models.Model):
    """One thing that was done or seen, with when it happened and when it was charted. Append-only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    by_id = models.UUIDField(null=True)
    by_name = models.CharField(max_length=160)
    late = models.BooleanField(default=False)
    text = models.CharField(max_length=500)
    details = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["session", "at"], name="event_of_session")]
