"""Limit sets: the example rows a clinic begins with, and any version as plain values."""

from functools import lru_cache

from clinic.models import Clinic
from sessions import queries as treatments
from vitals import limits, models
from vitals.vital import Vital


def install_limits(clinic: Clinic) -> None:
    """Give a new clinic version 1 of the example limits for each protocol. Again changes nothing."""
    for protocol in treatments.current_protocols(clinic.pk):
        row, made = models.LimitSet.objects.get_or_create(
            clinic=clinic,
            protocol_code=protocol.code,
            version=1,
            defaults={"name": limits.EXAMPLE_NAME},
        )
        if made:
            models.LimitRule.objects.bulk_create(
                models.LimitRule(
                    limit_set=row,
                    code=rule.code,
                    vital=rule.vital.value,
                    direction=rule.direction.value,
                    priority=rule.priority.value,
                    kind=rule.kind.value,
                    threshold=rule.threshold,
                    confirm=rule.confirm.value,
                    source=rule.source,
                )
                for rule in limits.EXAMPLE_RULES
            )


def current_limit_set_id(clinic_id: int, protocol_code: str) -> int:
    """The newest version of the clinic's limits for a protocol. raises: LookupError when there is none."""
    row = (
        models.LimitSet.objects.filter(clinic_id=clinic_id, protocol_code=protocol_code)
        .order_by("-version")
        .values_list("pk", flat=True)
        .first()
    )
    if row is None:
        raise LookupError(f"clinic {clinic_id} has no limit set for {protocol_code}")
    return row


@lru_cache(maxsize=1024)
def limit_set(limit_set_id: int) -> limits.LimitSet:
    """A limit set as plain values. Versions are never edited, so each is read once per process."""
    row = models.LimitSet.objects.prefetch_related("rules").get(pk=limit_set_id)
    return limits.LimitSet(
        id=row.pk,
        name=row.name,
        version=row.version,
        reviewed_by=row.reviewed_by,
        reviewed_on=row.reviewed_on.isoformat() if row.reviewed_on else "",
        rules=tuple(
            limits.LimitRule(
                code=rule.code,
                vital=Vital(rule.vital),
                direction=limits.Direction(rule.direction),
                priority=limits.Priority(rule.priority),
                threshold=float(rule.threshold),
                source=rule.source,
                kind=limits.Kind(rule.kind),
                confirm=limits.Confirm(rule.confirm),
            )
            for rule in row.rules.order_by("pk")
        ),
    )
