"""Limits as the API's words: versions, rows, and what was changed for one patient."""

from dataclasses import asdict
from typing import Any

from vitals import limit_checks, limit_queries
from vitals.limit_differences import details_of
from vitals.limit_queries import UNREVIEWED, ChangeView, VersionDetail, VersionView
from vitals.limits import LimitRule, LimitSet
from vitals.vital import tidy


def line(view: VersionView) -> dict[str, Any]:
    """A version as lists show it."""
    row = view.row
    return {
        "id": row.pk,
        "protocol": row.protocol_code,
        "protocol_name": view.protocol,
        "version": row.version,
        "name": row.name,
        "standing": view.standing.value,
        "whose": view.whose,
        "based_on": row.based_on.version if row.based_on else None,
        "made_by": row.made_by,
        "made_at": row.made_at,
        "reviewed_by": row.reviewed_by or None,
        "reviewed_on": row.reviewed_on,
        "revision": row.revision,
        "sessions": [{"id": one.id, "chair": one.chair, "initials": one.initials} for one in view.sessions],
    }


def full(detail: VersionDetail) -> dict[str, Any]:
    """A version with its rows, how it differs from the one in use, and what its signature waits for."""
    return {
        **line(detail.view),
        "rules": [rule(one) for one in detail.limits.rules],
        "not_watched": dict(detail.not_watched),
        "differs": [{"rule": one.name, "what": one.what, "words": one.words} for one in detail.changes],
        "faults": [{"rule": one.rule, "field": one.field, "words": one.words} for one in detail.faults],
    }


def rule(row: LimitRule) -> dict[str, Any]:
    return {
        "code": row.code,
        "name": limit_checks.name_of(row),
        "kind": row.kind.value,
        "priority": row.priority.value,
        "words": row.words(),
        "flags": row.confirm_words(),
        "details": details_of(row),
        "source": row.source,
        "columns": {
            name: tidy(value) if isinstance(value, float) else value for name, value in asdict(row).items()
        },
    }


def change(view: ChangeView) -> dict[str, Any]:
    """A change for one patient."""
    row = view.row
    return {
        "id": row.pk,
        "code": row.code,
        "vital": row.vital,
        "name": limit_checks.name_of(view.before),
        "words": view.words,
        "threshold": None if row.threshold is None else tidy(float(row.threshold)),
        "baseline_by": None if row.baseline_by is None else tidy(float(row.baseline_by)),
        "off": view.after is None,
        "reason": row.reason,
        "by": row.by_name,
        "version": row.limit_set.version,
        "from_at": row.from_at,
        "until_at": row.until_at,
        "ended_at": row.ended_at,
        "ended_by": row.ended_by or None,
        "holds": view.holds,
        "lapsed": view.lapsed,
    }


def whose(rows: LimitSet) -> str:
    """Whose limits these are, with their name and version; said wherever they are shown."""
    if not rows.reviewed_by:
        return UNREVIEWED
    return f"{rows.name} v{rows.version}, reviewed by {rows.reviewed_by} on {rows.reviewed_on}"


def changeable(rows: LimitSet) -> dict[str, Any]:
    """The rows that may be changed for one patient, for a form to offer."""
    return {
        "version": whose(rows),
        "rules": [
            {
                "code": one.code,
                "vital": one.vital,
                "words": one.words(),
                "priority": one.priority.value,
                "flags": one.confirm_words(),
                "threshold": None if one.threshold is None else tidy(one.threshold),
                "baseline_by": None if one.baseline_by is None else tidy(one.baseline_by),
            }
            for one in limit_queries.changeable(rows)
        ],
    }
