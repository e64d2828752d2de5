"""Pairing a scanner, and what it keeps to decide without us."""

from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from registry.callers import client_address
from venues import manifest, scanner_state, scanners
from venues.api.conditional import matches

Shape = serializers.Serializer[dict[str, Any]]


class PairShape(Shape):
    code = serializers.CharField(max_length=32, help_text='As shown in the venue portal: "ABCD-2345".')


class NameShape(Shape):
    ko = serializers.CharField()
    en = serializers.CharField()


class VenueShape(Shape):
    id = serializers.IntegerField()
    name = serializers.CharField()
    category = serializers.CharField()
    category_name = NameShape()
    status = serializers.CharField(help_text="open, suspended, or closed by the owner.")


class PairedShape(Shape):
    token = serializers.CharField(help_text="Given this once; send it as a bearer token.")
    scanner = serializers.IntegerField()
    name = serializers.CharField()
    venue = VenueShape()


class ScannerShape(Shape):
    id = serializers.IntegerField()
    name = serializers.CharField()


class KeyShape(Shape):
    kid = serializers.CharField()
    x = serializers.CharField()
    y = serializers.CharField()
    until = serializers.DateField()

    def get_fields(self) -> dict[str, serializers.Field]:
        return super().get_fields() | {"from": serializers.DateField()}


class RuleShape(Shape):
    asks = serializers.BooleanField()
    alone = serializers.BooleanField()
    floor = serializers.IntegerField(help_text="Least policy number that a pass of the day must carry.")


class PartShape(Shape):
    day = serializers.DateField()
    segment = serializers.IntegerField()
    url = serializers.CharField()
    final = serializers.BooleanField(help_text="This segment changes no more.")


class UploadShape(Shape):
    size = serializers.IntegerField()
    pace_ms = serializers.IntegerField(help_text="Between two uploads.")
    drain_ms = serializers.IntegerField(help_text="After a full batch, which says that more waits.")


class ManifestShape(Shape):
    version = serializers.IntegerField()
    scanner = ScannerShape()
    venue = VenueShape()
    keys = KeyShape(many=True)
    days = serializers.DictField(child=RuleShape())
    revocations = PartShape(many=True)
    outage = serializers.BooleanField(help_text="Phones cannot be checked now: the floor does not count.")
    upload = UploadShape()
    fresh_until = serializers.IntegerField(help_text="Milliseconds since the epoch; past it warn, and work on.")


class PairView(APIView):
    """A one-time code of the venue portal for a token of the scanner's own."""

    @extend_schema(
        request=PairShape,
        responses={
            201: PairedShape,
            404: OpenApiResponse(description="unknown_code"),
            409: OpenApiResponse(description="venue_suspended"),
            410: OpenApiResponse(description="code_used, code_expired"),
            429: OpenApiResponse(description="too_many_requests"),
        },
        auth=[],
    )
    def post(self, request: Request) -> Response:
        shape = PairShape(data=request.data)
        shape.is_valid(raise_exception=True)
        address = client_address(request._request)
        scanner, token = scanners.pair(shape.validated_data["code"], now=timezone.now(), address=address)
        body = {
            "token": token,
            "scanner": scanner.pk,
            "name": scanner.name,
            "venue": manifest.venue_facts(scanner.venue),
        }
        return Response(body, status=201, headers={"Cache-Control": "no-store"})


STATE = OpenApiParameter(
    scanner_state.HEADER,
    str,
    OpenApiParameter.HEADER,
    description="What the scanner tells of itself, a JSON object of at most 512 characters: "
    + ", ".join(scanner_state.MEMBERS),
)


class ManifestView(APIView):
    """Keys, the days' rules, the venue, the revocations' addresses: good without network until `fresh_until`."""

    @extend_schema(
        parameters=[
            OpenApiParameter("Authorization", str, OpenApiParameter.HEADER, required=True, description="Bearer TOKEN"),
            OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER),
            STATE,
        ],
        responses={
            200: ManifestShape,
            304: OpenApiResponse(description="What you hold is current. `Munjigi-Time` tells our time all the same."),
            401: OpenApiResponse(description="unknown_scanner, revoked_scanner"),
        },
    )
    def get(self, request: Request) -> HttpResponseBase:
        now = timezone.now()
        scanner = scanners.bearer(request.headers.get("Authorization", ""))
        scanners.heard(scanner, request.headers.get(scanner_state.HEADER), now=now)
        body = manifest.build(scanner, now=now)
        etag = manifest.etag(body)
        held = matches(request.headers.get("If-None-Match", ""), etag)
        response = HttpResponse(status=304) if held else Response(body)
        response["ETag"] = etag
        response["Munjigi-Time"] = str(int(timezone.now().timestamp() * 1000))
        response["Cache-Control"] = "private, no-cache"
        response["Vary"] = "Authorization"
        return response
