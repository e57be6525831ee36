"""Rows that stay as they were written: the receipts of archives that were read in."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_first")]

    operations = [
        migrations.RunSQL(
            "SELECT make_append_only('reports_archivereceipt');",
            "DROP TRIGGER append_only ON reports_archivereceipt;"
            " DROP TRIGGER append_only_truncate ON reports_archivereceipt;",
        ),
    ]
