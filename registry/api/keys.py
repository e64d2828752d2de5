"""The agency's public keys, for wallets: by them a phone without a network tells a genuine poster from a drawn one."""

import time
from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from registry import signing
from registry.format import base64url, passcode


class AgencyKeyShape(serializers.Serializer[Any]):
    kid = serializers.CharField()
    x = serializers.CharField()
    y = serializers.CharField()
    until = serializers.DateField()

    def get_fields(self) -> dict[str, serializers.Field]:  # type: ignore[type-arg]
        return super().get_fields() | {"from": serializers.DateField()}


class KeysShape(serializers.Serializer[Any]):
    keys = AgencyKeyShape(many=True)
    time = serializers.IntegerField(help_text="Our time, milliseconds since the epoch.")


class KeysView(APIView):
    @extend_schema(responses=KeysShape)
    def get(self, request: Request) -> Response:
        """All that are not withdrawn, with the days for which each may sign: a poster hangs for years."""
        listed = [
            {
                "kid": base64url.encode(kid), "x": base64url.encode(point[:32]), "y": base64url.encode(point[32:]),
                "from": key.since.isoformat(), "until": key.until.isoformat(),
            }
            for kid, key in sorted(signing.agency_keys().items())
            for point in [passcode.point_of(key.public_key)]
        ]  # fmt: skip
        body = {"keys": listed, "time": time.time_ns() // 1_000_000}
        return Response(body, headers={"Cache-Control": "no-store"})


urlpatterns = [path("pass/keys", KeysView.as_view(), name="pass-keys")]
