"""Symptoms as the API's words: what the bedside shows on its chips, and the record in its table."""

from typing import Any

from sessions import queries as treatments
from sessions import symptoms as rooms
from sessions.models import Session
from sessions.services import wording


def symptoms(row: Session) -> list[dict[str, Any]]:
    """The session's episodes by onset: which, how strong, since when, what was done, whether it is gone."""
    chips = wording.chips(row.clinic_id)
    return [
        {
            "entry": episode.entry,
            "code": episode.code,
            "text": rooms.words_of(episode.code, chips),
            "severity": episode.severity or None,
            "worst": episode.worst or None,
            "onset_at": episode.onset_at,
            "actions": episode.actions,
            "gone_at": episode.gone_at,
        }
        for episode in rooms.episodes(treatments.entries(row.id))
    ]
