"""One text for one value: the same in every database, and read back to the same value.

A cell without a value is ``\\N`` without quotes; an empty one is an empty text. Where a value needs quotes it
has those of RFC 4180. Times are UTC with six digits after the second.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models

NULL = "\\N"


@dataclass(frozen=True, slots=True)
class Text:
    """How values of one kind are written. ``write`` and ``read`` are SQL with ``{}`` for the column."""

    meaning: str
    write: str
    read: str


_INTEGER = Text("a whole number", "{}", "{}::bigint")
_TEXT = Text("text", "{}", "{}")
_LIST = (
    "CASE WHEN {0} IS NOT NULL THEN ARRAY(SELECT item FROM jsonb_array_elements_text({0}::jsonb)"
    " WITH ORDINALITY AS list(item, place) ORDER BY place)"
)
_KINDS = {
    "AutoField": _INTEGER,
    "BigAutoField": _INTEGER,
    "BigIntegerField": _INTEGER,
    "PositiveIntegerField": _INTEGER,
    "PositiveSmallIntegerField": _INTEGER,
    "SmallIntegerField": _INTEGER,
    "CharField": _TEXT,
    "SlugField": _TEXT,
    "TextField": _TEXT,
    "BooleanField": Text("true or false", "{}::text", "{}::boolean"),
    "DateField": Text("a day, YYYY-MM-DD", "to_char({}, 'YYYY-MM-DD')", "{}::date"),
    "DateTimeField": Text(
        "a moment in UTC, YYYY-MM-DDThh:mm:ss.ffffffZ",
        "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')",
        "{}::timestamptz",
    ),
    "DecimalField": Text("a decimal number, as exact as it is stored", "{}", "{}::numeric"),
    "JSONField": Text("JSON, keys in the order of PostgreSQL's jsonb", "{}::text", "{}::jsonb"),
    "UUIDField": Text("a UUID", "{}", "{}::uuid"),
}


def text_of(column: "models.Field[Any, Any]") -> Text:
    """How a column's values are written.

    raises: LookupError for a kind that nobody has found a text for yet.
    """
    if isinstance(column, ArrayField):
        of = column.base_field
        return Text(
            f"a JSON list; each item {text_of(of).meaning}",
            "array_to_json({})::text",
            f"{_LIST}::{kind_of(column)} END",
        )
    if isinstance(column, models.ForeignKey):
        return text_of(column.target_field)
    return _KINDS[column.get_internal_type()]


def kind_of(column: "models.Field[Any, Any]") -> str:
    """Its type in the database."""
    found = column.db_type(connection)
    assert found is not None, f"{column} has a column"  # noqa: S101
    return found
