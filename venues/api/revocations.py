"""The signed revocations, the same for every scanner, so that any cache may hold them."""

from collections.abc import Iterable
from datetime import date

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from venues import revocations
from venues.api.conditional import matches

MEDIA_TYPE = "application/cose"
FINAL = "public, max-age=604800, immutable"
GROWING = "public, max-age=10"


class AlwaysTheFirst(BaseContentNegotiation):
    """There is one form of a segment, and one of a problem; what the caller accepts changes neither."""

    def select_parser(self, request, parsers):  # type: ignore[no-untyped-def]
        return parsers[0]

    def select_renderer(  # type: ignore[no-untyped-def]
        self, request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        first = next(iter(renderers))
        return first, str(first.media_type)


class RevocationsView(APIView):
    """One segment of a day's revocations: a COSE_Sign1 array by a key of the manifest (docs/pass-format.md)."""

    content_negotiation_class = AlwaysTheFirst

    @extend_schema(
        parameters=[
            OpenApiParameter("day", OpenApiTypes.DATE, OpenApiParameter.PATH),
            OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER),
        ],
        responses={
            (200, MEDIA_TYPE): OpenApiTypes.BINARY,
            304: OpenApiResponse(description="What you hold is current."),
            404: OpenApiResponse(description="unknown_segment"),
            503: OpenApiResponse(description="vault_unavailable"),
        },
        auth=[],
    )
    def get(self, request: Request, day: str, segment: int) -> HttpResponse:
        file = revocations.segment(_day(day), segment, now=timezone.now())
        if matches(request.headers.get("If-None-Match", ""), file.etag):
            response = HttpResponse(status=304)
        else:
            response = HttpResponse(file.raw, content_type=MEDIA_TYPE)
        response["ETag"] = file.etag
        response["Cache-Control"] = FINAL if file.final else GROWING
        return response


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise revocations.NoSuchSegment from None
    if day.isoformat() != text:
        raise revocations.NoSuchSegment
    return day
