"""The real addresses, and the floors: a DRF view with token authentication and one ORM insert; a bare Django view."""

from typing import Any, cast

from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.utils import timezone
from rest_framework.authentication import TokenAuthentication
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bench.models import PlainEntry
from config.urls import urlpatterns as real


class PlainView(APIView):
    authentication_classes = [TokenAuthentication]
    permission_classes = [IsAuthenticated]

    def post(self, request: Request) -> Response:
        code = cast(dict[str, Any], request.data)["code"]
        PlainEntry(code=code, seen_at=timezone.now(), user_id=request.user.pk).save(force_insert=True)
        return Response({"stored": True})


def bare(request: HttpRequest) -> JsonResponse:
    """What a page asks again and again, with nothing behind it: the floor of the waiting room."""
    return JsonResponse({"admitted": False, "position": 1, "wait_s": 1, "pace_s": 3, "colour": "red", "time": 0})


urlpatterns = [path("bench/plain", PlainView.as_view()), path("bench/bare", bare), *real]
