"""The controlled drugs a clinic may hold, as rows with their source. Pure.

A row says what every package of it has in common. What differs from maker to maker, the volume of a vial and
its NDC, is read off the package when it is received.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from sessions.protocol import Route


class Unit(StrEnum):
    """What is counted of a product: a vial by volume, a kit by devices."""

    ML = "mL"
    DEVICE = "device"


@dataclass(frozen=True, slots=True)
class Product:
    """A finished form at one strength.

    mg_per_unit: mg in one mL, or in one device.
    ndc:         where it is the same for all packages; else empty, and entered at receipt.
    """

    code: str
    drug: str
    form: str
    strength: str
    schedule: str
    route: Route
    unit: Unit
    mg_per_unit: Decimal
    ndc: str
    source: str

    @property
    def name(self) -> str:
        return f"{self.drug} {self.strength}, {self.form}"


def _vial(mg_per_ml: int) -> Product:
    return Product(
        code=f"ketamine-{mg_per_ml}",
        drug="Ketamine",
        form="vial for injection",
        strength=f"{mg_per_ml} mg/mL",
        schedule="CIII",
        route=Route.IV,
        unit=Unit.ML,
        mg_per_unit=Decimal(mg_per_ml),
        ndc="",
        source="US labels of ketamine injection at api.fda.gov; schedule: 21 CFR 1308.13",
    )


PRODUCTS = (
    _vial(10),
    _vial(50),
    _vial(100),
    Product(
        code="esketamine-28",
        drug="Esketamine",
        form="nasal spray device",
        strength="28 mg",
        schedule="CIII",
        route=Route.NASAL,
        unit=Unit.DEVICE,
        mg_per_unit=Decimal(28),
        ndc="50458-028",
        source="api.fda.gov, NDC 50458-028: 28 mg in 0.2 mL, CIII",
    ),
)
BY_CODE = {product.code: product for product in PRODUCTS}
