"""What all tests share: the small fixed cast, and a database that append-only tables let be cleaned."""

import os
from datetime import UTC, datetime

import hypothesis
import pytest
from django.db import connection

from tests import builders
from tests.builders import Cast
from vitals.services.limit_sets import limit_set

# No deadline: the machine is shared. In CI the same examples every time, so that a verdict is of the change;
# at the desk new ones at every run, which is where a rare case is found.
hypothesis.settings.register_profile("desk", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True)
hypothesis.settings.load_profile("ci" if os.environ.get("VIGIL_CI") else "desk")

# a Monday morning in New York, well inside a month: tests pass times in, they never read the clock
MORNING = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> None:
    """Argon2 is slow by design; nothing here attacks a password."""
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session", autouse=True)
def _no_demo() -> None:
    """A demo that runs in this checkout lends its settings to every command; its clock is not the tests'."""
    from django.conf import settings

    settings.DEMO, settings.DEMO_CLOCK = False, (0.0, 0.0, 1.0)


@pytest.fixture
def morning() -> datetime:
    return MORNING


@pytest.fixture
def cast(db: None) -> Cast:
    """Clinic Harbor with its people and chairs, and clinic Meadow with an outsider."""
    return builders.cast()


@pytest.fixture
def _emptied_by_its_owner(monkeypatch):
    """Lets the clean-up after a test empty append-only tables.

    Their triggers refuse it as they should refuse everybody, so it is done the one way that only the
    database's owner has: with triggers off in this connection.
    """

    def empty(sql_list):
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            cursor.execute(
                "SELECT string_agg(quote_ident(relname), ', ') FROM pg_class c"
                " JOIN pg_namespace n ON n.oid = c.relnamespace"
                " WHERE relkind IN ('r', 'p') AND nspname = 'public' AND NOT relispartition"
                " AND relname NOT IN ('django_migrations', 'django_content_type', 'auth_permission')"
            )
            cursor.execute(f"TRUNCATE {cursor.fetchone()[0]} RESTART IDENTITY CASCADE")
            cursor.execute("SET session_replication_role = origin")

    monkeypatch.setattr(connection.ops, "execute_sql_flush", empty)


@pytest.fixture
def committed_db(_emptied_by_its_owner, transactional_db: None):
    """A database in which commits are real, for tests with several connections or processes.

    Emptied, it counts its ids from 1 again: what this process knows by id goes with it.
    """
    limit_set.cache_clear()
    yield
    limit_set.cache_clear()
