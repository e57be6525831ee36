"""Which rows and columns of which tables leave with a clinic, and what stays behind and why.

Every table of the database is named here once, in ``TABLES`` or in ``LEFT_OUT``; a test holds both against
the models and the catalogue, so that a new table cannot be forgotten.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import models

from clinic.models import Clinic, User


@dataclass(frozen=True, slots=True)
class Kept:
    """A column that stays behind. ``stand_in``: the SQL that takes its place where the row is read in."""

    reason: str
    stand_in: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table that leaves.

    model:     as Django labels it.
    by:        the foreign key that leads to the clinic, through other tables' ``by`` if need be; "" for the
               clinic itself and for people, who belong to it by what refers to them.
    left_out:  columns that stay behind.
    order:     columns that put the rows into their one order; the primary key where none are named.
    kept_refs: references that no foreign key of the database holds: column to model.
    """

    model: str
    by: str = "clinic"
    left_out: Mapping[str, Kept] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    kept_refs: Mapping[str, str] = field(default_factory=dict)

    @property
    def of(self) -> type[models.Model]:
        found: type[models.Model] = apps.get_model(self.model)
        return found

    @property
    def name(self) -> str:
        """Its name in the database, and of its file."""
        return self.of._meta.db_table

    @property
    def columns(self) -> "dict[str, models.Field[Any, Any]]":
        """Those that leave, in the model's order, by their names in the database."""
        named = {str(one.column): one for one in self.of._meta.local_concrete_fields}
        return {name: one for name, one in named.items() if name not in self.left_out}

    @property
    def key(self) -> tuple[str, ...]:
        return tuple(str(one.column) for one in self.of._meta.pk_fields)


_SIGN_IN = "belongs to the account on this installation, not to the record"
_LEASE = "the claim of a worker that runs here"
_ADDRESS = (
    "an address to send to can be a key in itself, and a system that was only tried out must not call there; "
    "who is told, and how, is set up anew"
)
_ALERT_KEY = "a key: notifications are signed or encrypted with it"

# in the order in which they are read in: see the note at the rules of limits
TABLES: tuple[Table, ...] = (
    Table("clinic.Clinic", by=""),
    Table(
        "clinic.User",
        by="",
        left_out={
            "password": Kept("the hash of a password", "'!'"),
            "last_login": Kept(_SIGN_IN, "NULL"),
            "is_superuser": Kept(_SIGN_IN, "false"),
            "is_staff": Kept(_SIGN_IN, "false"),
        },
    ),
    Table("clinic.Membership"),
    Table("clinic.Credential", by="user"),
    Table("clinic.Chair"),
    Table("clinic.Patient"),
    Table(
        "clinic.Device",
        left_out={"monitor_token": Kept("a key: it is what this monitor asks to be shown", "''")},
    ),
    Table("clinic.AuditEvent"),
    Table("infusions.Course"),
    Table("infusions.DayEntry"),
    Table("infusions.Protocol"),
    Table("infusions.ProtocolStep", by="protocol"),
    Table("infusions.ProtocolItem", by="protocol"),
    Table("infusions.Session"),
    Table("infusions.Occupancy", by="session"),
    Table("infusions.SessionEvent", by="session"),
    Table("infusions.FormFiling"),
    Table(
        "infusions.FollowUp",
        left_out={
            "key_hash": Kept("the hash of a key that a patient holds; its link leads here", "NULL"),
            "claimed_at": Kept(_LEASE, "NULL"),
        },
    ),
    Table("infusions.FollowUpAnswer", by="follow_up"),
    Table("infusions.FollowUpReview", by="follow_up"),
    Table("infusions.StockItem"),
    Table("infusions.LedgerEntry"),
    Table("infusions.LedgerWitness", by="ledger_entry"),
    Table("infusions.ScaleWording"),
    Table("infusions.SymptomChip"),
    # rules before their sets: once a set in use is there, the database refuses it any further rule
    Table("vitals.LimitRule", by="limit_set"),
    Table("vitals.LimitSet"),
    Table("vitals.LimitChange"),
    Table(
        "vitals.LimitReplay",
        left_out={"lease": Kept(_LEASE, "NULL"), "lease_until": Kept(_LEASE, "NULL")},
    ),
    Table("vitals.LimitReplayResult", by="replay"),
    Table("vitals.Watch"),
    Table("vitals.ReadingKey"),
    Table(
        "vitals.Reading",
        # by session and time: how they are read, and how an index has them
        order=("session_id", "measured_at", "id"),
        kept_refs={"session_id": "infusions.Session", "device_id": "clinic.Device", "user_id": "clinic.User"},
    ),
    Table("vitals.Flag"),
    Table("vitals.Finding", by="session"),
    Table("vitals.Quarantine"),
    Table("vitals.AlertingSwitch"),
    Table(
        "vitals.AlertTarget",
        left_out={
            # unlike any address, and another one in each row: no two live ones may be the same
            "address": Kept(_ADDRESS, "'left out ' || id"),
            "secret": Kept(_ALERT_KEY, "''"),
            "p256dh": Kept(_ALERT_KEY, "''"),
            "auth": Kept(_ALERT_KEY, "''"),
        },
    ),
    Table(
        "vitals.Notification",
        left_out={"lease": Kept(_LEASE, "NULL"), "leased_until": Kept(_LEASE, "NULL")},
    ),
    Table("vitals.ShiftTimes"),
    Table("vitals.HandOver"),
    Table("vitals.HandOverChair", by="hand_over"),
)

