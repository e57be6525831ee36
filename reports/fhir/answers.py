"""Scales and answers from home as QuestionnaireResponse, and the total of a scale as an Observation. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

import msgspec

from reports.fhir import codes
from reports.fhir.around import ENTERED_IN_ERROR, Around, entry, versions
from reports.fhir.values import Json, Row, Told, concept, instant, key, quantity, reference, resource, text
from sessions.follow_up import BY_KIND, QUESTIONS
from sessions.shipped_scales import SCALES

NAMES = {scale.code: scale.name for scale in SCALES}
ASKED = {question.code: question.text for question in QUESTIONS}
_STATUS = {"final": "completed", "amended": "amended", ENTERED_IN_ERROR: ENTERED_IN_ERROR}


def scales(rows: Iterable[Row], answers: Iterable[Row], around: Around) -> Iterator[Told]:
    """Each scale item by item, and its total: rows of ``scales`` and ``scale_answers``."""
    items: dict[tuple[UUID, int], list[Row]] = defaultdict(list)
    for answer in answers:
        items[answer["entry_id"], answer["version"]].append(answer)

    def response(row: Row, around: Around) -> Json:
        return _scale(row, items[row["entry_id"], row["version"]], around)

    held = list(rows)
    yield from versions(held, around, response)
    yield from versions(held, around, _total)


def _scale(row: Row, answers: Sequence[Row], around: Around) -> Json:
    name = NAMES.get(row["scale"], row["scale"])
    status = _STATUS[row["status"]]
    return entry(
        "QuestionnaireResponse",
        row,
        identifier=key(row["entry_id"])[0],
        partOf=[around.procedure],
        status="in-progress" if status == "completed" and row["complete"] is False else status,
        subject=around.patient,
        encounter=around.encounter,
        authored=instant(row["at"]),
        author=around.parties.person(row["by_id"], row["by"]) if row.get("by_id") else None,
        item=[
            {
                "linkId": row["scale"],
                "text": text(f"{name}, version {row['scale_version']}"),
                "item": [
                    {"linkId": answer["item"], "answer": [{"valueInteger": answer["score"]}]}
                    for answer in answers
                ],
            }
        ],
    )


def _total(row: Row, around: Around) -> Json | None:
    if row["total"] is None:
        return None
    by = around.parties.charted_by(row)
    band = text(row["band_words"])
    return entry(
        "Observation",
        row,
        suffix="-total",
        partOf=[around.procedure],
        status=row["status"],
        category=codes.SURVEY,
        code=concept(
            f"{NAMES.get(row['scale'], row['scale'])}, total", *codes.SCALE_TOTALS.get(row["scale"], [])
        ),
        subject=around.patient,
        encounter=around.encounter,
        effectiveDateTime=instant(row["at"]),
        issued=instant(row["recorded_at"]),
        performer=[by] if by else [],
        valueQuantity=quantity(row["total"], "{score}"),
        interpretation=[concept(band)] if band else [],
        derivedFrom=[reference("QuestionnaireResponse", row["entry_id"])],
    )


def from_home(rows: Iterable[Row], around: Around) -> Iterator[Told]:
    """Answered check-ins: rows of ``home_answers``. A limited export has none: it has no answers."""
    for row in rows:
        if row.get("answers") is not None:
            yield Told(_home(row, around))


def _home(row: Row, around: Around) -> Json:
    given: dict[str, Any] = msgspec.json.decode(row["answers"])
    return resource(
        "QuestionnaireResponse",
        row["follow_up_id"],
        at=row["answered_at"],
        identifier=key(row["follow_up_id"])[0],
        status="completed",
        subject=around.patient,
        encounter=around.encounter,
        authored=instant(row["answered_at"]),
        source=around.patient,
        item=[
            {
                "linkId": "check-in",
                "text": f"Check-in at home, {BY_KIND[row['kind']].words}"
                if row["kind"] in BY_KIND
                else "Check-in",
                "item": [
                    {"linkId": code, "text": ASKED.get(code, code), **_answer(answer)}
                    for code, answer in given.items()
                ],
            }
        ],
    )


def _answer(answer: bool | float | str | list[str]) -> Json:
    """Typed as it was given; what was asked and has no choice taken has no answer."""
    if isinstance(answer, list):
        return {"answer": [{"valueString": text(one)} for one in answer]} if answer else {}
    if isinstance(answer, bool):
        return {"answer": [{"valueBoolean": answer}]}
    if isinstance(answer, int):
        return {"answer": [{"valueInteger": answer}]}
    return {"answer": [{"valueString": text(answer)}]}
