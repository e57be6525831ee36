"""The ground: tokens, the audit trail that nobody can change, and who may do what."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, NotSupportedError, connection, transaction
from django.utils import timezone

from clinic import audit, tokens
from clinic.access import MAY, Act, Principal, Role, check, may
from clinic.models import AccessToken, AuditEvent, Charted, Device, Membership, User
from clinic.refusals import AccessDenied
from reports.models import ArchiveReceipt
from sessions.models import (
    DayEntry,
    FollowUp,
    FollowUpAnswer,
    FollowUpReview,
    FormFiling,
    LedgerEntry,
    LedgerWitness,
    StockItem,
)
from tests import builders
from vitals.models import AlertingSwitch, ShiftTimes


class TestTokens:
    @pytest.fixture
    def membership(self, cast):
        return Membership.objects.get(user_id=cast.nurse.user_id)

    def test_only_the_hash_is_stored(self, cast, membership):
        keys = [
            tokens.issue_for_member(membership, expires_at=None),
            tokens.issue_for_device(Device.objects.get(pk=cast.gateway.device_id)),
        ]
        rows = str(list(AccessToken.objects.values())) + str(list(AuditEvent.objects.values()))
        for key in keys:
            assert key not in rows
            assert AccessToken.objects.filter(key_hash=tokens.hash_key(key)).exists()

    def test_a_key_stands_for_its_device_or_member(self, cast, membership):
        device = Device.objects.get(pk=cast.monitor.device_id)
        assert tokens.principal_of_key(tokens.issue_for_device(device)) == cast.monitor
        key = tokens.issue_for_member(membership, expires_at=None)
        speaker = replace(cast.nurse, station=tokens.station_of(key))
        assert tokens.principal_of_key(key) == speaker

    def test_an_unknown_revoked_or_expired_key_stands_for_nobody(self, membership):
        assert tokens.principal_of_key("made up") is None
        revoked = tokens.issue_for_member(membership, expires_at=None)
        AccessToken.objects.filter(key_hash=tokens.hash_key(revoked)).update(revoked_at=timezone.now())
        assert tokens.principal_of_key(revoked) is None
        expired = tokens.issue_for_member(membership, expires_at=timezone.now() - timedelta(seconds=1))
        assert tokens.principal_of_key(expired) is None
        valid = tokens.issue_for_member(membership, expires_at=timezone.now() + timedelta(minutes=1))
        assert tokens.principal_of_key(valid) is not None

    def test_a_key_ends_with_the_membership_the_person_or_the_device(self, cast, membership):
        key = tokens.issue_for_member(membership, expires_at=None)
        User.objects.filter(pk=cast.nurse.user_id).update(is_active=False)
        assert tokens.principal_of_key(key) is None
        User.objects.filter(pk=cast.nurse.user_id).update(is_active=True)
        Membership.objects.filter(pk=membership.pk).update(ended_at=timezone.now())
        assert tokens.principal_of_key(key) is None
        device = Device.objects.get(pk=cast.gateway.device_id)
        of_device = tokens.issue_for_device(device)
        Device.objects.filter(pk=device.pk).update(is_active=False)
        assert tokens.principal_of_key(of_device) is None

    @pytest.mark.parametrize("header", [b"", b"Token", b"Token ", b"Bearer abc", b"Token \xff"])
    def test_a_header_without_a_key_holds_none(self, header):
        assert tokens.key_in(header) is None


REFUSED = "append-only|referenced in a foreign key constraint"


class TestAppendOnly:
    """Charted and audited rows are refused to everybody who would change them, by the database itself."""

    @pytest.fixture
    def charted(self, cast, morning):
        session = builders.dosing(cast.nurse, cast.clinic, morning)
        builders.record(builders.incoming(cast.gateway, session, morning + timedelta(minutes=5), spo2=97))
        self.one_row_in_each_of_the_others(cast, session, morning)
        with connection.cursor() as cursor:
            # foreign keys are checked at commit, which a test never comes to; TRUNCATE waits for them
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    def one_row_in_each_of_the_others(self, cast, session, at):
        """Written as they are: what each service asks for is told elsewhere."""
        nurse = {"by_id": cast.nurse.actor_id, "by_name": "Nurse"}
        item = StockItem.objects.create(
            clinic=cast.clinic,
            product="ketamine-50",
            label="V-1",
            lot="L-1",
            expires_on=date(2099, 1, 1),
            unit="mL",
            mg_per_unit=50,
            received_at=at,
        )
        moved = {"clinic": cast.clinic, "item": item, "quantity": 1, "at": at, "recorded_at": at, **nurse}
        waste = LedgerEntry.objects.create(entry=uuid4(), kind="waste", **moved)
        witness = {"by_id": cast.supervisor.actor_id, "by_name": "Supervisor", "at": at}
        LedgerWitness.objects.create(ledger_entry=waste, acted_by_id=cast.nurse.actor_id, **witness)
        FormFiling.objects.create(
            clinic=cast.clinic, session=session, cells={}, filed_at=at, recorded_at=at, channel="fax", **nurse
        )
        home = FollowUp.objects.create(
            clinic=cast.clinic, session=session, kind="24h", due_at=at, expires_at=at
        )
        FollowUpAnswer.objects.create(follow_up=home, answered_at=at, answers={})
        FollowUpReview.objects.create(follow_up=home, at=at, text="Seen", **nurse)
        AlertingSwitch.objects.create(clinic=cast.clinic, channel="sound", is_on=False, at=at, **nurse)
        DayEntry.objects.create(clinic=cast.clinic, day=at.date(), kind="open", items={}, at=at, **nurse)
        ShiftTimes.objects.create(clinic=cast.clinic, hand_over_min=30, cover_min=5, at=at, **nurse)
        ArchiveReceipt.objects.create(clinic=cast.clinic, rows=1, written_at=at, read_at=at)

    def tables(self):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT DISTINCT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
                " WHERE t.tgname = 'append_only' AND NOT c.relispartition"
            )
            return {row[0] for row in cursor.fetchall()}

    def test_holds_for_every_charted_table(self, db):
        charted = {model._meta.db_table for model in Charted.__subclasses__()}
        assert self.tables() == charted | {"vitals_reading"}
        assert len(charted) > 7

    @pytest.mark.parametrize(
        "statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}", "TRUNCATE {} CASCADE"]
    )
    def test_every_table_of_the_catalogue_refuses(self, charted, statement):
        tables = self.tables()
        assert len(tables) > 8
        for table in sorted(tables):
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT EXISTS (SELECT FROM {table})")  # noqa: S608  names of the catalogue
                assert cursor.fetchone() == (True,), f"no row in {table} to try it on"
                # a table that others point at is refused before its trigger is asked
                refused = pytest.raises((IntegrityError, NotSupportedError), match=REFUSED)
                with refused, transaction.atomic():
                    cursor.execute(statement.format(table))

    @pytest.mark.parametrize("statement", ["UPDATE {} SET spo2 = 99", "DELETE FROM {}", "TRUNCATE {}"])
    def test_refuses_on_every_partition_by_its_own_name(self, charted, statement):
        with connection.cursor() as cursor:
            cursor.execute("SELECT DISTINCT tableoid::regclass::text FROM vitals_reading")
            partitions = [row[0] for row in cursor.fetchall()]
            assert partitions
            for name in partitions:
                with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
                    cursor.execute(statement.format(name))


class TestAudit:
    def test_stands_or_falls_with_its_act(self, cast, morning):
        before = AuditEvent.objects.count()

        class Undone(Exception):
            """Stands for whatever goes wrong after the act."""

        def chart_and_fail():
            with transaction.atomic():
                builders.checked_in(cast.nurse, cast.clinic, morning)
                assert AuditEvent.objects.count() > before
                raise Undone

        with pytest.raises(Undone):
            chart_and_fail()
        assert AuditEvent.objects.count() == before

    def test_is_refused_outside_a_transaction(self, committed_db):
        by = Principal(clinic_id=1, role=Role.NURSE, name="Nurse")
        with pytest.raises(RuntimeError, match="transaction of its act"):
            audit.record([audit.Entry(by=by, act="look", subject="day", subject_id="2026-11-23")])

    def test_names_no_patient(self, cast, morning):
        session = builders.scheduled(cast.nurse, cast.clinic, morning)
        told = str(list(AuditEvent.objects.values_list("details", "subject", "subject_id")))
        assert session.patient.family_name not in told
        assert session.patient.mrn not in told


class TestRoles:
    def test_every_act_has_a_row(self):
        assert set(MAY) == set(Act)

    def test_no_act_is_open_to_nobody_or_to_the_rules(self):
        for act, roles in MAY.items():
            assert roles, act
            assert Role.SYSTEM not in roles

    def test_a_device_sends_readings_and_does_nothing_else(self):
        assert [act for act, roles in MAY.items() if Role.DEVICE in roles] == [Act.SEND_READINGS]

    def test_an_auditor_changes_nothing(self):
        may_do = {act for act, roles in MAY.items() if Role.AUDITOR in roles}
        assert all(act.value.startswith("see-") for act in may_do)

    def test_a_refusal_names_the_role_and_who_may(self):
        by = Principal(clinic_id=1, role=Role.AUDITOR, name="Auditor")
        assert not may(by, Act.RELEASE)
        with pytest.raises(AccessDenied, match="“release” here; it is open to: nurse, supervisor"):
            check(by, Act.RELEASE)
