"""What a demo leaves on disk, and who reads it."""

import os
import stat

import pytest

from clinic.local import state


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A demo's state folder, and no servers named by the environment."""
    monkeypatch.setenv("DEMO_FOLDER", str(tmp_path / "demo"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return tmp_path / "demo"


def test_without_a_demo_there_is_no_environment(folder):
    assert state.environment() == {}


def test_a_running_demo_names_its_servers(folder):
    with state.locked(folder):
        state.write_environment(folder, {"DATABASE_URL": "postgresql://a:b=c@h/d", "DEMO": "1"})
        assert state.environment() == {"DATABASE_URL": "postgresql://a:b=c@h/d", "DEMO": "1"}


def test_what_a_killed_demo_left_is_not_believed(folder):
    with state.locked(folder):
        state.write_environment(folder, {"DEMO": "1"})
    assert state.environment() == {}


def test_a_database_named_by_the_environment_keeps_the_demo_out(folder, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/db")
    with state.locked(folder):
        state.write_environment(folder, {"DEMO": "1"})
        assert state.environment() == {}


def test_a_folder_is_held_by_one_process(folder, monkeypatch):
    monkeypatch.setattr(state, "LOCK_WAIT_S", 0.1)
    with (
        state.locked(folder),
        pytest.raises(state.Refused, match=f"process {os.getpid()}"),
        state.locked(folder),
    ):
        pass
    with state.locked(folder):
        pass


def test_secrets_are_for_the_owner_alone_and_made_once(folder):
    with state.locked(folder):
        state.write_environment(folder, {"DEMO": "1"})
        secret = state.secret_key(folder)
        assert len(secret) >= 50
        assert state.secret_key(folder) == secret
        for name in ("env", "secret", "lock"):
            assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
