"""One list of commands: the supervisor's, which docker-compose.yml and .env.example must agree with."""

import re
import shlex

import pytest
import yaml

from clinic.local.commands import COMMANDS, START_ORDER, STOP_ORDER, argv
from clinic.local.state import ROOT

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def in_the_container(name):
    """The command as the image runs it: on the container's own network, in its own temporary folder."""
    schedule = "/tmp/celerybeat-schedule"  # noqa: S108
    return argv(name, python="python", host="0.0.0.0", port=8000, schedule=schedule)  # noqa: S104


@pytest.mark.parametrize("name", ["web", "worker", "beat", "watch"])
def test_compose_starts_the_same_command(name):
    assert shlex.split(COMPOSE["services"][name]["command"]) == in_the_container(name)


def test_the_image_starts_the_web_when_it_is_told_nothing():
    dockerfile = (ROOT / "Dockerfile").read_text().replace("\\\n", "")
    (words,) = re.findall(r"^CMD (\[.*\])$", dockerfile, re.MULTILINE)
    assert yaml.safe_load(words) == in_the_container("web")


def test_compose_has_every_service_but_the_simulated_monitors():
    assert set(COMPOSE["services"]) == {"postgres", "redis", "migrate", *COMMANDS} - {"simulate"}


def test_every_command_is_started_and_stopped():
    stopped = [name for step in STOP_ORDER for name in step]
    assert sorted(START_ORDER) == sorted(COMMANDS)
    assert sorted(stopped) == sorted([*COMMANDS, "valkey", "postgres"])


def test_every_variable_that_settings_read_is_documented():
    settings = (ROOT / "clinic" / "settings.py").read_text()
    read = set(re.findall(r"""env(?:\.\w+)?\(\s*["']([A-Z_]+)["']""", settings))
    documented = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert read
    assert read - documented == set()


def test_compose_passes_only_documented_variables():
    documented = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    used = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    assert used <= documented


def test_requirements_are_hashed_and_name_no_index():
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text()
        pins = re.findall(r"^[a-z0-9][\w.-]*==\S+.*$", text, re.MULTILINE)
        assert len(pins) > 50
        assert all(pin.endswith("\\") for pin in pins)
        assert "://" not in text
        assert "--index" not in text
