"""The pictures in the docs and the list of them are the same."""

import re
from pathlib import Path

PICTURES = Path(__file__).resolve().parents[3] / "docs" / "screens"


def test_each_picture_is_listed_and_each_listed_one_is_there():
    listed = re.findall(r"\(([a-z0-9-]+\.png)\)", (PICTURES / "README.md").read_text())
    assert sorted(listed) == sorted(path.name for path in PICTURES.glob("*.png"))
