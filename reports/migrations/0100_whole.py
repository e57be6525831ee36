"""The receipts of archives that were read in, kept for good."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

APPEND_ONLY = "SELECT make_append_only('reports_archivereceipt');"
REVERSE = (
    "DROP TRIGGER append_only ON reports_archivereceipt;"
    " DROP TRIGGER append_only_truncate ON reports_archivereceipt;"
)


class Migration(migrations.Migration):
    initial = True

    dependencies = [("clinic", "0002_append_only")]

    operations = [
        migrations.CreateModel(
            name="ArchiveReceipt",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("total", models.CharField(max_length=64)),
                ("rows", models.PositiveBigIntegerField()),
                ("written_at", models.DateTimeField()),
                ("read_at", models.DateTimeField()),
                ("read_by", models.CharField(max_length=160)),
                ("earlier", models.JSONField(default=list)),
                (
                    "clinic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clinic.clinic"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("clinic",), name="archive_receipt_once")],
            },
        ),
        migrations.RunSQL(APPEND_ONLY, REVERSE),
    ]
