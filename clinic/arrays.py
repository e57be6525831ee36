"""PostgreSQL's own array text: one string costs a fraction of adapting thousands of parameters one by one."""

from collections.abc import Iterable


def array(items: Iterable[object]) -> str:
    """PostgreSQL's array text of items that need no quoting: numbers, UUIDs, ISO times."""
    return "{" + ",".join(map(str, items)) + "}"


def text_array(items: Iterable[str]) -> str:
    """PostgreSQL's array text of any text."""
    return "{" + ",".join('"' + item.replace("\\", "\\\\").replace('"', '\\"') + '"' for item in items) + "}"
