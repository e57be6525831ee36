"""The whole exit: everything of a clinic leaves, proves itself and comes back equal; nothing of another."""

import csv
import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
from datetime import UTC, datetime

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import InternalError, connection
from django.test.utils import CaptureQueriesContext

from clinic.access import Act
from clinic.models import Clinic
from reports.whole import Refused
from reports.whole.reading import opened, read_whole
from reports.whole.scope import LEFT_OUT, TABLES, condition
from reports.whole.writing import write_whole
from tests import whole_stage as stage

# most tests look at databases of their own; it is the tests' database that those are copied from
pytestmark = pytest.mark.django_db
OURS = ("clinic", "infusions", "vitals", "reports")


@pytest.fixture(scope="module")
def empty(django_db_setup, django_db_blocker):
    """A database with every table and no row: what a new installation begins with."""
    with django_db_blocker.unblock():
        # nobody may be connected to what is copied
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]  # of PostgreSQL's connections alone
        with stage.database(stage.Database(connection.settings_dict["NAME"])) as made:
            yield made


@pytest.fixture(scope="module")
def source(empty):
    """Harbor and Meadow."""
    with stage.database(empty) as made:
        # these rows need not outlive a power cut
        made.query(f"ALTER DATABASE {made.name} SET synchronous_commit = off")
        done = made.run("-m", "tests.whole_stage", "fill")
        assert done.returncode == 0, done.stderr
        yield made, json.loads(done.stdout)


@pytest.fixture(scope="module")
def archive(source, tmp_path_factory):
    """Harbor's archive: its folder, and the total that was printed."""
    database, _ = source
    folder = tmp_path_factory.mktemp("whole") / "harbor"
    return folder, stage.export(database, "Harbor", folder)


@pytest.fixture(scope="module")
def second(archive, empty, tmp_path_factory):
    """Harbor in a database of its own; and its archive from there, before anybody looked at anything."""
    folder = tmp_path_factory.mktemp("again") / "harbor"
    with stage.database(empty) as made:
        made.manage("import_sessions", str(archive[0]))
        yield made, folder, stage.export(made, "Harbor", folder)


@pytest.fixture
def read_in(second):
    return second[0]


@pytest.fixture
def copy(archive, tmp_path):
    """An archive to damage."""
    shutil.copytree(archive[0], tmp_path / "copy")
    return tmp_path / "copy"


def verify(folder):
    """As whoever holds the archive runs it: no Vigil, no packages."""
    return subprocess.run(
        [sys.executable, "-I", "-S", "verify.py"], cwd=folder, capture_output=True, text=True, check=False
    )


def rows_of(folder, table):
    with (folder / "tables" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class TestNothingIsForgotten:
    def test_every_model_leaves_or_is_said_to_stay(self):
        models = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
        leaving = [table.name for table in TABLES]
        assert len(set(leaving)) == len(leaving)
        assert set(leaving) | set(LEFT_OUT) == models | {"django_migrations"}
        assert not set(leaving) & set(LEFT_OUT)
        ours = {model._meta.db_table for app in OURS for model in apps.get_app_config(app).get_models()}
        assert len(ours & set(leaving)) > 40

    def test_every_table_and_column_of_the_database_too(self, db):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT c.relname, array_agg(a.attname ORDER BY a.attname) FROM pg_class c"
                " JOIN pg_namespace n ON n.oid = c.relnamespace"
                " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
                " WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname = 'public' GROUP BY 1"
            )
            there = dict(cursor.fetchall())
        assert set(there) == {table.name for table in TABLES} | set(LEFT_OUT)
        for table in TABLES:
            assert set(there[table.name]) == set(table.columns) | set(table.left_out), table.name

    def test_no_row_is_left_behind(self, archive, source):
        """Counted from the database's side: all rows but those of the other clinic, which we know."""
        folder, _ = archive
        database, known = source
        told = json.loads((folder / "manifest.json").read_text())["tables"]
        for table in TABLES:
            [(count,)] = database.query(
                f"SELECT count(*) FROM {table.name} WHERE {condition(table, int(known['clinic']))}"  # noqa: S608
            )
            # what the export itself left in the audit came after its snapshot
            after = 1 if table.name == "clinic_auditevent" else 0
            assert told[table.name]["rows"] == count - after > 0, table.name
        [(sessions, all_readings)] = database.query(
            "SELECT count(DISTINCT session_id), count(*) FROM vitals_reading"
        )
        # Meadow has one session with one reading
        assert len({row["session_id"] for row in rows_of(folder, "vitals_reading")}) == sessions - 1 == 200
        assert told["vitals_reading"]["rows"] == all_readings - 1

    def test_the_schema_tells_what_every_cell_is(self, archive):
        folder, _ = archive
        schema = json.loads((folder / "schema.json").read_text())
        reading = schema["tables"]["vitals_reading"]
        assert reading["columns"]["systolic"] == {
            "type": "numeric(5, 1)",
            "text": "a decimal number, as exact as it is stored",
            "may be empty": True,
            "meaning": "Systolic",
            "unit": "mm[Hg]",
            "loinc": "8480-6",
        }
        assert reading["columns"]["session_id"]["refers to"] == {"table": "infusions_session", "column": "id"}
        assert "hash of a password" in schema["tables"]["clinic_user"]["left out"]["password"]
        assert set(schema["tables left out"]) == set(LEFT_OUT)
        assert all(table["meaning"] for table in schema["tables"].values())


