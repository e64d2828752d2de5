"""The scanners' way in: a batch of what was seen, or one code for the server to decide."""

from django.core.exceptions import RequestDataTooBig
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from checkins.api.shapes import TOKEN, AnswersShape, BatchShape, CodeShape, DecisionShape
from checkins.log import retention
from checkins.models import Direction
from checkins.scanning import ingest, scans, single
from venues.api.scanners import STATE
from venues.scanners import RevokedScanner, bearer, heard, token_of


class ScansView(APIView):
    @extend_schema(parameters=[TOKEN, STATE], request=BatchShape, responses=AnswersShape)
    def post(self, request: Request) -> Response:
        """Upload up to 500 scans. Sending a batch again changes nothing and answers the same.

        A revoked scanner may send for 28 days what it saw before; the answer says `revoked`, and what it saw after is
        refused.
        """
        now = timezone.now()
        scanner = bearer(request.META.get("HTTP_AUTHORIZATION", ""), revoked=True)
        if scanner.revoked_at and scanner.revoked_at < now - retention.KEPT:
            raise RevokedScanner
        data = scans.json_object(_body(request))
        if data.get("scanner", scanner.pk) != scanner.pk:
            raise scans.WrongScanner
        now = timezone.now()
        answers = ingest.upload(scanner, scans.parse(data), now=now)
        heard(scanner, request.META.get("HTTP_MUNJIGI_STATE"), now=now)
        return Response(answers)


class ScanView(APIView):
    @extend_schema(parameters=[TOKEN], request=CodeShape, responses=DecisionShape)
    def post(self, request: Request) -> Response:
        """Decide on one code at the server's clock, store it, and answer with the verdict."""
        token = token_of(request.META.get("HTTP_AUTHORIZATION", ""))
        data = scans.json_object(_body(request))
        code, direction = data.get("code"), data.get("direction", Direction.IN.value)
        alone = data.get("alone", False)
        if type(code) is not str:
            raise scans.MalformedBatch(member="code")
        if direction not in Direction.values:
            raise scans.MalformedBatch(member="direction")
        if type(alone) is not bool:
            raise scans.MalformedBatch(member="alone")
        return Response(single.scan(token, code, direction, alone=alone, now=timezone.now()))


def _body(request: Request) -> bytes:
    """The body as it came. Raises BatchTooLarge past the size that any batch can have."""
    try:
        return request._request.body
    except RequestDataTooBig:
        raise scans.BatchTooLarge(size=scans.SIZE) from None
