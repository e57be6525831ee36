"""The ground: clinics, chairs, patients, staff with a role per clinic, devices, tokens, audit."""

import uuid
import zoneinfo

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Now


def check_time_zone(name: str) -> None:
    """Raise unless the name is in the IANA time zone database."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(f"“{name}” is not a time zone of the IANA database, such as America/New_York.")


class Charted(models.Model):
    """What is charted stays: rows are added, and the database refuses UPDATE, DELETE and TRUNCATE.

    Each table of this kind calls ``make_append_only`` in its migration; a test finds the one that does not.
    """

    class Meta:
        abstract = True


class User(AbstractUser):
    """A person who signs in. What they may do hangs on their membership of a clinic."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    phone = models.CharField(max_length=32, blank=True)

    def shown_name(self) -> str:
        """The name that screens and records show: the full name, else the sign-in name."""
        return self.get_full_name() or self.username


class Clinic(models.Model):
    """One clinic at one address: the scope of every query."""

    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64, validators=[check_time_zone])
    address_1 = models.CharField(max_length=120, blank=True)
    address_2 = models.CharField(max_length=120, blank=True)
    city = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=40, blank=True)
    zip_code = models.CharField(max_length=16, blank=True)
    phone = models.CharField(max_length=32, blank=True)
    # shown to patients at home, word for word: whom to call in a crisis
    crisis_words = models.CharField(max_length=400, blank=True)
    # in a score that asks for new confusion; what is charted keeps the switch as it stood then
    dissociation_counts_as_confusion = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name"], name="clinic_name_once")]

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)


class MembershipRole(models.TextChoices):
    NURSE = "nurse", "Nurse"
    SUPERVISOR = "supervisor", "Supervisor"
    ADMIN = "admin", "Admin"
    AUDITOR = "auditor", "Auditor"


class Membership(models.Model):
    """One person's role in one clinic. A person may belong to several."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=16, choices=MembershipRole)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "clinic"], name="membership_once")]


class CredentialKind(models.TextChoices):
    PRESCRIBER = "prescriber", "Prescriber"
    LICENCE = "licence", "Licence"
    ACLS = "acls", "ACLS"
    DEA = "dea", "DEA registration"
    REMS = "rems", "REMS enrolment"


class Credential(models.Model):
    """A licence that is looked at when its holder signs, with the day it runs out."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="credentials")
    kind = models.CharField(max_length=16, choices=CredentialKind)
    number = models.CharField(max_length=64, blank=True)
    expires_on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="credential_once")]


class Chair(models.Model):
    """A fixed place. The board shows chairs in ``position`` order and never moves them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="chairs")
    name = models.CharField(max_length=24)
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "name"], name="chair_name_once"),
            models.UniqueConstraint(fields=["clinic", "position"], name="chair_position_once"),
        ]


class Sex(models.TextChoices):
    """Administrative gender, as in FHIR R4."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


class Patient(models.Model):
    """A patient of one clinic, known by its record number."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="patients")
    mrn = models.CharField(max_length=32)
    given_name = models.CharField(max_length=80)
    family_name = models.CharField(max_length=80)
    birth_date = models.DateField()
    sex = models.CharField(max_length=8, choices=Sex)
    allergies = models.CharField(max_length=200, blank=True)
    weight_kg = models.DecimalField(max_digits=5, decimal_places=1, null=True)
    weighed_on = models.DateField(null=True)
    middle_initial = models.CharField(max_length=1, blank=True)
    address = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=32, blank=True)
    email = models.EmailField(blank=True)
    rems_enrolled_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "mrn"], name="patient_mrn_once"),
            models.CheckConstraint(
                condition=models.Q(weight_kg__isnull=True) | models.Q(weight_kg__range=(25, 350)),
                name="patient_weight_plausible",
            ),
        ]

    @property
    def initials(self) -> str:
        """Initials for screens that others can see."""
        return f"{self.given_name[:1]}. {self.family_name[:1]}."


class Device(models.Model):
    """A monitor or gateway. With a chair it is bound to it; with a driver and an address it is polled."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="devices")
    name = models.CharField(max_length=64)
    chair = models.ForeignKey(Chair, on_delete=models.PROTECT, null=True, blank=True, related_name="devices")
    driver = models.CharField(max_length=32, blank=True)
    address = models.CharField(max_length=300, blank=True)
    # what we show to the monitor when we poll it; ours to keep readable, unlike the tokens shown to us
    monitor_token = models.CharField(max_length=128, blank=True)
    simulated = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "name"], name="device_name_once"),
            models.CheckConstraint(
                condition=models.Q(driver="", address="") | (~models.Q(driver="") & ~models.Q(address="")),
                name="device_driver_with_address",
            ),
        ]


class AccessToken(models.Model):
    """A key shown to us by a device, a staff script or a room's own screen; only its SHA-256 is stored."""

    key_hash = models.CharField(max_length=64, unique=True)
    device = models.ForeignKey(Device, on_delete=models.CASCADE, null=True, related_name="tokens")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, null=True, related_name="tokens")
    room = models.ForeignKey(Chair, on_delete=models.CASCADE, null=True, related_name="tokens")
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(device__isnull=False, membership__isnull=True, room__isnull=True)
                | models.Q(device__isnull=True, membership__isnull=False, room__isnull=True)
                | models.Q(device__isnull=True, membership__isnull=True, room__isnull=False),
                name="token_of_one_holder",
            ),
        ]


class WallScreen(models.Model):
    """A browser on a wall that shows the board until it is taken back; only its key's SHA-256 is stored.

    Its key is kept apart from ``AccessToken``: no door that reads tokens can take it for one. Night, in the
    clinic's time, is when the screen is dark by itself; from and until the same means never.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="wall_screens")
    name = models.CharField(max_length=40)
    key_hash = models.CharField(max_length=64, unique=True)
    night_from = models.TimeField()
    night_until = models.TimeField()
    created_at = models.DateTimeField(db_default=Now())
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "name"],
                condition=models.Q(revoked_at__isnull=True),
                name="wall_screen_name_once",
            ),
        ]


class AuditEvent(Charted):
    """Who did what, when. Written only by ``clinic.audit``; the database refuses change and removal."""

    id = models.BigAutoField(primary_key=True)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    actor_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=160)
    role = models.CharField(max_length=16)
    act = models.CharField(max_length=40)
    subject = models.CharField(max_length=24)
    subject_id = models.CharField(max_length=64)
    session_id = models.UUIDField(null=True)
    details = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["clinic", "-id"], name="audit_newest"),
            models.Index(fields=["session_id"], name="audit_of_session"),
        ]