class TestRoundTrip:
    def test_what_was_read_in_leaves_equal(self, archive, second):
        folder, total = archive
        _, again, total_again = second
        assert total_again == total
        before, after = stage.files_of(folder), stage.files_of(again)
        manifests = [json.loads(files.pop("manifest.json")) for files in (before, after)]
        assert before == after
        assert manifests[0]["files"] == manifests[1]["files"]
        # where it had been is told beside what is equal
        assert manifests[0]["earlier"] == []
        [earlier] = manifests[1]["earlier"]
        assert (earlier["total"], earlier["written_at"]) == (total, manifests[0]["written_at"])
        assert earlier["rows"] == sum(table["rows"] for table in manifests[0]["tables"].values())

    def test_the_system_answers_as_the_first_one_did(self, source, read_in):
        database, known = source

        def told(of, username):
            done = of.run("-m", "tests.whole_stage", "answers", username, known["session"])
            assert done.returncode == 0, done.stderr
            return json.loads(done.stdout)

        assert told(read_in, "supervisor") == told(database, "supervisor")

    def test_it_goes_on_from_there(self, source, read_in):
        """New rows get new numbers, and months of readings their own tables."""
        database, _ = source
        for table in ("clinic_auditevent", "infusions_ledgerentry", "vitals_finding"):
            sequence = f"SELECT nextval(pg_get_serial_sequence('{table}', 'id')), max(id) FROM {table}"  # noqa: S608
            [(following, highest)] = read_in.query(sequence)
            assert following == highest + 1, table
        where = "SELECT DISTINCT tableoid::regclass::text FROM vitals_reading ORDER BY 1"
        assert read_in.query(where) == [("vitals_reading_2026_09",), ("vitals_reading_2026_10",)]
        assert database.query(where) != read_in.query(where)

    def test_keys_stay_behind_and_nobody_can_sign_in(self, archive, read_in):
        folder, _ = archive
        everything = b"".join(stage.files_of(folder).values())
        assert not re.findall(rb"secret-of-[a-z-]+|secret\.example|argon2", everything)
        assert read_in.query("SELECT DISTINCT password, is_superuser, is_staff FROM clinic_user") == [
            ("!", False, False)
        ]
        assert read_in.query("SELECT key_hash FROM infusions_followup WHERE kind = 'xx'") == [(None,)]
        [(address, secret)] = read_in.query("SELECT address, secret FROM vitals_alerttarget")
        assert (address[:9], secret) == ("left out ", "")
        for table in ("clinic_accesstoken", "clinic_wallscreen", "vitals_pushkey"):
            assert read_in.query(f"SELECT count(*) FROM {table}") == [(0,)]  # noqa: S608

    def test_odd_texts_and_missing_values_come_back_as_they_were(self, source, read_in):
        queries = (
            "SELECT label, lot, received_at FROM infusions_stockitem",
            "SELECT worries, answers FROM infusions_followupanswer",
            "SELECT cells FROM infusions_formfiling",
            "SELECT session_ids, lease FROM vitals_limitreplay",
            "SELECT sender, reason, body, device_id FROM vitals_quarantine",
        )
        for query in queries:
            assert read_in.query(query) == source[0].query(query)
        [(label, lot, _)] = read_in.query(queries[0])
        assert (label, lot) == (stage.ODD, "\\N")

    def test_the_demo_clinic_comes_back_equal(self, empty, tmp_path):
        with stage.database(empty) as demo, stage.database(empty) as second:
            demo.manage("seed_demo", DEMO="1", DEMO_FOLDER=str(tmp_path / "demo"))
            [(name, number)] = demo.query("SELECT name, id FROM clinic_clinic")
            total = stage.export(demo, str(number), tmp_path / "first", "--zip")
            said = second.manage("import_sessions", str(tmp_path / "first.zip"))
            assert total in said
            assert "people without a password" in said
            assert stage.export(second, name, tmp_path / "second") == total
            assert verify(tmp_path / "second").returncode == 0