_FRAMEWORK = "the framework's own: it is made anew by every installation"
_GROUPS = "rights within this installation: what people may do in the clinic hangs on their membership"
# by the table's name in the database
LEFT_OUT: Mapping[str, str] = {
    "clinic_accesstoken": "hashes of keys: devices, scripts and rooms' screens are given new ones",
    "clinic_wallscreen": "hashes of keys: screens on a wall are enrolled anew",
    "vitals_liveevent": "what changed in the last minutes, for open streams; rebuilt from watch rows",
    "vitals_pulse": "signs of life of this installation's processes",
    "vitals_pushkey": "the private key by which push services know this installation",
    "reports_archivereceipt": "how this installation got its rows; the manifest tells of it",
    "reports_export": "jobs and the files they left here; who exported what, and when, is in the audit",
    "reports_exportrun": "what schedules of this installation left in its stores",
    "reports_exportschedule": "they name stores of this installation: set up anew",
    "clinic_user_groups": _GROUPS,
    "clinic_user_user_permissions": _GROUPS,
    "auth_group": _GROUPS,
    "auth_group_permissions": _GROUPS,
    "auth_permission": _FRAMEWORK,
    "django_content_type": _FRAMEWORK,
    "django_migrations": _FRAMEWORK,
    "django_session": "who is signed in here now",
}


def condition(table: Table, clinic_id: int) -> str:
    """The SQL that holds for the rows of the clinic."""
    if table.of is Clinic:
        return f"id = {clinic_id:d}"
    if table.of is User:
        named = (_in("id", other, column, clinic_id) for other, column in _naming_people())
        return " OR ".join(named)
    foreign = table.of._meta.get_field(table.by)
    assert isinstance(foreign, models.ForeignKey), f"{table.model}.{table.by}"  # noqa: S101
    if foreign.related_model is Clinic:
        return f"{foreign.column} = {clinic_id:d}"
    above = BY_MODEL[foreign.related_model]
    return _in(str(foreign.column), above, above.key[0], clinic_id)


def _in(column: str, table: Table, of: str, clinic_id: int) -> str:
    return f"{column} IN (SELECT {of} FROM {table.name} WHERE {condition(table, clinic_id)})"  # noqa: S608  names of models and a number


def _naming_people() -> Iterator[tuple[Table, str]]:
    """Where the clinic's rows name people; not what hangs on the people themselves."""
    for table in TABLES:
        for column, one in table.columns.items():
            if one.related_model is User and one.name != table.by:
                yield table, column


BY_MODEL = {table.of: table for table in TABLES}
