"""The citizen's own visits: asked for by the phone that holds the pass, and by a code to its number."""

from typing import Any

from django.core.validators import RegexValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from checkins import own_visits
from checkins.api.visits import PlaceShape
from checkins.models import Direction
from registry.api.bodies import SmallJSONParser
from registry.api.me import MILLISECONDS, PRIVATE
from registry.api.shapes import read
from registry.api.signatures import device_of
from registry.api.verifications import TextField
from registry.callers import client_address
from registry.phone import verification

Shape = serializers.Serializer[Any]


class OwnVisitsAskShape(Shape):
    verification = serializers.UUIDField(help_text="A check of the number on the pass, begun at /verifications.")
    code = TextField(
        required=False,
        validators=[RegexValidator(r"\A[0-9]{6}\Z", _("The code has 6 digits."))],
        help_text="May be left out within ten minutes after it was right.",
    )


class OwnVisitShape(Shape):
    at = serializers.IntegerField(help_text=MILLISECONDS)
    direction = serializers.ChoiceField(Direction.choices)
    venue = PlaceShape(allow_null=True, help_text="Null where the venue is not known any more.")


class OwnVisitsShape(Shape):
    time = serializers.IntegerField(help_text=f"Ours. {MILLISECONDS}")
    visits = OwnVisitShape(many=True, help_text="Newest first.")


class OwnVisitsView(APIView):
    parser_classes = [SmallJSONParser]

    @extend_schema(request=OwnVisitsAskShape, responses=OwnVisitsShape)
    def post(self, request: Request) -> Response:
        """Where doors saw the person whose device signs, as far as the log is kept; `not_fresh` without a code of the
        last ten minutes to the number on the pass."""
        now = timezone.now()
        citizen = device_of(request, now=now).citizen
        asked = read(OwnVisitsAskShape, request.data)
        verification.prove(asked["verification"], citizen, code=asked.get("code"), now=now)
        visits = own_visits.of(citizen, now=now, address=client_address(request))
        return Response({"time": int(now.timestamp() * 1000), "visits": visits}, headers=PRIVATE)
