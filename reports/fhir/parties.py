"""Who and what a record names: clinic, chairs, people, monitors. No framework; it keeps what was named."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from reports.fhir.values import Json, Row, Told, concept, key, named, reference, resource, text


@dataclass(frozen=True, slots=True)
class Clinic:
    """The clinic whose record it is. address, phone: as the clinic wrote them, or empty."""

    id: int
    name: str
    address: str = ""
    phone: str = ""

    @property
    def reference(self) -> Json:
        return reference("Organization", f"clinic-{self.id}")


@dataclass(slots=True)
class Parties:
    """Gives references, and remembers what to tell of them once. A row without a key is told by its name."""

    clinic: Clinic
    _people: dict[object, str] = field(default_factory=dict)
    _devices: dict[object, str] = field(default_factory=dict)
    _chairs: set[str] = field(default_factory=set)

    def person(self, id_: object, name: str | None) -> Json | None:
        """None where the row says nothing, as in a limited export."""
        if id_ is None:
            return {"display": text(name)} if text(name) else None
        return self._told("Practitioner", self._people, id_, name)

    def device(self, id_: object, name: str | None) -> Json | None:
        return None if id_ is None else self._told("Device", self._devices, id_, name)

    def _told(self, type_: str, known: dict[object, str], id_: object, name: str | None) -> Json:
        words = text(name) or str(id_)
        known.setdefault(id_, words)
        return {"reference": f"{type_}/{id_}", "display": words}

    def charted_by(self, row: Row) -> Json | None:
        """Who charted an entry."""
        return self.person(row.get("by_id"), row.get("by"))

    def chair(self, name: str | None) -> Json | None:
        if not text(name) or name is None:
            return None
        self._chairs.add(name)
        return reference("Location", named(f"chair of {self.clinic.id}", name), f"Chair {name}")

    def resources(self) -> Iterator[Told]:
        """Everything that was named so far."""
        clinic = self.clinic
        yield Told(
            resource(
                "Organization",
                f"clinic-{clinic.id}",
                name=text(clinic.name),
                telecom=[{"system": "phone", "value": text(clinic.phone)}] if text(clinic.phone) else [],
                address=[{"text": text(clinic.address)}] if text(clinic.address) else [],
            )
        )
        for name in sorted(self._chairs):
            yield Told(
                resource(
                    "Location",
                    named(f"chair of {clinic.id}", name),
                    status="active",
                    name=text(f"Chair {name}"),
                    mode="instance",
                    managingOrganization=clinic.reference,
                )
            )
        for id_, name in sorted(self._people.items(), key=str):
            yield Told(resource("Practitioner", id_, identifier=key(id_), name=[{"text": name}]))
        for id_, name in sorted(self._devices.items(), key=str):
            yield Told(
                resource(
                    "Device",
                    id_,
                    identifier=key(id_),
                    deviceName=[{"name": name, "type": "user-friendly-name"}],
                    type=concept("Monitor or gateway"),
                    owner=clinic.reference,
                )
            )
