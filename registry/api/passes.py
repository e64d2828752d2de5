"""Strips for a phone that holds a pass, and the way back for one whose storage was emptied."""

from datetime import datetime, time, timedelta

from django.conf import settings
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from registry import issuing, news
from registry.api.shapes import DayKeysField, PointField, read
from registry.api.signatures import device_of
from registry.validity import SEOUL

COOKIE = "device"
COOKIE_PATH = "/api/v1/pass"


class RenewalShape(serializers.Serializer[dict[str, object]]):
    day_keys = DayKeysField()


class RestoreShape(RenewalShape):
    device_key = PointField()


class StripShape(serializers.Serializer[dict[str, object]]):
    day = serializers.DateField()
    strip = serializers.CharField(help_text="The signed strip, base64url.")
    nbf = serializers.IntegerField(help_text="Seconds since the epoch.")
    exp = serializers.IntegerField(help_text="Seconds since the epoch.")
    phone = serializers.IntegerField(help_text="0 verified, 1 grace, 2 extended in an outage.")
    until = serializers.DateField(allow_null=True, help_text="Last day of unbroken validity; null without end.")
    mark = serializers.CharField(help_text="Ask with today's whether anything has changed.")

    def get_fields(self) -> dict[str, serializers.Field]:  # type: ignore[type-arg]
        return super().get_fields() | {"pass": serializers.IntegerField(help_text="1: holds a valid pass that day.")}


class DayShape(StripShape):
    basis = serializers.CharField(allow_null=True, help_text="Why the pass is valid; never leaves the wallet.")


class TurnShape(serializers.Serializer[dict[str, object]]):
    basis = serializers.CharField()
    on = serializers.DateField()


class OutageShape(serializers.Serializer[dict[str, object]]):
    since = serializers.IntegerField(help_text="Milliseconds since the epoch.")


class CarriedShape(serializers.Serializer[dict[str, object]]):
    """A pass as whoever carries it has to know it."""

    device = serializers.UUIDField()
    time = serializers.IntegerField(help_text="Our time, milliseconds since the epoch.")
    due_on = serializers.DateField()
    renewal_opens_on = serializers.DateField()
    usable_until = serializers.DateField()
    policy = serializers.IntegerField()
    outage = OutageShape(allow_null=True, help_text="Numbers cannot be checked now: passes last longer meanwhile.")
    days = StripShape(many=True)


class PassShape(CarriedShape):
    """With what its holder alone reads, in our own wallet."""

    review = serializers.BooleanField(help_text="Perhaps somebody on record already; a clerk will look.")
    masked_name = serializers.CharField()
    ended = TurnShape(allow_null=True, help_text="Without a valid pass today: what ended last, and its last day.")
    starts = TurnShape(allow_null=True, help_text="Without a valid pass today: what begins next, and its first day.")
    days = DayShape(many=True)


def answer(issue: issuing.Issue, *, cookie: bool = True) -> Response:
    """The pass answer; with a new device's token as a cookie that only this browser's restore call carries."""
    response = Response(issue.answer(), headers={"Cache-Control": "no-store"})
    if issue.token and cookie:
        last = issue.strips[-1].day + timedelta(days=1)
        response.set_cookie(
            COOKIE,
            issue.token,
            expires=datetime.combine(last, time(), SEOUL),
            path=COOKIE_PATH,
            secure=settings.SECURE,
            httponly=True,
            samesite="Strict",
        )
    return response


class StripsView(APIView):
    """Fresh strips for a device that holds a pass, in a request signed by its key."""

    @extend_schema(request=RenewalShape, responses=PassShape)
    def post(self, request: Request) -> Response:
        now = timezone.now()
        device = device_of(request, now=now)
        data = read(RenewalShape, request.data)
        return answer(issuing.renew(device, day_keys=data["day_keys"], now=now))


class RestoreView(APIView):
    """A new device in place of one whose storage is gone, authorised by the cookie that the browser kept."""

    @extend_schema(request=RestoreShape, responses=PassShape)
    def post(self, request: Request) -> Response:
        data = read(RestoreShape, request.data)
        return answer(issuing.restore(request.COOKIES.get(COOKIE, ""), **data, now=timezone.now()))


class NewsShape(serializers.Serializer[dict[str, object]]):
    time = serializers.IntegerField(help_text="Our time, milliseconds since the epoch.")
    news = serializers.BooleanField(help_text="Fetch the strips anew: we would sign something else now.")
    again_s = serializers.IntegerField(help_text="Ask again in so many seconds at the earliest.")


def changed(found: news.Told, now: datetime) -> Response:
    content = {"time": int(now.timestamp() * 1000), "news": found.news, "again_s": found.again}
    return Response(content, headers={"Cache-Control": "no-store"})


class NewsView(APIView):
    """Whether this phone's strips still say what we would sign now, in a request signed by its key."""

    @extend_schema(responses=NewsShape)
    def get(self, request: Request, mark: str) -> Response:
        now = timezone.now()
        return changed(news.since(device_of(request, now=now), mark, now=now), now)


urlpatterns = [
    path("pass/news/<slug:mark>", NewsView.as_view(), name="pass-news"),
    path("pass/strips", StripsView.as_view(), name="pass-strips"),
    path("pass/restore", RestoreView.as_view(), name="pass-restore"),
]
