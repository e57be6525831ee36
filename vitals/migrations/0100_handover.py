"""Hand-overs and cover: what is offered, whose account has a flag in hand, and the clinic's times."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clinic', '0002_append_only'),
        ('infusions', '0002_append_only'),
        ('vitals', '0002_tables_by_hand'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='flag',
            name='acknowledged_by_id',
            field=models.UUIDField(null=True),
        ),
        migrations.CreateModel(
            name='HandOver',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('from_name', models.CharField(max_length=160)),
                ('to_name', models.CharField(max_length=160)),
                ('station', models.CharField(blank=True, max_length=64)),
                ('began_at', models.DateTimeField()),
                ('ends_by', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_by', models.CharField(blank=True, max_length=160)),
                ('end', models.CharField(blank=True, choices=[('finished', 'finished'), ('cancelled', 'cancelled'), ('timed out', 'timed out')], max_length=12)),
                ('no_drugs', models.CharField(blank=True, max_length=300)),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='hand_overs', to='clinic.clinic')),
                ('from_user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('to_user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='HandOverChair',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('chair', models.CharField(blank=True, max_length=24)),
                ('accepted_at', models.DateTimeField(null=True)),
                ('reopened', models.PositiveSmallIntegerField(default=0)),
                ('hand_over', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='chairs', to='vitals.handover')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='infusions.session')),
            ],
        ),
        migrations.CreateModel(
            name='ShiftTimes',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hand_over_min', models.PositiveSmallIntegerField()),
                ('cover_min', models.PositiveSmallIntegerField()),
                ('at', models.DateTimeField()),
                ('by_id', models.UUIDField()),
                ('by_name', models.CharField(max_length=160)),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
            ],
        ),
        migrations.AddIndex(
            model_name='handover',
            index=models.Index(fields=['clinic', '-began_at'], name='hand_over_newest'),
        ),
        migrations.AddIndex(
            model_name='handover',
            index=models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['ends_by'], name='hand_over_next'),
        ),
        migrations.AddConstraint(
            model_name='handover',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('clinic', 'from_user'), name='hand_over_open_once'),
        ),
        migrations.AddConstraint(
            model_name='handover',
            constraint=models.CheckConstraint(condition=models.Q(('from_user', models.F('to_user')), _negated=True), name='hand_over_to_another'),
        ),
        migrations.AddConstraint(
            model_name='handover',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('end', ''), ('ended_at__isnull', True), ('ended_by', '')), models.Q(('ended_at__isnull', False), models.Q(('end', ''), _negated=True), models.Q(('ended_by', ''), _negated=True)), _connector='OR'), name='hand_over_end_with_name'),
        ),
        migrations.AddConstraint(
            model_name='handoverchair',
            constraint=models.UniqueConstraint(fields=('hand_over', 'session'), name='hand_over_chair_once'),
        ),
        migrations.AddIndex(
            model_name='shifttimes',
            index=models.Index(fields=['clinic', '-id'], name='shift_times_newest'),
        ),
        migrations.RunSQL(
            "SELECT make_append_only('vitals_shifttimes');",
            "DROP TRIGGER append_only ON vitals_shifttimes;"
            " DROP TRIGGER append_only_truncate ON vitals_shifttimes;",
        ),
    ]
