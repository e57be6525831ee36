"""Giving a clinic the protocols it begins with."""

from clinic.models import Clinic
from sessions import shipped
from sessions.models import Protocol, ProtocolItem, ProtocolStep
from sessions.protocol import ProtocolRules


def install_protocols(clinic: Clinic) -> None:
    """Give a new clinic version 1 of each shipped protocol. Doing it again changes nothing."""
    for rules in shipped.PROTOCOLS:
        row, made = Protocol.objects.get_or_create(
            clinic=clinic,
            code=rules.code,
            version=rules.version,
            defaults={
                "name": shipped.NAMES[rules.code],
                "route": rules.route,
                "total_min": rules.total_min,
                "post_min": rules.post_min,
                "planned_dose_min": rules.planned_dose_min,
                "decide_above_systolic": rules.dose.decide_above_systolic,
                "decide_above_diastolic": rules.dose.decide_above_diastolic,
                "most_mg_per_kg": rules.dose.most_mg_per_kg,
                "most_mg_per_kg_within_min": rules.dose.most_mg_per_kg_within_min,
                "shortest_infusion_min": rules.dose.shortest_infusion_min,
                "weight_good_for_days": rules.dose.weight_good_for_days,
                "device_mg": rules.dose.device_mg,
                "device_rest_min": rules.dose.device_rest_min,
            },
        )
        if made:
            _rows(row, rules)


def _rows(row: Protocol, rules: ProtocolRules) -> None:
    ProtocolStep.objects.bulk_create(
        ProtocolStep(
            protocol=row,
            position=position,
            label=step.label,
            anchor=step.anchor,
            first_min=step.first_min,
            every_min=step.every_min,
            until=step.until or "",
            needs=list(step.needs),
            opens_min=step.opens_min,
            closes_min=step.closes_min,
        )
        for position, step in enumerate(rules.steps)
    )
    ProtocolItem.objects.bulk_create(
        ProtocolItem(
            protocol=row,
            phase=item.phase,
            position=position,
            code=item.code,
            kind=item.kind,
            text=item.text,
            source=item.source,
        )
        for position, item in enumerate(rules.items)
    )
