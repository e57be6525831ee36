"""What the journeys in a browser share: headless Chromium, signed-in windows, pictures."""

import os
import re
import shutil
from pathlib import Path

import pytest

from tests.journeys.ward import open_ward
from tests.journeys.windows import Windows

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "screens"
LISTED = set(re.findall(r"\(([a-z0-9-]+)\.png\)", (PICTURES / "README.md").read_text()))
LARGEST_PICTURE_BYTES = 300_000


@pytest.fixture(scope="module")
def browser():
    """Chromium, for all tests of a module; without one they are skipped, which CI does not accept."""
    api = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium on this machine")
    # Playwright keeps an event loop in this thread, so Django takes each query for one made inside of it.
    with pytest.MonkeyPatch.context() as patch, api.sync_playwright() as play:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        opened = play.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield opened
        opened.close()


@pytest.fixture
def windows(browser):
    """Opens pages; whatever their console, their policy or their network complains of fails the test."""
    opened = Windows(browser)
    yield opened
    opened.close()
    assert opened.complaints == []


@pytest.fixture
def ward(committed_db, windows, tmp_path):
    """Harbor clinic, served over a real database, with its watch."""
    with open_ward(windows, tmp_path) as served:
        yield served


@pytest.fixture
def picture(tmp_path):
    """Keep a picture; with ``UPDATE_SCREENS=1`` in the docs, when their list names it."""

    def keep(page, name, **how):
        kept = _place(name, tmp_path)
        page.screenshot(path=kept, **how)
        _fewer_colours(kept)
        assert kept.stat().st_size <= LARGEST_PICTURE_BYTES, f"{name} is too large for the docs"

    return keep


@pytest.fixture
def drawing(tmp_path):
    """Keep an image that a test put together, as a picture is kept."""

    def keep(image, name):
        kept = _place(name, tmp_path)
        image.save(kept)
        _fewer_colours(kept)
        assert kept.stat().st_size <= LARGEST_PICTURE_BYTES, f"{name} is too large for the docs"

    return keep


def _place(name, folder):
    to_docs = os.environ.get("UPDATE_SCREENS") and name in LISTED
    return (PICTURES if to_docs else folder) / f"{name}.png"


def _fewer_colours(path):
    """The screens are nearly flat: 256 colours show them as they are, at a third of the size."""
    image = pytest.importorskip("PIL.Image")
    with image.open(path) as drawn:
        drawn.convert("RGB").quantize(256, dither=image.Dither.NONE).save(path, optimize=True)
