"""Versions of limits: what a draft keeps beside its rows; and what is in use, the database itself never changes."""

import django.db.models.deletion
from django.db import migrations, models

IN_USE = """
-- a signed version and version 1 stay as they are, rows and all; rows of version 1 come with it, in the
-- transaction that makes it
CREATE FUNCTION limits_in_use(wanted bigint, adding boolean) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    held record;
BEGIN
    -- locked, so that nobody signs between this look and the change
    SELECT version, reviewed_on, made_at INTO held FROM vitals_limitset WHERE id = wanted FOR SHARE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF held.reviewed_on IS NOT NULL THEN
        RETURN true;
    END IF;
    RETURN held.version = 1 AND NOT (adding AND held.made_at >= transaction_timestamp());
END $$;

CREATE FUNCTION refuse_change_of_limits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: limits in use are never changed', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION keep_limit_rules() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (TG_OP <> 'INSERT' AND limits_in_use(OLD.limit_set_id, false))
        OR (TG_OP <> 'DELETE' AND limits_in_use(NEW.limit_set_id, TG_OP = 'INSERT')) THEN
        RAISE EXCEPTION '% on % is refused: limits in use are never changed', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE TRIGGER limits_in_use BEFORE UPDATE OR DELETE ON vitals_limitset FOR EACH ROW
    WHEN (OLD.version = 1 OR OLD.reviewed_on IS NOT NULL) EXECUTE FUNCTION refuse_change_of_limits();
CREATE TRIGGER limits_in_use BEFORE INSERT OR UPDATE OR DELETE ON vitals_limitrule FOR EACH ROW
    EXECUTE FUNCTION keep_limit_rules();
CREATE TRIGGER limits_in_use_truncate BEFORE TRUNCATE ON vitals_limitset
    EXECUTE FUNCTION refuse_change_of_limits();
CREATE TRIGGER limits_in_use_truncate BEFORE TRUNCATE ON vitals_limitrule
    EXECUTE FUNCTION refuse_change_of_limits();

-- a change for one patient is ended once, and nothing else of it ever changes
CREATE FUNCTION keep_limit_changes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ended vitals_limitchange := OLD;
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.ended_at IS NULL THEN
        ended.ended_at := NEW.ended_at;
        ended.ended_by := NEW.ended_by;
        IF ended = NEW THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '% on % is refused: a change for a patient is only ended', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER only_ended BEFORE UPDATE OR DELETE ON vitals_limitchange FOR EACH ROW
    EXECUTE FUNCTION keep_limit_changes();
CREATE TRIGGER only_ended_truncate BEFORE TRUNCATE ON vitals_limitchange
    EXECUTE FUNCTION refuse_change_of_limits();
"""
IN_USE_BACK = """
DROP TRIGGER only_ended_truncate ON vitals_limitchange;
DROP TRIGGER only_ended ON vitals_limitchange;
DROP FUNCTION keep_limit_changes();
DROP TRIGGER limits_in_use_truncate ON vitals_limitrule;
DROP TRIGGER limits_in_use_truncate ON vitals_limitset;
DROP TRIGGER limits_in_use ON vitals_limitrule;
DROP TRIGGER limits_in_use ON vitals_limitset;
DROP FUNCTION keep_limit_rules();
DROP FUNCTION refuse_change_of_limits();
DROP FUNCTION limits_in_use(bigint, boolean);
"""


class Migration(migrations.Migration):
    dependencies = [("vitals", "0002_tables_by_hand")]
    operations = [
        migrations.AddField("limitset", "not_watched", models.JSONField(default=dict)),
        migrations.AddField("limitset", "revision", models.PositiveIntegerField(default=0)),
        # no change was ever stored before this, so the column needs no value for old rows
        migrations.AddField(
            "limitchange",
            "limit_set",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="vitals.limitset"
            ),
        ),
        migrations.AddField("limitchange", "ended_by", models.CharField(blank=True, max_length=160)),
        migrations.AlterField(
            "limitrule",
            "kind",
            models.CharField(
                choices=[
                    ("value", "value"),
                    ("symptom", "symptom"),
                    ("monitor reads 0", "monitor reads 0"),
                    ("monitor silent", "monitor silent"),
                    ("no baseline", "no baseline"),
                    ("set overdue", "set overdue"),
                    ("window missed", "window missed"),
                    ("drawn by no board", "drawn by no board"),
                    ("escalation", "escalation"),
                    ("change for one patient", "change for one patient"),
                ],
                max_length=24,
            ),
        ),
        migrations.AddConstraint(
            "limitchange",
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True, ended_by="")
                | (models.Q(ended_at__isnull=False) & ~models.Q(ended_by="")),
                name="limit_change_ended_by_somebody",
            ),
        ),
        migrations.RunSQL(IN_USE, IN_USE_BACK),
    ]
