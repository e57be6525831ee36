"""The form that corrects one entry: the fields of its act, each with what it says now."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rest_framework import serializers

from sessions.models import SessionEvent
from vitals.api.bodies import BODIES, BY_ROUTE, At
from vitals.vital import tidy


@dataclass(frozen=True, slots=True)
class Field:
    """name: as the correction's body takes it; type: as ``api-form.js`` reads it."""

    name: str
    label: str
    value: str
    type: str
    choices: tuple[tuple[str, str], ...] = ()


def fields_of(event: SessionEvent, route: str) -> list[Field]:
    """The fields of the entry's act without its time; an object among them is shown name by name."""
    body = BY_ROUTE.get((event.kind, route)) or BODIES.get(event.kind, At)
    fields: list[Field] = []
    for name, field in body().fields.items():
        value = event.details.get(name)
        if name == "at" or isinstance(value, list):
            continue
        if isinstance(value, Mapping):
            fields += [_inner(name, key, inner) for key, inner in value.items()]
        elif not isinstance(field, serializers.DictField | serializers.ListField):
            fields.append(_field(name, field, value))
    return fields


_YES_NO = (("true", "Yes"), ("false", "No"))


def _field(name: str, field: Any, value: Any) -> Field:
    choices: tuple[tuple[str, str], ...] = ()
    kind = "text"
    if isinstance(field, serializers.BooleanField):
        kind, choices = "boolean", _YES_NO
    elif isinstance(field, serializers.ChoiceField):
        choices = tuple((str(key), str(words)) for key, words in field.choices.items())
    elif isinstance(field, serializers.DecimalField | serializers.IntegerField):
        kind = "number"
    elif isinstance(field, serializers.DateField):
        kind = "date"
    return Field(f"details.{name}", field.label, _text(value), kind, choices)


def _inner(name: str, key: str, value: Any) -> Field:
    """One value of an object: its kind is that of the value, for the object's own field knows none."""
    kind = "boolean" if isinstance(value, bool) else "number" if isinstance(value, int | float) else "text"
    choices = _YES_NO if kind == "boolean" else ()
    return Field(
        f"details.{name}.{key}", f"{_label(name)}: {_label(key).lower()}", _text(value), kind, choices
    )


def _label(name: str) -> str:
    return name.replace("_", " ").replace("-", " ").capitalize()


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return str(tidy(value)) if isinstance(value, float) else str(value)
