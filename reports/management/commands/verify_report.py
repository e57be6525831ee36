"""Say whether a session report still says what the record says."""

import re
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reports.session_report import verify
from reports.session_report.pdf import told_by
from reports.session_report.verify import Claim, Verdict
from sessions.models import Session

HASH = re.compile(r"[0-9a-f]{64}")


class Command(BaseCommand):
    help = (
        "Make a session's report anew and say whether the file or hash given is of the record as it stands."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("report", help="a PDF, or the hash printed at its foot")
        parser.add_argument("--session", required=True, help="the session's id, printed at its foot too")

    def handle(self, *args: Any, **options: Any) -> None:
        session = _session(options["session"])
        claim = _claim(options["report"])
        if claim.session and claim.session != str(session.id):
            raise CommandError(f"The file is of session {claim.session}, not of {session.id}.")
        self._say(verify.verify(session, claim), claim)

    def _say(self, verdict: Verdict, claim: Claim) -> None:
        if verdict.same:
            self.stdout.write(f"Same: the record says what the report says, as of {verdict.now_as_of}.")
            return
        lines = [f"Changed: the record, as of {verdict.now_as_of}, is another: {verdict.now_hash}."]
        if verdict.since:
            lines += ["Charted since the report:", *(f"- {words}" for words in verdict.since)]
        elif claim.as_of is None:
            lines.append("Given the file and not the hash alone, this can say what was charted since.")
        else:
            lines.append(
                "Nothing was charted since: names, the clinic's data or words, or Vigil itself changed,"
                " or the report was never ours."
            )
        raise CommandError("\n".join(lines))


def _session(text: str) -> Session:
    try:
        id_ = UUID(text)
    except ValueError as error:
        raise CommandError(f"--session “{text}” is no session's id.") from error
    found = (
        Session.objects.select_related("patient", "chair", "protocol", "nurse", "clinic", "course")
        .filter(pk=id_)
        .first()
    )
    if found is None:
        raise CommandError(f"No session has the id {id_}.")
    return found


def _claim(text: str) -> Claim:
    if HASH.fullmatch(text.lower()):
        return Claim(text.lower())
    path = Path(text)
    if not path.is_file():
        raise CommandError(f"“{text}” is neither a file nor a hash of 64 hexadecimal digits.")
    claim = verify.claim_of(told_by(path.read_bytes()))
    if claim is None:
        raise CommandError(f"{path.name} is no session report of Vigil: it names no hash.")
    return claim
