"""The treatment record: protocols, sessions, who sat where, and what was done, in order."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from clinic.models import Chair, Charted, Clinic, Patient, User
from sessions.models.course import Course
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
    # above either, a prescriber decides and signs before the dose
    decide_above_systolic = models.PositiveSmallIntegerField()
    decide_above_diastolic = models.PositiveSmallIntegerField()
    # beyond these a dose asks for a reason and goes on: see sessions.dosing
    most_mg_per_kg = models.DecimalField(max_digits=4, decimal_places=2)
    most_mg_per_kg_within_min = models.PositiveSmallIntegerField()
    shortest_infusion_min = models.PositiveSmallIntegerField()
    weight_good_for_days = models.PositiveSmallIntegerField()
    device_mg = models.PositiveSmallIntegerField()
    device_rest_min = models.PositiveSmallIntegerField()

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


class ProtocolItem(models.Model):
    """A row of a protocol's checklist, asked before the dose or before leaving: see ``checklist.Item``."""

    protocol = models.ForeignKey(Protocol, on_delete=models.CASCADE, related_name="items")
    phase = models.CharField(max_length=16)
    position = models.PositiveSmallIntegerField()
    code = models.SlugField(max_length=40)
    kind = models.CharField(max_length=16)
    text = models.CharField(max_length=200)
    source = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["protocol", "phase", "code"], name="protocol_item_once"),
            models.CheckConstraint(condition=~models.Q(source=""), name="protocol_item_has_source"),
        ]


class Session(models.Model):
    """One treatment, from its schedule to its end. Changed only by ``sessions.services``.

    The columns of the dose are a sum over the charted entries: see ``sessions.dosing``.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="treatments")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="treatments")
    chair = models.ForeignKey(Chair, on_delete=models.PROTECT, null=True, related_name="treatments")
    protocol = models.ForeignKey(Protocol, on_delete=models.PROTECT, related_name="treatments")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="treatments")
    nurse = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="treatments")
    indication = models.CharField(max_length=80)
    state = models.CharField(max_length=16, choices=STATE_CHOICES, default=State.SCHEDULED)
    scheduled_at = models.DateTimeField()
    checked_in_at = models.DateTimeField(null=True)
    # when the check-in was charted; steps due before it were history when they were entered
    watched_from = models.DateTimeField(null=True)
    weight_kg = models.DecimalField(max_digits=5, decimal_places=1, null=True)
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
    escort = models.CharField(max_length=120, blank=True)
    escort_phone = models.CharField(max_length=32, blank=True)
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
            waiting_at=self.waiting_for_escort_at,
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


class Status(models.TextChoices):
    """How a version of an entry stands, in FHIR's words."""

    FINAL = "final"
    AMENDED = "amended"
    ENTERED_IN_ERROR = "entered-in-error"


class SessionEvent(Charted):
    """One version of one thing that was done or seen, with when it happened and when it was charted.

    ``entry`` is the id of the first version and names the thing whatever was corrected since. The newest
    version counts; what it replaced stays, with the reason in the version that replaced it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    entry = models.UUIDField()
    version = models.PositiveSmallIntegerField(default=1)
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="superseded_by"
    )
    status = models.CharField(max_length=16, choices=Status, default=Status.FINAL)
    reason = models.CharField(max_length=300, blank=True)
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
        constraints = [
            models.CheckConstraint(
                condition=models.Q(version=1, supersedes__isnull=True, entry=models.F("id"), status="final")
                | (models.Q(version__gt=1, supersedes__isnull=False) & ~models.Q(reason="")),
                name="event_version_with_reason",
            ),
            models.UniqueConstraint(fields=["entry", "version"], name="event_version_once"),
        ]
        indexes = [models.Index(fields=["session", "at"], name="event_of_session")]
