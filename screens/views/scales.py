"""Scales: the form at the chair, and the pages where a clinic keeps its own words."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from clinic import audit
from clinic.access import Act, Principal
from clinic.refusals import NotFound
from screens.views.staff import for_staff
from sessions import known_scales
from sessions import queries as treatments
from sessions.scales import Item, Scale, Wording, spoken
from sessions.services import wording

NEW_CHIPS = 3  # empty lines at the end of the table, for new ones


@dataclass(frozen=True, slots=True)
class ShownChoice:
    score: int
    shown: str
    words: str


@dataclass(frozen=True, slots=True)
class Shown:
    """An item as this clinic shows it. ``label``: as it ships; ``own``: the clinic's wording, or empty."""

    code: str
    label: str
    text: str
    own: str
    choices: tuple[ShownChoice, ...]


def _shown(item: Item, own: dict[str, str]) -> Shown:
    choices = tuple(
        ShownChoice(
            choice.score, spoken(choice.score), "" if choice.words == str(choice.score) else choice.words
        )
        for choice in item.choices
    )
    return Shown(item.code, item.text, own.get(item.code, item.text), own.get(item.code, ""), choices)


def _items(clinic_id: int, scale: Scale) -> list[Shown]:
    own = wording.wording_of(clinic_id, scale)
    return [_shown(item, own) for item in scale.items]


@for_staff(Act.SCALE)
def take(request: HttpRequest, by: Principal, session_id: UUID, code: str) -> HttpResponse:
    row = treatments.session(by.clinic_id, session_id)
    scale = known_scales.scales().get(code)
    if scale is None:
        raise NotFound
    audit.record_look(by, "session", str(row.id), session_id=row.id)
    items = _items(by.clinic_id, scale)
    context = {
        "screen": "scale",
        "session": row,
        "scale": scale,
        "items": items,
        "layout": layout_of(scale),
        "numbered": len(items) > 1 and scale.wording is not Wording.CLINIC,
        "lacks_wording": scale.wording is Wording.CLINIC and not all(item.own for item in items),
    }
    return render(request, "screens/scale.html", context)


def layout_of(scale: Scale) -> str:
    """How the choices lie: "line" for numbers, "column" for the many words of a single item, else "row"."""
    choices = scale.items[0].choices
    if len(choices) > 2 and all(choice.words in {"", str(choice.score)} for choice in choices[1:-1]):
        return "line"
    return "column" if len(scale.items) == 1 else "row"


@for_staff(Act.MANAGE_WORDING)
def wordings(request: HttpRequest, by: Principal) -> HttpResponse:
    """Every scale with its source and licence; those whose wording is the clinic's with a form for it."""
    scales = [
        {
            "row": scale,
            "range": f"{spoken(scale.lowest)} to {spoken(scale.highest)}",
            "own": scale.wording is Wording.CLINIC,
            "items": _items(by.clinic_id, scale),
        }
        for scale in known_scales.scales().values()
    ]
    return render(request, "screens/scales.html", {"screen": "scales", "scales": scales})


@for_staff(Act.MANAGE_WORDING)
def chips(request: HttpRequest, by: Principal) -> HttpResponse:
    """The clinic's symptom chips in their order."""
    held = wording.chips(by.clinic_id)
    new = range(len(held), len(held) + NEW_CHIPS)
    return render(request, "screens/symptoms.html", {"screen": "symptoms", "chips": held, "new": new})
