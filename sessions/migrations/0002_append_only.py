"""What was charted stays as it was: a mistake is followed by another version, never erased."""

from django.db import migrations

CHARTED = (
    "infusions_sessionevent",
    "infusions_ledgerentry",
    "infusions_ledgerwitness",
    "infusions_formfiling",
    "infusions_followupanswer",
    "infusions_followupreview",
    "infusions_dayentry",
)
FORWARD = "\n".join(f"SELECT make_append_only('{table}');" for table in CHARTED)
REVERSE = "\n".join(
    f"DROP TRIGGER append_only ON {table}; DROP TRIGGER append_only_truncate ON {table};" for table in CHARTED
)


class Migration(migrations.Migration):
    dependencies = [("infusions", "0001_first"), ("clinic", "0002_append_only")]
    operations = [migrations.RunSQL(FORWARD, REVERSE)]
