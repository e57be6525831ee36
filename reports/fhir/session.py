"""Everything of one session as resources. Pure."""

from collections.abc import Iterable, Iterator, Mapping

from reports.fhir import alertness, answers, flags, harm, medication, papers, visit, vital_signs
from reports.fhir.around import ENTERED_IN_ERROR, Around
from reports.fhir.parties import Parties
from reports.fhir.values import Row, Told
from reports.fhir.vital_signs import Elsewhere


def resources(session: Row, tables: Mapping[str, Iterable[Row]], parties: Parties) -> Iterator[Told]:
    """The resources of a session, its readings row by row.

    session: its row of ``sessions``.
    tables:  table's name → the session's rows of it, each in the table's order and read once; a table that
             was not asked for is missing.
    parties: is told whom the session names.
    """
    entries = list(tables["entries"])
    around = Around(
        session,
        parties,
        frozenset(tables),
        {(row["entry_id"], row["version"]): row["reason"] for row in entries if row.get("reason")},
    )
    yield Told(visit.encounter(around))
    yield Told(visit.procedure(around))
    yield from alertness.resources(entries, around)
    elsewhere = Elsewhere({}, {})
    yield from vital_signs.resources(tables.get("readings", ()), around, elsewhere)
    yield from flags.resources(tables.get("flags", ()), tables.get("findings", ()), around, elsewhere)
    doses = list(tables.get("doses", ()))
    yield from medication.doses(doses, around)
    yield from medication.medicines(tables.get("medicines", ()), around)
    yield from harm.symptoms(tables.get("symptoms", ()), around)
    counted = [row for row in doses if not row["superseded"] and row["status"] != ENTERED_IN_ERROR]
    yield from harm.adverse_events(tables.get("adverse_events", ()), around, medication.first_start(counted))
    yield from answers.scales(tables.get("scales", ()), tables.get("scale_answers", ()), around)
    yield from answers.from_home(tables.get("home_answers", ()), around)
    yield from papers.filings(tables.get("filings", ()), around)
    yield from papers.audit(tables.get("audit", ()), around)
