"""A pack as its reader has it: unpacked, its tables as rows, its hashes checked."""

import csv
import io
import json
import zipfile
from datetime import datetime

from clinic.refusals import Invalid
from reports.packs import taking
from reports.packs.days import days_of
from reports.packs.kinds import ABOUT, Kind


class Unpacked:
    """The files of a pack by name."""

    def __init__(self, content: bytes):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert archive.testzip() is None
            self.entries = archive.infolist()
            self.files = {name: archive.read(name) for name in archive.namelist()}
        self.manifest = json.loads(self.files["manifest.json"])

    def table(self, name: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.files[f"{name}.csv"].decode("utf-8-sig"))))

    def json(self, name: str):
        return json.loads(self.files[f"{name}.json"])

    @property
    def without_manifest(self) -> dict[str, bytes]:
        return {name: held for name, held in self.files.items() if name != "manifest.json"}


def of_days(by, kind: Kind, first: str, last: str, *, at: datetime, zone, bom: bool = False) -> Unpacked:
    longest = ABOUT[kind].longest_days
    if longest is None:
        raise Invalid(f"{kind} is of a session")
    days = days_of({"from": first, "until": last}, zone, longest=longest)
    return _read(taking.take_days(by=by, kind=kind, days=days, bom=bom, at=at))


def of_session(by, kind: Kind, session, *, at: datetime, bom: bool = False) -> Unpacked:
    return _read(taking.take_session(by=by, kind=kind, session_id=session.id, bom=bom, at=at))


def _read(taken) -> Unpacked:
    with taken.file as file:
        return Unpacked(file.read())
