"""A partition truncated by its own name is refused too: statement triggers are not handed down to partitions."""

from django.db import migrations

FORWARDS = """
CREATE OR REPLACE FUNCTION make_reading_partitions(first date, months integer)
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    month date := date_trunc('month', first)::date;
    name text;
    made integer := 0;
BEGIN
    FOR i IN 1..months LOOP
        name := 'vitals_reading_' || to_char(month, 'YYYY_MM');
        IF to_regclass(name) IS NULL AND NOT EXISTS (
            SELECT FROM vitals_reading_other
            WHERE measured_at >= month::timestamptz AND measured_at < (month + interval '1 month')::timestamptz
        ) THEN
            EXECUTE format('CREATE TABLE %I PARTITION OF vitals_reading FOR VALUES FROM (%L) TO (%L)',
                name, month::timestamptz, (month + interval '1 month')::timestamptz);
            EXECUTE format(
                'CREATE OR REPLACE TRIGGER append_only_truncate BEFORE TRUNCATE ON %I EXECUTE FUNCTION refuse_change()',
                name);
            made := made + 1;
        END IF;
        month := (month + interval '1 month')::date;
    END LOOP;
    RETURN made;
END $$;

DO $$
DECLARE
    partition regclass;
BEGIN
    FOR partition IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'vitals_reading'::regclass LOOP
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER append_only_truncate BEFORE TRUNCATE ON %s EXECUTE FUNCTION refuse_change()',
            partition);
    END LOOP;
END $$;
"""

# the table itself goes with the migration before, and its partitions' triggers with it
BACKWARDS = """
DO $$
DECLARE
    partition regclass;
BEGIN
    FOR partition IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'vitals_reading'::regclass LOOP
        EXECUTE format('DROP TRIGGER append_only_truncate ON %s', partition);
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("vitals", "0002_tables_by_hand")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
