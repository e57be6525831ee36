"""What a column of an export is: its kind, its unit, its meaning, and what it would disclose. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a value is written and read again.

    MOMENT is a time with a zone; CODE a text out of a closed list, or of a shape no formula has; JSON what
    has no columns of its own.
    """

    TEXT = "text"
    CODE = "code"
    ID = "id"
    INTEGER = "integer"
    NUMBER = "number"
    YES_NO = "yes-no"
    DAY = "day"
    MOMENT = "moment"
    JSON = "json"


class Discloses(StrEnum):
    """What a value gives away, so that a limited export knows what to do with it.

    NAME:  a direct identifier, a text in which anybody may have written one, or what is the same in every
           export and so would join two of them: left out.
    WHEN:  a day or a time of this patient's: moved by the patient's own number of days.
    WHO:   the key of a patient, a session or one of its rows: replaced by a key of this export alone.
    STAFF: a member of staff: left out.
    """

    NOTHING = "nothing"
    NAME = "name"
    WHEN = "when"
    WHO = "who"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``sql`` is what it selects, over the table's source. unit: UCUM, or empty."""

    name: str
    kind: Kind
    sql: str
    means: str
    unit: str = ""
    discloses: Discloses = Discloses.NOTHING


@dataclass(frozen=True, slots=True)
class Grows:
    """A database table of many rows: its name, its alias in the source, and the column of when a row came."""

    table: str
    alias: str
    came: str


@dataclass(frozen=True, slots=True)
class Table:
    """One table of an export.

    content:  what a person chooses it by.
    one_row:  what one row is.
    source:   FROM and JOINs, over ``chosen c``: the sessions of this export (session_id, patient_id, days,
              zone, began_at).
    order:    columns of the source that give one order of rows for good.
    grows:    the database table whose rows are too many for one go: it is read in parts, by session, and
              only as far as the snapshot saw it (``{seen}`` in the source). None for a small table.
    """

    name: str
    content: str
    one_row: str
    columns: Sequence[Column]
    source: str
    order: str
    grows: Grows | None = None
