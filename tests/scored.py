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
