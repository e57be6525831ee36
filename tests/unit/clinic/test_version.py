"""The name of the code that is served: another for any change, the same for none."""

import pytest

from clinic import version


@pytest.fixture
def served(settings, tmp_path):
    """The version of a small checkout, read anew each time."""
    settings.BASE_DIR = tmp_path
    (tmp_path / "screens" / "static").mkdir(parents=True)
    (tmp_path / "screens" / "static" / "board.js").write_text("one")
    return version.served.__wrapped__


def test_any_change_of_code_is_another_version(served, tmp_path):
    board = tmp_path / "screens" / "static" / "board.js"
    names = [served()]
    board.write_text("two")
    names.append(served())
    board.rename(board.with_name("wall.js"))
    names.append(served())
    (tmp_path / "screens" / "views.py").write_text("one")
    names.append(served())
    assert len(set(names)) == 4


def test_what_is_no_code_changes_nothing(served, tmp_path):
    before = served()
    (tmp_path / "screens" / "notes.txt").write_text("one")
    assert served() == before
