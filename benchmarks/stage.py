"""``python -m benchmarks.stage``: a clinic with open sessions; prints a ``Stage`` as JSON."""

import sys
from dataclasses import dataclass
from datetime import timedelta

import msgspec


@dataclass(frozen=True, slots=True)
class Stage:
    """What load needs to know of a seeded server.

    device_key, staff_key: tokens. sessions: ids of open ones. chairs: their chairs' names, in that order.
    """

    device_key: str
    sessions: list[str]
    staff_key: str = ""
    chairs: tuple[str, ...] = ()
    username: str = ""
    password: str = ""


def shown(stage: Stage) -> str:
    return msgspec.json.encode(stage).decode()


def seed(sessions: int, name: str = "Bench", username: str = "nurse") -> Stage:
    """One clinic, as many chairs as sessions, every dose begun 15 minutes ago."""
    from clinic import clock
    from clinic.models import Device, Membership
    from clinic.tokens import issue_for_device, issue_for_member
    from tests import builders

    clinic = builders.clinic(name, chairs=sessions)
    nurse = builders.member(clinic, username)
    builders.device(clinic)
    began_at = clock.now() - timedelta(minutes=15)
    rows = [builders.dosing(nurse, clinic, began_at, chair=str(number + 1)) for number in range(sessions)]
    return Stage(
        device_key=issue_for_device(Device.objects.get(clinic=clinic)),
        staff_key=issue_for_member(Membership.objects.get(clinic=clinic), expires_at=None),
        sessions=[str(row.id) for row in rows],
        chairs=tuple(str(number + 1) for number in range(sessions)),
        username=username,
        password=builders.PASSWORD,
    )


if __name__ == "__main__":
    import django

    django.setup()
    print(shown(seed(int(sys.argv[1]), *sys.argv[2:])))
