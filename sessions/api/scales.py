"""The clinic's scales and symptom chips over the API: what there is, and the clinic's own words."""

from typing import Any

from django.utils.text import slugify
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic.access import Act, check
from clinic.api import StrictSerializer, signed_in
from clinic.refusals import Invalid
from sessions import known_scales
from sessions.scales import Item, Scale
from sessions.services import wording
from sessions.symptoms import Chip


class ChoiceLine(serializers.Serializer[Any]):
    score = serializers.IntegerField()
    words = serializers.CharField()


class ItemLine(serializers.Serializer[Any]):
    code = serializers.CharField()
    text = serializers.CharField()
    choices = ChoiceLine(many=True)


class ScaleLine(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    version = serializers.CharField()
    wording = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # the metaclass takes it for a field
    licence = serializers.CharField()
    lowest = serializers.IntegerField()
    highest = serializers.IntegerField()
    items = ItemLine(many=True)


class ScalesListed(serializers.Serializer[Any]):
    results = ScaleLine(many=True)


def _line(scale: Scale, own: dict[str, str]) -> dict[str, Any]:
    return {
        "code": scale.code,
        "name": scale.name,
        "version": scale.version,
        "wording": scale.wording,
        "source": scale.source,
        "licence": scale.licence,
        "lowest": scale.lowest,
        "highest": scale.highest,
        "items": [_item(item, own) for item in scale.items],
    }


def _item(item: Item, own: dict[str, str]) -> dict[str, Any]:
    return {
        "code": item.code,
        "text": own.get(item.code, item.text),
        "choices": [{"score": choice.score, "words": choice.words} for choice in item.choices],
    }


class ScalesView(APIView):
    """Every scale there is, in the clinic's words where the wording is the clinic's."""

    @extend_schema(responses=ScalesListed)
    def get(self, request: Request) -> Response:
        by = signed_in(request)
        check(by, Act.SEE_SESSION)
        known = known_scales.scales().values()
        return Response(
            {"results": [_line(scale, wording.wording_of(by.clinic_id, scale)) for scale in known]}
        )


class NewWording(StrictSerializer):
    texts = serializers.DictField(
        child=serializers.CharField(max_length=500, allow_blank=True),
        help_text="item → text; empty removes it",
    )


class WordingView(APIView):
    """The clinic's wording of one scale's items."""

    @extend_schema(request=NewWording, responses=ScaleLine, operation_id="set_scale_wording")
    def post(self, request: Request, code: str) -> Response:
        by = signed_in(request)
        check(by, Act.MANAGE_WORDING)
        body = NewWording(data=request.data)
        body.is_valid(raise_exception=True)
        wording.set_wording(by=by, scale=code, texts=body.validated_data["texts"])
        scale = known_scales.scales()[code]
        return Response(_line(scale, wording.wording_of(by.clinic_id, scale)))


class ChipLine(serializers.Serializer[Any]):
    code = serializers.CharField()
    text = serializers.CharField()
    shown = serializers.BooleanField()
    serious = serializers.BooleanField()


class ChipsListed(serializers.Serializer[Any]):
    results = ChipLine(many=True)


class NewChip(StrictSerializer):
    code = serializers.SlugField(max_length=40, required=False, help_text="default made from the text")
    text = serializers.CharField(max_length=40)
    shown = serializers.BooleanField(required=False, default=True)
    position = serializers.IntegerField(
        required=False, min_value=0, max_value=999, help_text="default the place in the list"
    )


class NewChips(StrictSerializer):
    chips = serializers.ListField(child=NewChip(), allow_empty=False, max_length=60)


class ChipsView(APIView):
    """The clinic's symptom chips, in their order."""

    @extend_schema(responses=ChipsListed)
    def get(self, request: Request) -> Response:
        by = signed_in(request)
        check(by, Act.SEE_SESSION)
        return Response({"results": _chips(by.clinic_id)})

    @extend_schema(request=NewChips, responses=ChipsListed, operation_id="set_symptom_chips")
    def post(self, request: Request) -> Response:
        by = signed_in(request)
        check(by, Act.MANAGE_WORDING)
        body = NewChips(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data["chips"]
        in_order = sorted(enumerate(given), key=lambda numbered: numbered[1].get("position", numbered[0]))
        wording.set_chips(by=by, wanted=[_chip(one) for _, one in in_order])
        return Response({"results": _chips(by.clinic_id)})


def _chip(given: dict[str, Any]) -> Chip:
    code = given.get("code") or slugify(given["text"])[:40]
    if not code:
        raise Invalid(f"text “{given['text']}” gives no code: give one beside it.", field="chips")
    return Chip(code, given["text"].strip(), shown=given["shown"])


def _chips(clinic_id: int) -> list[dict[str, Any]]:
    return [
        {"code": chip.code, "text": chip.text, "shown": chip.shown, "serious": chip.serious}
        for chip in wording.chips(clinic_id)
    ]
