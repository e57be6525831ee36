"""The clinic's own words: of scales whose wording it licenses, and of its symptom chips."""

from collections.abc import Mapping, Sequence

from django.db import transaction

from clinic import audit
from clinic.access import Act, Principal, check
from clinic.refusals import Invalid, NotFound
from sessions import known_scales, symptoms
from sessions.models import ScaleWording, SymptomChip
from sessions.scales import Scale, Wording
from sessions.symptoms import Chip


def wording_of(clinic_id: int, scale: Scale) -> dict[str, str]:
    """The clinic's wording of a scale, item code → text; empty where it gave none, or has none to give."""
    if scale.wording is not Wording.CLINIC:
        return {}
    rows = ScaleWording.objects.filter(clinic_id=clinic_id, scale=scale.code)
    return dict(rows.values_list("item", "text"))


def set_wording(*, by: Principal, scale: str, texts: Mapping[str, str]) -> None:
    """Take the clinic's wording for items of a scale; an empty text takes it away again.

    raises: AccessDenied; NotFound for an unknown scale; Invalid for an unknown item, or a scale whose wording
    is not the clinic's to give.
    """
    check(by, Act.MANAGE_WORDING)
    row = known_scales.scales().get(scale)
    if row is None:
        raise NotFound
    _check_texts(row, texts)
    with transaction.atomic():
        for item, text in texts.items():
            if text.strip():
                ScaleWording.objects.update_or_create(
                    clinic_id=by.clinic_id, scale=scale, item=item, defaults={"text": text.strip()}
                )
            else:
                ScaleWording.objects.filter(clinic_id=by.clinic_id, scale=scale, item=item).delete()
        _audited(by, "scale", scale, items=sorted(texts))


def _check_texts(row: Scale, texts: Mapping[str, str]) -> None:
    if row.wording is not Wording.CLINIC:
        raise Invalid(
            f"The wording of {row.name} is {row.wording}: it is not the clinic's to change.", field="texts"
        )
    codes = [item.code for item in row.items]
    if strange := sorted(set(texts) - set(codes)):
        raise Invalid(f"{row.name} has no item “{strange[0]}”; it has: {', '.join(codes)}.", field="texts")


def chips(clinic_id: int) -> tuple[Chip, ...]:
    """The clinic's symptom chips in their order; those that ship where it has none of its own."""
    rows = SymptomChip.objects.filter(clinic_id=clinic_id).order_by("position", "id")
    own = tuple(Chip(row.code, row.text, row.code in symptoms.SERIOUS, row.shown) for row in rows)
    return own or symptoms.SHIPPED


def set_chips(*, by: Principal, wanted: Sequence[Chip]) -> None:
    """Take the clinic's row of chips, in this order.

    What was charted keeps its code, so a chip is hidden rather than lost. The serious ones stay: the rules
    name them.
    raises: AccessDenied; Invalid for a code given twice, "none", or a serious one that is missing or hidden.
    """
    check(by, Act.MANAGE_WORDING)
    codes = [chip.code for chip in wanted]
    if twice := [code for code in codes if codes.count(code) > 1]:
        raise Invalid(f"The code “{twice[0]}” is given twice.", field="chips")
    if symptoms.NONE in codes:
        raise Invalid("“No symptoms” always comes first and is not one of the chips.", field="chips")
    offered = {chip.code for chip in wanted if chip.shown}
    if lost := [chip for chip in symptoms.SHIPPED if chip.serious and chip.code not in offered]:
        raise Invalid(f"“{lost[0].text}” is one that the rules name: it stays on offer.", field="chips")
    with transaction.atomic():
        SymptomChip.objects.filter(clinic_id=by.clinic_id).delete()
        SymptomChip.objects.bulk_create(
            SymptomChip(
                clinic_id=by.clinic_id, code=chip.code, text=chip.text, position=position, shown=chip.shown
            )
            for position, chip in enumerate(wanted)
        )
        _audited(by, "symptom-chips", str(by.clinic_id), codes=codes)


def _audited(by: Principal, subject: str, subject_id: str, **details: object) -> None:
    entry = audit.Entry(
        by=by, act=Act.MANAGE_WORDING, subject=subject, subject_id=subject_id, details=details
    )
    audit.record([entry])
