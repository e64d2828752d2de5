"""Passes of a child or parent beside one's own, and the safe number of the number that a phone proved."""

from typing import Any
from uuid import UUID

from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from registry.api.bodies import SmallJSONParser
from registry.api.passes import PassShape, answer
from registry.api.shapes import DayKeysField, PointField, read
from registry.api.signatures import device_of
from registry.api.verifications import ConsentField, TextField, plain_text, sane_birth_date
from registry.callers import client_address
from registry.citizens import wards
from registry.models import Relation
from registry.phone import safe_numbers
from registry.phone.holders import Identity


class WardShape(serializers.Serializer[dict[str, Any]]):
    name = TextField(max_length=80, validators=[plain_text])
    birth_date = serializers.DateField(input_formats=["%Y-%m-%d"], validators=[sane_birth_date])
    relation = serializers.ChoiceField(Relation.choices)
    consent = ConsentField()
    device_key = PointField()
    day_keys = DayKeysField()


def somebody(request: Request) -> tuple[Identity, dict[str, Any]]:
    """Who is to be carried, and what wards.add is given beside."""
    data = read(WardShape, request.data)
    given = {name: data[name] for name in ("relation", "consent", "device_key", "day_keys")}
    return Identity(data["name"], data["birth_date"]), given


class WardsView(APIView):
    """Carry the pass of a child or parent: signed by the device of whose number it is, answered as a pass."""

    parser_classes = [SmallJSONParser]

    @extend_schema(request=WardShape, responses=PassShape)
    def post(self, request: Request) -> Response:
        now = timezone.now()
        device = device_of(request, now=now)
        identity, given = somebody(request)
        issue = wards.add(device, identity, **given, now=now, address=client_address(request))
        response = answer(issue, cookie=False)  # the browser keeps one way back: that of its own holder
        response.data["citizen"] = str(issue.device.citizen_id)  # by which the guardian's phone names them
        return response


class WardEndView(APIView):
    """End the pass of somebody whom the holder of the device carries."""

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, ward: UUID) -> Response:
        now = timezone.now()
        wards.end(ward, device=device_of(request, now=now), now=now, address=client_address(request))
        return Response(status=204)


class SafeNumberView(APIView):
    """The safe number of the number that the device proved: the same at every call."""

    @extend_schema(
        request=None, responses=inline_serializer("SafeNumberAnswer", {"safe_number": serializers.CharField()})
    )
    def post(self, request: Request) -> Response:
        now = timezone.now()
        citizen = device_of(request, now=now).citizen
        safe = safe_numbers.issue_for(citizen, by=None, now=now, address=client_address(request))
        return Response({"safe_number": safe.text}, headers={"Cache-Control": "no-store"})


urlpatterns = [
    path("pass/wards", WardsView.as_view(), name="pass-wards"),
    path("pass/wards/<uuid:ward>/end", WardEndView.as_view(), name="pass-ward-end"),
    path("pass/safe-number", SafeNumberView.as_view(), name="pass-safe-number"),
]
