"""What was charted and audited is never changed or removed: the database itself refuses."""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: its rows are append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

-- rows: UPDATE and DELETE, one by one; TRUNCATE as a statement
CREATE FUNCTION make_append_only(target regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION refuse_change()',
        target);
    EXECUTE format(
        'CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON %s EXECUTE FUNCTION refuse_change()', target);
END $$;

SELECT make_append_only('clinic_auditevent');
"""

REVERSE = """
DROP TRIGGER append_only ON clinic_auditevent;
DROP TRIGGER append_only_truncate ON clinic_auditevent;
DROP FUNCTION make_append_only(regclass);
DROP FUNCTION refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("clinic", "0001_first")]
    operations = [migrations.RunSQL(FUNCTION, REVERSE)]
