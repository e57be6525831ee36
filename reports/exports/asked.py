"""What an export is asked for: which sessions, which content, in which form, giving away how much. Pure."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

import msgspec

from clinic.refusals import Invalid
from reports.exports import aggregates
from reports.exports.rendering import DayStyle, Disclosure, Rendering
from reports.exports.tables import CONTENTS


class FormName(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"
    FHIR = "fhir"
    PDF = "pdf"


FORM_WORDS = {
    FormName.CSV: "CSV, one file per table",
    FormName.XLSX: "Excel workbook, one sheet per table",
    FormName.PARQUET: "Parquet, one file per table",
    FormName.FHIR: "FHIR R4, NDJSON, one file per resource type",
    FormName.PDF: "Session reports as PDF",
}
DISCLOSURE_WORDS = {
    Disclosure.IDENTIFIED: "Identified: everything, as it is in the record",
    Disclosure.LIMITED: "Limited: no direct identifiers, dates moved per patient",
    Disclosure.AGGREGATE: "Aggregate: sums only, small counts hidden",
}
# what a form cannot say
_NEVER = {
    FormName.PDF: (Disclosure.LIMITED, Disclosure.AGGREGATE),
    FormName.FHIR: (Disclosure.AGGREGATE,),
}
# what a form cannot do without
_NEEDS = {FormName.FHIR: "sessions"}
FLAGGED = {"any": "with any flag", "high": "with a high flag", "none": "without a flag"}


class Filters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which sessions: all that fit every filter. Empty means not filtered by.

    from_day, until_day: of the check-in, or of the schedule where nobody was checked in; both inclusive, in
                         the clinic's zone.
    staff:               id of a member who was the nurse of the session or charted in it.
    """

    from_day: date | None = None
    until_day: date | None = None
    route: str = ""
    protocol: str = ""
    indication: str = ""
    flags: str = ""
    staff: str = ""


class Locale(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a spreadsheet of the reader's country wants it. Of CSV alone: the other forms are typed.

    bom: whether a file begins with the mark by which Excel knows UTF-8.
    """

    separator: str = ","
    decimal_mark: str = "."
    days: DayStyle = DayStyle.ISO
    bom: bool = False

    def rendering(self) -> Rendering:
        return Rendering(
            for_sheets=True, separator=self.separator, decimal_mark=self.decimal_mark, days=self.days
        )


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One export as it is asked for; kept with the job as JSON."""

    filters: Filters = Filters()
    contents: tuple[str, ...] = tuple(CONTENTS)
    form: FormName = FormName.CSV
    disclosure: Disclosure = Disclosure.IDENTIFIED
    locale: Locale = Locale()


SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab"}
DECIMAL_MARKS = {".": "point", ",": "comma"}


def checked(asked: Asked) -> Asked:
    """The same, with contents in their order. raises: Invalid naming field, value and rule."""
    _one_of("contents", asked.contents, CONTENTS)
    if not asked.contents:
        raise Invalid("contents is empty: choose at least one.", field="contents")
    _one_of("separator", [asked.locale.separator], SEPARATORS)
    _one_of("decimal_mark", [asked.locale.decimal_mark], DECIMAL_MARKS)
    if asked.locale.separator == asked.locale.decimal_mark:
        raise Invalid(
            f"separator and decimal_mark are both “{asked.locale.separator}”: no reader could part them.",
            field="separator",
        )
    if asked.disclosure in _NEVER.get(asked.form, ()):
        raise Invalid(
            f"form “{asked.form}” cannot be {asked.disclosure}: choose another form.", field="disclosure"
        )
    needed = _NEEDS.get(asked.form)
    if needed is not None and needed not in asked.contents:
        raise Invalid(
            f"contents lacks “{needed}”: in form “{asked.form}” everything refers to it.", field="contents"
        )
    if asked.disclosure is Disclosure.AGGREGATE and not set(asked.contents) & set(aggregates.CONTENTS):
        raise Invalid(f"contents: there are sums of {', '.join(aggregates.CONTENTS)} only.", field="contents")
    if asked.filters.flags:
        _one_of("flags", [asked.filters.flags], FLAGGED)
    first, last = asked.filters.from_day, asked.filters.until_day
    if first and last and last < first:
        raise Invalid(f"until_day {last} lies before from_day {first}.", field="until_day")
    return msgspec.structs.replace(
        asked, contents=tuple(content for content in CONTENTS if content in asked.contents)
    )


def _one_of(field: str, given: Iterable[str], known: Iterable[str]) -> None:
    names = list(known)
    for value in given:
        if value not in names:
            raise Invalid(f"{field} “{value}” is not one of: {', '.join(names)}.", field=field)
