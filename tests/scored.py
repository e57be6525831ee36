"""Worked scores of scales, which lie beside the checkout and are never part of it."""

import json
from typing import Any

import pytest

from clinic.local.state import ROOT

PATH = ROOT.parent / "shared" / "data" / "scores" / "others.json"
ABSENT = "the worked scores are not here: ../shared/data/scores/others.json beside the checkout is needed"


def cases(of: str) -> list[dict[str, Any]]:
    """The worked cases of one scale; skips the test, saying why, where they are not there."""
    if not PATH.exists():
        pytest.skip(ABSENT)
    found: list[dict[str, Any]] = json.loads(PATH.read_text())[of]
    assert found
    return found


def news2_cases() -> list[dict[str, Any]]:
    """The worked cases of NEWS2; skips the test, saying why, where they are not there."""
    path = PATH.parent / "news2.json"
    if not path.exists():
        pytest.skip(f"the worked scores are not here: ../shared/data/scores/{path.name} is needed")
    found: list[dict[str, Any]] = json.loads(path.read_text())["cases"]
    assert len(found) > 30
    return found
