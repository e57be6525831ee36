"""What models cannot say: partitions by month, an unlogged event table, rows that stay in place.

Names and types here are those of the ``Reading`` model, which is not managed by Django for this reason.
"""

from django.db import migrations

READING = """
CREATE TABLE vitals_reading (
    clinic_id bigint NOT NULL,
    id uuid NOT NULL,
    session_id uuid NOT NULL,
    measured_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    systolic numeric(5,1) CHECK (systolic <> 'NaN'),
    diastolic numeric(5,1) CHECK (diastolic <> 'NaN'),
    mean numeric(5,1) CHECK (mean <> 'NaN'),
    heart_rate numeric(5,1) CHECK (heart_rate <> 'NaN'),
    respiratory_rate numeric(5,1) CHECK (respiratory_rate <> 'NaN'),
    spo2 numeric(5,1) CHECK (spo2 <> 'NaN'),
    temperature numeric(5,1) CHECK (temperature <> 'NaN'),
    etco2 numeric(5,1) CHECK (etco2 <> 'NaN'),
    sedation numeric(5,1) CHECK (sedation <> 'NaN'),
    late_fields smallint NOT NULL DEFAULT 0,
    doubtful jsonb,
    absent jsonb,
    device_id uuid,
    user_id uuid,
    version smallint NOT NULL DEFAULT 1,
    supersedes uuid,
    reason varchar(300) NOT NULL DEFAULT '',
    PRIMARY KEY (clinic_id, id, measured_at),
    CHECK ((device_id IS NULL) <> (user_id IS NULL)),
    CHECK ((supersedes IS NULL) = (version = 1))
) PARTITION BY RANGE (measured_at);
CREATE INDEX reading_of_session ON vitals_reading (session_id, measured_at);
CREATE INDEX reading_corrected ON vitals_reading (clinic_id, received_at) WHERE supersedes IS NOT NULL;
SELECT make_append_only('vitals_reading');

-- whatever falls outside the months made so far is still stored
CREATE TABLE vitals_reading_other PARTITION OF vitals_reading DEFAULT;

-- statement triggers are not handed down: a partition truncated by its own name is refused by one of its own
CREATE FUNCTION refuse_truncate(target regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON %s EXECUTE FUNCTION refuse_change()', target);
END $$;
SELECT refuse_truncate('vitals_reading_other');

-- one partition per month; a month whose rows already lie in the default one is left there
CREATE FUNCTION make_reading_partitions(first date, months integer) RETURNS integer LANGUAGE plpgsql AS $$
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
            PERFORM refuse_truncate(name::regclass);
            made := made + 1;
        END IF;
        month := (month + interval '1 month')::date;
    END LOOP;
    RETURN made;
END $$;
SELECT make_reading_partitions((now() - interval '1 month')::date, 5);
"""
READING_BACK = """
DROP FUNCTION make_reading_partitions(date, integer);
DROP TABLE vitals_reading;
DROP FUNCTION refuse_truncate(regclass);
"""

# Lost with a crash and rebuilt from watch rows, so it is spared the write-ahead log.
LIVE = """
ALTER TABLE vitals_liveevent SET UNLOGGED;
ALTER TABLE vitals_liveevent ALTER COLUMN xid SET DEFAULT (pg_current_xact_id()::text::bigint);

-- The oldest transaction still running that could have left an event here. A snapshot lists those of the whole
-- server; one that is known to be another database's cannot, and holds no board back. Whatever is not known
-- (it has just begun, or just ended) counts as ours.
CREATE FUNCTION stream_horizon() RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN pg_snapshot_xmin(seen) = pg_snapshot_xmax(seen) THEN pg_snapshot_xmax(seen)::text::bigint
    ELSE (
        SELECT least(pg_snapshot_xmax(seen)::text::bigint, min(running::text::bigint))
        FROM pg_snapshot_xip(seen) running
        WHERE NOT EXISTS (
            SELECT FROM pg_locks l JOIN pg_stat_activity a USING (pid)
            WHERE l.locktype = 'transactionid' AND l.granted AND l.mode = 'ExclusiveLock'
            AND l.transactionid::text::bigint = running::text::bigint & 4294967295
            AND a.datname <> current_database()
        )
    ) END FROM pg_current_snapshot() seen
$$;
"""
LIVE_BACK = """
DROP FUNCTION stream_horizon();
ALTER TABLE vitals_liveevent ALTER COLUMN xid DROP DEFAULT;
ALTER TABLE vitals_liveevent SET LOGGED;
"""

# A watch row is rewritten with each reading: leave it room in its page, and its panel in the row.
WATCH = "ALTER TABLE vitals_watch SET (fillfactor = 50, toast_tuple_target = 8160);"
WATCH_BACK = "ALTER TABLE vitals_watch RESET (fillfactor, toast_tuple_target);"

CHARTED = "".join(
    f"SELECT make_append_only('{table}');" for table in ("vitals_alertingswitch", "vitals_shifttimes")
)
CHARTED_BACK = "".join(
    f"DROP TRIGGER append_only ON {table}; DROP TRIGGER append_only_truncate ON {table};"
    for table in ("vitals_alertingswitch", "vitals_shifttimes")
)

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
    dependencies = [("vitals", "0001_first"), ("clinic", "0002_append_only")]
    operations = [
        migrations.RunSQL(READING, READING_BACK),
        migrations.RunSQL(LIVE, LIVE_BACK),
        migrations.RunSQL(WATCH, WATCH_BACK),
        migrations.RunSQL(CHARTED, CHARTED_BACK),
        migrations.RunSQL(IN_USE, IN_USE_BACK),
    ]
