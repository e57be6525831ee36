"""Screens on the wall over the API: taking one back. One is made in its own browser, by a page."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic import clock, walls
from clinic.api import signed_in


class WallTakenBack(serializers.Serializer[Any]):
    wall = serializers.UUIDField()


class RevokeWallView(APIView):
    """Take a wall screen back: from then on it shows nothing."""

    @extend_schema(request=None, responses=WallTakenBack)
    def post(self, request: Request, wall_id: UUID) -> Response:
        walls.revoke(by=signed_in(request), wall_id=wall_id, at=clock.now())
        return Response({"wall": wall_id})
