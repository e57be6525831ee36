"""What lies in the vendor folder is exactly what its list says: the same files and bytes, with licences."""

import hashlib
import json
import re
from pathlib import Path

import pytest

SCREENS = Path(__file__).resolve().parents[3] / "screens"
VENDOR = SCREENS / "static" / "vendor"
LIST = VENDOR / "VENDORED.json"
ROWS = json.loads(LIST.read_text())


def test_the_list_and_the_folder_name_the_same_files():
    lying = {str(path.relative_to(VENDOR)) for path in VENDOR.rglob("*") if path.is_file() and path != LIST}
    assert lying == {row["file"] for row in ROWS}
    assert len(ROWS) == len(lying)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["file"])
def test_a_file_is_the_one_that_was_listed(row):
    assert {"file", "package", "version", "licence", "sha256"} <= set(row)
    assert hashlib.sha256((VENDOR / row["file"]).read_bytes()).hexdigest() == row["sha256"]


def test_each_package_brings_its_licence():
    folders = {Path(row["file"]).parent for row in ROWS}
    assert folders
    for folder in folders:
        assert (VENDOR / folder / "LICENSE").read_text().strip(), folder


def test_no_source_map_is_asked_for():
    for row in ROWS:
        if row["file"].endswith((".js", ".css")):
            assert "sourceMappingURL" not in (VENDOR / row["file"]).read_text(), row["file"]


def own_sources():
    """Every template and module of our own, as one text."""
    modules = (SCREENS / "static" / "screens").glob("*.js")
    templates = (SCREENS / "templates").rglob("*.html")
    return "\n".join(path.read_text() for path in [*modules, *templates])


def test_the_sprite_holds_the_icons_that_are_used_and_no_other():
    symbols = set(re.findall(r'<symbol id="([a-z0-9-]+)"', (VENDOR / "lucide" / "icons.svg").read_text()))
    sources = own_sources()
    named = set(re.findall(r'\bicon\("([a-z0-9-]+)"', sources))
    named |= set(re.findall(r'icon\.html" with name="([a-z0-9-]+)"', sources))
    assert named, "no icon is used anywhere: the patterns of this test no longer fit"
    assert named <= symbols, f"not in the sprite: {sorted(named - symbols)}"
    idle = {name for name in symbols if f'"{name}"' not in sources}
    assert not idle, f"in the sprite, but used nowhere: {sorted(idle)}"
