"""What the strict content security policy and the design laws ask of templates, styles and modules."""

import re
from pathlib import Path

import pytest

SCREENS = Path(__file__).resolve().parents[3] / "screens"
TEMPLATES = sorted((SCREENS / "templates").rglob("*.html"))
STYLES = sorted((SCREENS / "static" / "screens").glob("*.css"))
MODULES = sorted((SCREENS / "static" / "screens").glob("*.js"))

NAMESPACES = {"http://www.w3.org/2000/svg"}
ADDRESS = re.compile(r"""(?:https?:)?//[a-z0-9-]+(?:\.[a-z0-9-]+)+[^\s"'`)<]*""", re.IGNORECASE)
COLOUR = re.compile(
    r"#[0-9a-f]{3,8}\b|\b(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch|color|color-mix)\(", re.IGNORECASE
)
COLOUR_WORDS = {
    "white",
    "black",
    "red",
    "green",
    "blue",
    "grey",
    "gray",
    "orange",
    "yellow",
    "purple",
    "silver",
}


def named(paths):
    return pytest.mark.parametrize("path", paths, ids=lambda path: path.name)


def without_comments(css):
    return re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)


def test_there_is_something_to_check():
    assert TEMPLATES
    assert STYLES
    assert MODULES


@named(TEMPLATES)
def test_a_template_holds_no_inline_script_style_or_listener(path):
    html = path.read_text()
    # JSON for a module is data, not script: the policy lets it stand.
    scripts = re.findall(r"<script\b([^>]*)>(.*?)</script>", html, re.DOTALL | re.IGNORECASE)
    inline = [body for attributes, body in scripts if "src=" not in attributes and "json" not in attributes]
    assert inline == []
    assert all(not body.strip() for attributes, body in scripts if "src=" in attributes)
    assert not re.search(r"<style\b", html, re.IGNORECASE)
    assert not re.search(r"<[^>{%]*\sstyle\s*=", html, re.IGNORECASE)
    assert not re.search(r"<[^>]*\son[a-z]+\s*=", html, re.IGNORECASE)
    assert "javascript:" not in html.lower()


@named(TEMPLATES + STYLES + MODULES)
def test_nothing_is_loaded_from_elsewhere(path):
    found = set(ADDRESS.findall(path.read_text())) - NAMESPACES
    assert found == set()


@named([path for path in STYLES if path.name != "tokens.css"])
def test_colours_come_from_the_tokens(path):
    css = without_comments(path.read_text())
    assert COLOUR.findall(css) == []
    values = re.findall(r":\s*([^;{}]+);", css)
    words = {word for value in values for word in re.findall(r"[a-z]+", value.lower())}
    assert words & COLOUR_WORDS == set()


@named([path for path in STYLES if path.name != "tokens.css"])
def test_each_token_used_is_defined(path):
    css = path.read_text()
    known = set(re.findall(r"(--[a-z0-9-]+)\s*:", (SCREENS / "static/screens/tokens.css").read_text()))
    own = set(re.findall(r"(--[a-z0-9-]+)\s*:", "".join(style.read_text() for style in STYLES)))
    set_by_modules = set(
        re.findall(r"""["'](--[a-z0-9-]+)["']""", "".join(one.read_text() for one in MODULES))
    )
    assert set(re.findall(r"var\((--[a-z0-9-]+)", css)) <= known | own | set_by_modules


@named(MODULES)
def test_a_module_writes_no_markup_and_no_style_attribute(path):
    source = path.read_text()
    assert "innerHTML" not in source
    assert "insertAdjacentHTML" not in source
    assert not re.search(r"""setAttribute\(\s*["']style["']""", source)
    assert not re.search(r"\beval\(|new Function\(", source)


def themes():
    """The tokens of day and night: {theme: {name: "#rrggbb"}}."""
    css = without_comments((SCREENS / "static/screens/tokens.css").read_text())
    css = css[: css.index("@media print")]
    blocks = {}
    for theme in ("day", "night"):
        body = re.search(rf':root\[data-theme="{theme}"\]\s*\{{(.*?)\}}', css, re.DOTALL)
        assert body, theme
        blocks[theme] = dict(re.findall(r"--([a-z0-9-]+):\s*(#[0-9a-f]{6});", body.group(1)))
    return blocks


def luminance(colour):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    """The ratio of WCAG 2, 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", ["day", "night"])
def test_text_can_be_read(theme):
    tokens = themes()[theme]
    pairs = [(ink, on) for ink in ("ink", "ink-2", "ink-3") for on in ("ground", "tile", "raised")]
    pairs += [
        ("ink", "band"),
        ("ink-2", "band"),
        ("button-ink", "button"),
        ("cover-ink", "cover"),
        ("cover-ink-2", "cover"),
    ]
    pairs += [(f"{state}-ink", state) for state in ("high", "medium", "low", "technical")]
    pairs += [("ink", f"{state}-wash") for state in ("high", "medium", "low", "technical")]
    low = {pair: round(contrast(tokens[pair[0]], tokens[pair[1]]), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in low.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("theme", ["day", "night"])
def test_edges_can_be_seen(theme):
    tokens = themes()[theme]
    edges = ["edge", "ink", *(f"{state}-edge" for state in ("high", "medium", "low", "technical"))]
    low = {
        (edge, on): round(contrast(tokens[edge], tokens[on]), 2)
        for edge in edges
        for on in ("ground", "tile")
    }
    assert {pair: ratio for pair, ratio in low.items() if ratio < 3} == {}


@named(TEMPLATES)
def test_what_scrolls_sideways_is_reached_by_keyboard_and_has_a_name(path):
    boxes = re.findall(r'<\w+\b[^>]*class="[^"]*(?:table-scroll|wide-table)[^"]*"[^>]*>', path.read_text())
    for box in boxes:
        assert 'tabindex="0"' in box
        assert 'role="region"' in box
        assert "aria-label" in box


@named([path for path in TEMPLATES if 'role="img"' in path.read_text()])
def test_a_picture_of_values_has_its_table_beside_it(path):
    html = path.read_text()
    for name in re.findall(r'include "(screens/_[a-z_]+\.html)"', html):
        html += (SCREENS / "templates" / name).read_text()
    assert "<table" in html
    assert "<caption" in html or 'aria-labelledby="readings-title"' in html
    for label in re.findall(r'role="img"[^>]*aria-label="([^"]*)"', html):
        assert "table" in label
