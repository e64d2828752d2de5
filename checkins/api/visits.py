"""The wallet's way in: what a poster is worth just now, and checking in by it."""

import time
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from checkins.models import Direction
from checkins.scanning import visits
from checkins.scanning.scans import MAX_PROOF_TEXT, MAX_STRIP_TEXT
from checkins.scanning.visits import Guest
from registry import regions
from registry.api.shapes import read
from registry.callers import client_address
from registry.errors import DomainError
from registry.format import base64url
from registry.format.passcode import Malformed, Verdict
from venues.posters import making
from venues.posters.making import Found

Shape = serializers.Serializer[Any]
GOOD, ENDED = "good", "poster_ended"


class GuestShape(Shape):
    strip = serializers.CharField(max_length=MAX_STRIP_TEXT, help_text="base64url. Of a phone; paper is shown.")
    t = serializers.IntegerField(min_value=0, max_value=2**32 - 1, help_text="The second of the tap.")
    proof = serializers.CharField(max_length=MAX_PROOF_TEXT, help_text="base64url, 64 bytes.")
    alone = serializers.BooleanField(
        default=False, help_text="Sits alone without a pass, where the category allows it."
    )


class VisitShape(Shape):
    poster = serializers.CharField(max_length=2048, help_text="What stands after /v/ in the poster's address.")
    direction = serializers.ChoiceField(Direction.choices, default=Direction.IN.value)
    guests = serializers.ListField(child=GuestShape(), min_length=1, max_length=visits.MOST)


class NamesShape(Shape):
    ko = serializers.CharField()
    en = serializers.CharField()


class PlaceShape(Shape):
    name = serializers.CharField()
    region = NamesShape()
    category = NamesShape()


class AnsweredShape(Shape):
    answer = serializers.ChoiceField(["stored", "known", "counted", "refused"], help_text="counted: turned away.")
    at = serializers.IntegerField(required=False, help_text="The second of the visit; of the earlier one if known.")
    verdict = serializers.ChoiceField([verdict.value for verdict in Verdict], required=False)
    colour = serializers.ChoiceField(["red", "amber", "green", "blue"], required=False)
    alone = serializers.BooleanField(required=False, help_text="Turned away, but may sit alone: send it with `alone`.")
    reason = serializers.CharField(
        required=False, help_text="Why it was refused: a verdict of steps 1 to 5, `too_old` or `in_future`."
    )


class VisitedShape(Shape):
    venue = PlaceShape()
    guests = AnsweredShape(many=True)
    time = serializers.IntegerField(help_text="Our time, milliseconds since the epoch.")


class PosterShape(Shape):
    venue = PlaceShape()
    state = serializers.ChoiceField([GOOD, ENDED, making.ClosedPlace.code, making.SuspendedPlace.code])
    asks = serializers.BooleanField(help_text="A pass is asked for today.")
    alone = serializers.BooleanField(help_text="A guest without one may sit alone.")
    time = serializers.IntegerField(help_text="Our time, milliseconds since the epoch.")


class VisitsView(APIView):
    @extend_schema(request=VisitShape, responses=VisitedShape)
    def post(self, request: Request) -> Response:
        """Check in (or out) by a poster. Sending the same again changes nothing and answers `known`."""
        data = read(VisitShape, request.data)
        guests = [_guest(item) for item in data["guests"]]
        found, answers = visits.check_in(
            data["poster"], guests, data["direction"], address=client_address(request), now=timezone.now()
        )
        return Response({"venue": _place(found), "guests": answers, "time": _time()})


class PosterView(APIView):
    @extend_schema(responses=PosterShape)
    def get(self, request: Request, code: str) -> Response:
        """What the venue of a poster is called now, whether the poster is good, and whether a pass is asked for."""
        now = timezone.now()
        found = making.find(code)
        body = {"venue": _place(found), "state": _state(found), **visits.asks(found.venue, now), "time": _time()}
        return Response(body, headers={"Cache-Control": "no-store"})


def _guest(item: dict[str, Any]) -> Guest:
    """What cannot be read is an empty strip: refused by itself, as step 1 of the verdict."""
    try:
        strip, proof = base64url.decode(item["strip"]), base64url.decode(item["proof"])
    except Malformed:
        strip = proof = b""
    return Guest(strip, item["t"], proof, item["alone"])


def _state(found: Found) -> str:
    if found.poster.ended_at:
        return ENDED
    try:
        making.check_open(found.venue)
    except DomainError as error:
        return error.code
    return GOOD


def _place(found: Found) -> dict[str, Any]:
    venue = found.venue
    ko, en = regions.names(venue.region)
    category = {"ko": venue.category.name_ko, "en": venue.category.name_en}
    return {"name": venue.name, "region": {"ko": ko, "en": en}, "category": category}


def _time() -> int:
    return time.time_ns() // 1_000_000
