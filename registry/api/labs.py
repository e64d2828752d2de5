"""Records from laboratories and hospitals: a batch a request, an answer for each record, harmless to send again."""

from dataclasses import asdict
from typing import Any

from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from registry.api.bodies import SmallJSONParser
from registry.api.shapes import read
from registry.callers import client_address
from registry.imports import labs
from registry.imports.values import LONGEST_CELL
from registry.models import Partner
from registry.partners import keys

KINDS = ["vaccination", "pcr_negative", "recovery", "exemption"]
AUTHORIZATION = OpenApiParameter("Authorization", str, OpenApiParameter.HEADER, description="Bearer and the lab's key.")


class BatchParser(SmallJSONParser):
    """A batch with long names and remarks is a tenth of it."""

    largest = 1_048_576


def text(said: str, *, required: bool = False) -> serializers.CharField:
    return serializers.CharField(required=required, allow_blank=True, max_length=LONGEST_CELL, help_text=said)


class LabRecordShape(serializers.Serializer[dict[str, Any]]):
    """What is wrong with one record refuses that record, not the batch."""

    name = text("As on the identity document; Latin names family name first.", required=True)
    birth_date = text("1990-01-01", required=True)
    phone = text("Korean mobile number, any writing. Needed where the registry knows the person with a number.")
    region = text("First 5 digits of the legal district code; the lab's own where none is given.")
    kind = text(", ".join(KINDS), required=True)
    day = text(
        "Day of the dose, of release from isolation, or from which the exemption holds: 2021-07-10. Not for PCR."
    )
    vaccine = text("Code or name of the product. Vaccinations only.")
    dose = text("1 to 9. Vaccinations only.")
    result_at = text("Time of the result: 2022-01-01T10:00:00+09:00; Seoul time without an offset. PCR only.")
    immunodeficiency = text("Y or N. Exemptions only.")
    certificate_number = text("Yours; with it the same record is known when it comes again.", required=True)


class BatchShape(serializers.Serializer[dict[str, Any]]):
    records = serializers.ListField(child=LabRecordShape(), min_length=1, max_length=labs.MOST)


class LabAnswerShape(serializers.Serializer[dict[str, Any]]):
    certificate_number = serializers.CharField()
    answer = serializers.ChoiceField(["stored", "known", "refused"], help_text="known: it was there already.")
    reason = serializers.CharField(help_text="Why it was refused, for machines; otherwise empty.")
    field = serializers.CharField(help_text="The member that the reason is about; otherwise empty.")
    detail = serializers.CharField(help_text="What to do, in the language of Accept-Language.")


class LabAnswersShape(serializers.Serializer[dict[str, Any]]):
    answers = LabAnswerShape(many=True, help_text="In the order of the records.")


class RecordsView(APIView):
    parser_classes = [BatchParser]

    @extend_schema(
        parameters=[AUTHORIZATION],
        request=BatchShape,
        responses={
            200: LabAnswersShape,
            401: OpenApiResponse(description="Problem `unknown_key`."),
            429: OpenApiResponse(description="Problem `quota_used`: nothing of the batch was taken; `retry_after`."),
            503: OpenApiResponse(description="Problem `one_at_a_time` or `busy`: send the same again (Retry-After)."),
        },
    )
    def post(self, request: Request) -> Response:
        """Push up to 500 records. The batch may be sent again whole: what was stored is then `known`."""
        now = timezone.now()
        lab = keys.partner_of(request.headers.get("Authorization", ""), Partner.Kind.LAB, now)
        records = read(BatchShape, request.data)["records"]
        answers = labs.deliver(lab, records, now=now, address=client_address(request._request))
        return Response({"answers": [asdict(answer) for answer in answers]}, headers={"Cache-Control": "no-store"})


urlpatterns = [path("records", RecordsView.as_view(), name="records")]
