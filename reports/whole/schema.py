"""``schema.json``: what is in each table, what refers to what, and what was left out and why."""

import inspect
import json
from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.db import models

from reports.whole import cells
from reports.whole.scope import BY_MODEL, LEFT_OUT, TABLES, Table
from vitals.models import Reading
from vitals.vital import ABOUT, FIELDS, Vital


def schema() -> bytes:
    """The same bytes from the same code: nothing here is of one clinic."""
    told = {
        "cells": {
            "encoding": "CSV after RFC 4180 in UTF-8, lines end with LF, the first line names the columns",
            "no value": f"{cells.NULL} without quotes",
            "order": "by the columns of “order”, so that equal rows make equal files",
        },
        "tables": {table.name: _table(table) for table in TABLES},
        "tables left out": dict(sorted(LEFT_OUT.items())),
    }
    return (json.dumps(told, indent=1, ensure_ascii=False) + "\n").encode()


def _table(table: Table) -> Mapping[str, Any]:
    model = table.of
    return {
        "model": table.model,
        "meaning": inspect.getdoc(model) or "",
        "key": list(table.key),
        "order": list(table.order or table.key),
        "columns": {name: _column(table, name, one) for name, one in table.columns.items()},
        "left out": {name: kept.reason for name, kept in table.left_out.items()},
    }


def _column(table: Table, name: str, column: "models.Field[Any, Any]") -> Mapping[str, Any]:
    told: dict[str, Any] = {
        "type": cells.kind_of(column),
        "text": cells.text_of(column).meaning,
        "may be empty": column.null,
    }
    if column.choices:
        told["one of"] = [str(value) for value, _ in column.flatchoices]
    if table.of is Reading and name in FIELDS:
        about = ABOUT[Vital(name)]
        told |= {"meaning": about.label, "unit": about.ucum, "loinc": about.loinc}
    to = _refers_to(table, name, column)
    if to is not None:
        told["refers to"] = {"table": to.name, "column": to.key[0]}
    return told


def _refers_to(table: Table, name: str, column: "models.Field[Any, Any]") -> Table | None:
    if name in table.kept_refs:
        return BY_MODEL[apps.get_model(table.kept_refs[name])]
    return BY_MODEL[column.related_model] if isinstance(column, models.ForeignKey) else None