class TestTwoClinics:
    def test_nothing_of_the_other_clinic_leaves(self, archive, source):
        folder, _ = archive
        database, known = source
        everything = b"".join(stage.files_of(folder).values())
        assert stage.CANARY.encode() not in everything
        assert b"Meadow" not in everything
        ids = [known["patient"], *json.loads(known["people"])]
        for table in ("infusions_session", "infusions_course", "clinic_chair", "clinic_patient"):
            ids += [
                str(id_)
                for (id_,) in database.query(
                    f"SELECT id FROM {table} WHERE clinic_id <> {int(known['clinic'])}"  # noqa: S608
                )
            ]
        assert len(ids) > 15
        assert [id_ for id_ in ids if id_.encode() in everything] == []

    def test_who_works_in_both_leaves_with_the_work_done_here(self, archive):
        folder, _ = archive
        [nurse] = [row for row in rows_of(folder, "clinic_user") if row["username"] == "nurse"]
        memberships = rows_of(folder, "clinic_membership")
        assert len([row for row in memberships if row["user_id"] == nurse["id"]]) == 1
        [clinic] = rows_of(folder, "clinic_clinic")
        assert {row["clinic_id"] for row in memberships} == {clinic["id"]}


class TestDamage:
    def test_the_archive_proves_itself_without_vigil(self, archive):
        folder, total = archive
        done = verify(folder)
        assert done.returncode == 0, done.stdout
        assert done.stdout.splitlines()[-1] == f"As it was written. Total {total}"
        assert re.search(r"^ok +infusions_session +200 rows$", done.stdout, re.MULTILINE)

    @pytest.mark.parametrize(
        ("name", "found", "put"),
        [
            ("tables/vitals_reading.csv", rb"(?<=,)97\.0(?=,)", b"79.0"),
            ("tables/clinic_patient.csv", rb"\Z", b"\n"),
            ("schema.json", rb"numeric", b"integer"),
            ("manifest.json", rb'("infusions_session": \{[^}]*"rows": )200', rb"\g<1>201"),
            ("manifest.json", rb'"total": ".', b'"total": "x'),
            ("manifest.json", rb'"format": 1', b'"format": 2'),
            ("manifest.json", rb"\A\{", b""),
        ],
    )
    def test_a_change_is_found_before_the_database_is_asked(self, copy, name, found, put):
        path = copy / name
        before = path.read_bytes()
        path.write_bytes(re.sub(found, put, before, count=1))
        assert path.read_bytes() != before
        assert verify(copy).returncode == 1
        self.refused(copy, "not as it was written")

    def test_so_are_files_that_are_gone_or_came_later(self, copy):
        (copy / "tables" / "more.csv").write_text("id\n")
        assert "tables/more.csv: not in manifest.json" in verify(copy).stdout
        (copy / "tables" / "more.csv").unlink()
        (copy / "tables" / "vitals_flag.csv").unlink()
        assert "tables/vitals_flag.csv: missing" in verify(copy).stdout
        (copy / "manifest.json").unlink()
        assert "was not finished" in verify(copy).stdout

    def test_a_row_that_is_gone_is_missed_by_what_refers_to_it(self, copy):
        """Whoever can also mend the hashes."""
        path = copy / "tables" / "infusions_session.csv"
        lines = path.read_text(encoding="utf-8").split("\n")
        path.write_text("\n".join(lines[:-2]) + "\n", encoding="utf-8")
        mend(copy, "tables/infusions_session.csv")
        said = verify(copy).stdout
        assert "infusions_session: 199 rows, manifest.json has 200" in said
        assert "infusions_occupancy: 1 rows name in session_id what is not in infusions_session" in said
        assert "rows name in session_id what is not in infusions_session" in said.split("vitals_reading:")[1]

    def test_what_the_database_refuses_leaves_nothing(self, copy):
        """Whole by every hash, and wrong by a rule of one of the last tables."""
        path = copy / "tables" / "vitals_shifttimes.csv"
        path.write_bytes(path.read_bytes().replace(b",30,", b",-30,"))
        mend(copy, "tables/vitals_shifttimes.csv")
        with pytest.raises(Refused, match="nothing was read in"):
            read(copy)
        assert not Clinic.objects.exists()

    def test_an_archive_of_other_tables_is_refused_by_their_names(self, copy):
        schema = json.loads((copy / "schema.json").read_text())
        schema["tables"]["vitals_flag"]["columns"]["why"]["type"] = "varchar(400)"
        (copy / "schema.json").write_text(json.dumps(schema))
        mend(copy, "schema.json")
        self.refused(copy, "what differs: vitals_flag")

    def test_only_an_empty_system_reads_an_archive(self, archive, cast):
        with pytest.raises(Refused, match="not empty: there are rows in clinic_clinic"):
            read(archive[0])
        assert {clinic.name for clinic in Clinic.objects.all()} == {"Harbor", "Meadow"}

    def test_checking_reads_nothing_in(self, archive):
        folder, total = archive
        said = io.StringIO()
        call_command("import_sessions", folder, "--check", stdout=said)
        assert said.getvalue().splitlines()[-1] == f"As it was written. Total {total}"
        assert not Clinic.objects.exists()

    def test_what_is_no_archive_is_said_to_be_none(self, tmp_path):
        (tmp_path / "words.txt").write_text("no archive")
        self.refused(tmp_path / "words.txt", "neither a folder nor a zip file")
        with zipfile.ZipFile(tmp_path / "other.zip", "w") as packed:
            packed.writestr("a/words.txt", "no archive")
        self.refused(tmp_path / "other.zip", "holds no archive")

    def refused(self, archive, words):
        with CaptureQueriesContext(connection) as asked, pytest.raises(Refused, match=words):
            read(archive)
        assert len(asked) == 0


