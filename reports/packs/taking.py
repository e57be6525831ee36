"""Taking a pack: who may, one state of the database for all of it, written whole, and put on record."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO
from uuid import UUID

from django.db import connection, transaction
from django.http import FileResponse

from clinic import audit
from clinic.access import Act, Principal, check
from clinic.models import Clinic
from reports.packs import archive, drugs, forms, incident, time_proof
from reports.packs.archive import Made
from reports.packs.days import Days
from reports.packs.kinds import Kind, Pack

OF_DAYS = {Kind.FORMS: forms.pack, Kind.DRUGS: drugs.pack, Kind.TIME: time_proof.pack_of_days}
OF_A_SESSION = {Kind.TIME: time_proof.pack_of_session, Kind.INCIDENT: incident.pack}
CHUNK_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Taken:
    """A pack that was written. ``file`` is gone from the disk when it is closed."""

    name: str
    file: IO[bytes]


def take_days(*, by: Principal, kind: Kind, days: Days, bom: bool, at: datetime) -> Taken:
    """A pack of some days. raises: AccessDenied."""
    check(by, Act.TAKE_PACK)
    with _one_state():
        clinic = Clinic.objects.get(pk=by.clinic_id)
        return _written(OF_DAYS[kind](clinic, days, bom=bom), clinic, by, days.name, at)


def take_session(*, by: Principal, kind: Kind, session_id: UUID, bom: bool, at: datetime) -> Taken:
    """A pack of one session. raises: AccessDenied; NotFound."""
    check(by, Act.TAKE_PACK)
    with _one_state():
        clinic = Clinic.objects.get(pk=by.clinic_id)
        return _written(OF_A_SESSION[kind](clinic, session_id, bom=bom), clinic, by, str(session_id), at)


@contextmanager
def _one_state() -> Iterator[None]:
    """A transaction that sees one state of the database; inside a caller's own, that one's."""
    alone = not connection.in_atomic_block
    with transaction.atomic():
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def _written(pack: Pack, clinic: Clinic, by: Principal, subject_id: str, at: datetime) -> Taken:
    """Write the pack and its audit row, in the caller's transaction: no pack leaves without one."""
    file = TemporaryFile()  # noqa: SIM115  closed by whoever sends it
    try:
        made = Made(by.name, by.role.value, at)
        files = archive.write(pack, of=clinic, made=made, to=file)
        size = file.tell()
        audit.record(
            [
                audit.Entry(
                    by=by,
                    act=Act.TAKE_PACK,
                    subject="pack",
                    subject_id=subject_id,
                    details={"kind": pack.kind, "files": len(files), "bytes": size, **pack.counts},
                )
            ]
        )
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return Taken(f"{pack.stem}.zip", file)


class PackResponse(FileResponse):
    """A pack on its way: read off the disk in chunks, and closed at the end."""

    block_size = CHUNK_BYTES


def sent(taken: Taken) -> PackResponse:
    return PackResponse(taken.file, as_attachment=True, filename=taken.name, content_type="application/zip")
