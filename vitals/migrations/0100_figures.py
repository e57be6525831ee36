"""Corrected readings by clinic and time: few among many, so that what they led to is found without the rest."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("vitals", "0002_tables_by_hand")]
    operations = [
        migrations.RunSQL(
            "CREATE INDEX reading_corrected ON vitals_reading (clinic_id, received_at)"
            " WHERE supersedes IS NOT NULL",
            "DROP INDEX reading_corrected",
        )
    ]
