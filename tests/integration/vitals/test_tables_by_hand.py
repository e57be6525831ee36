"""Tables that a migration makes by hand are what the models and the corridor take them for."""

from datetime import UTC, datetime, timedelta

from django.db import connection

from tests import builders
from vitals.models import LiveEvent, Reading
from vitals.services.storage import READING_COLUMNS

TYPES = {
    "BigIntegerField": "bigint",
    "UUIDField": "uuid",
    "DateTimeField": "timestamp with time zone",
    "DecimalField": "numeric",
    "SmallIntegerField": "smallint",
    "JSONField": "jsonb",
    "CharField": "character varying",
    "ForeignKey": "bigint",
}


def _columns(table):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, data_type, is_nullable = 'YES' FROM information_schema.columns"
            " WHERE table_name = %s",
            [table],
        )
        return {name: (kind, nullable) for name, kind, nullable in cursor.fetchall()}


def test_the_reading_model_names_every_column_with_its_type(db):
    wanted = {
        field.column: (TYPES[field.get_internal_type()], field.null)
        for field in Reading._meta.concrete_fields
    }
    assert _columns("vitals_reading") == wanted
    assert set(READING_COLUMNS) == set(wanted)


def test_a_reading_outside_all_months_is_stored_all_the_same(cast):
    long_ago = datetime(2012, 3, 4, 5, 6, tzinfo=UTC)
    session = builders.dosing(cast.nurse, cast.clinic, long_ago)
    builders.record(
        builders.incoming(cast.gateway, session, long_ago + timedelta(minutes=5), systolic=120, diastolic=70)
    )
    with connection.cursor() as cursor:
        # the baseline and the reading
        cursor.execute("SELECT tableoid::regclass::text, count(*) FROM vitals_reading GROUP BY 1")
        assert cursor.fetchall() == [("vitals_reading_other", 2)]


def test_partitions_are_made_ahead_once_and_never_over_rows_of_the_default_one(cast):
    year = datetime(2031, 5, 10, tzinfo=UTC)
    session = builders.dosing(cast.nurse, cast.clinic, year)
    builders.record(
        builders.incoming(cast.gateway, session, year + timedelta(minutes=5), systolic=120, diastolic=70)
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT make_reading_partitions('2031-04-01', 3)")
        assert cursor.fetchone() == (2,)  # May's rows lie in the default partition already
        cursor.execute("SELECT make_reading_partitions('2031-04-01', 3)")
        assert cursor.fetchone() == (0,)


def test_live_events_know_their_transaction_and_are_spared_the_log(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = %s", [LiveEvent._meta.db_table])
        assert cursor.fetchone() == ("u",)
        cursor.execute(
            "INSERT INTO vitals_liveevent (clinic_id, session_id, payload)"
            " VALUES (1, gen_random_uuid(), '{}') RETURNING xid = pg_current_xact_id()::text::bigint"
        )
        assert cursor.fetchone() == (True,)
