"""Session events are append-only: a mistake is followed by another event, never erased."""

from django.db import migrations

FORWARD = "SELECT make_append_only('infusions_sessionevent');"
REVERSE = """
DROP TRIGGER append_only ON infusions_sessionevent;
DROP TRIGGER append_only_truncate ON infusions_sessionevent;
"""


class Migration(migrations.Migration):
    dependencies = [("infusions", "0001_first"), ("clinic", "0002_append_only")]
    operations = [migrations.RunSQL(FORWARD, REVERSE)]