def read(path):
    """As the command does it, in the tests' own database."""
    with opened(path, say=lambda line: None) as archive:
        read_whole(archive, at=datetime(2026, 11, 23, tzinfo=UTC), by="Console")


def mend(folder, name):
    """The hashes of a changed file, made anew by somebody who knows how."""
    from reports.whole import verify as verifier

    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][name]["sha256"] = verifier._digest(str(folder / name))
    manifest["total"] = verifier.total({each: one["sha256"] for each, one in manifest["files"].items()})
    (folder / "manifest.json").write_text(json.dumps(manifest))


class TestWriting:
    def test_only_its_owner_may_read_it(self, archive):
        folder, _ = archive
        assert folder.stat().st_mode & 0o077 == 0
        assert {path.stat().st_mode & 0o077 for path in folder.rglob("*")} == {0}

    def test_it_is_audited_with_its_total(self, archive, source):
        database, known = source
        [(act, subject, details)] = database.query(
            f"SELECT act, subject_id, details FROM clinic_auditevent WHERE act = '{Act.EXPORT}'"  # noqa: S608
        )
        assert (act, subject) == ("export", known["clinic"])
        assert (details["content"], details["total"]) == ("everything", archive[1])

    def test_a_folder_that_is_there_is_left_alone(self, cast, tmp_path):
        for name in ("here", "here.unfinished"):
            (tmp_path / name).mkdir()
            with pytest.raises(Refused, match="there already"):
                write_whole(cast.clinic, tmp_path / "here", at=datetime(2026, 11, 23, tzinfo=UTC))
            (tmp_path / name).rmdir()

    def test_what_fails_leaves_no_folder(self, cast, tmp_path):
        """Inside a test's transaction there is no snapshot to be had; that shows once the folder is begun."""
        with pytest.raises(InternalError, match="before any query"):
            write_whole(cast.clinic, tmp_path / "here", at=datetime(2026, 11, 23, tzinfo=UTC))
        assert list(tmp_path.iterdir()) == []
