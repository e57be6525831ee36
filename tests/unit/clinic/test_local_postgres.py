"""Where root's PostgreSQL keeps its data, and what is cleared away there."""

import os

from clinic.local.postgres import JUST_MADE_S, PREFIX, _remove_abandoned


def home(base, name, pointer, age_s=JUST_MADE_S + 1):
    """A data folder made that long ago for the demo whose pointer is given."""
    made = base / f"{PREFIX}{name}"
    made.mkdir()
    (made / "pointer").write_text(str(pointer))
    os.utime(made, times=(made.stat().st_atime, made.stat().st_mtime - age_s))
    return made


def test_only_data_of_a_deleted_demo_are_removed(tmp_path):
    kept = tmp_path / "postgres.json"
    kept.touch()
    gone = tmp_path / "deleted" / "postgres.json"
    in_use = home(tmp_path, "in-use", kept)
    being_made = home(tmp_path, "being-made", gone, age_s=0)
    abandoned = home(tmp_path, "abandoned", gone)
    nobodys = tmp_path / f"{PREFIX}without-pointer"
    nobodys.mkdir()
    _remove_abandoned(tmp_path)
    assert not abandoned.exists()
    assert in_use.exists()
    assert being_made.exists()
    assert nobodys.exists()
