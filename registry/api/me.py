"""The citizen's own page: what is held, the language, requests, and the way out. All signed by the device's key."""

from typing import Any
from uuid import UUID

from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from registry.api import passes
from registry.api.bodies import SmallJSONParser
from registry.api.passes import OutageShape, TurnShape
from registry.api.signatures import device_of
from registry.api.verifications import TextField
from registry.callers import client_address
from registry.citizens import devices, languages, own_page, requests, withdrawal
from registry.models import Request as CitizensRequest

PRIVATE = {"Cache-Control": "no-store"}
# Erasure is asked for by withdrawing.
ASKABLE = (CitizensRequest.Kind.CORRECTION, CitizensRequest.Kind.NUMBER, CitizensRequest.Kind.REFUSAL)
MILLISECONDS = "Milliseconds since the epoch."


class StandingShape(serializers.Serializer[dict[str, object]]):
    valid = serializers.BooleanField()
    basis = serializers.CharField(allow_null=True)
    until = serializers.DateField(allow_null=True)
    ended = TurnShape(allow_null=True)
    starts = TurnShape(allow_null=True)


class VaccineShape(serializers.Serializer[dict[str, object]]):
    ko = serializers.CharField()
    en = serializers.CharField()


class RecordShape(serializers.Serializer[dict[str, object]]):
    kind = serializers.ChoiceField(["vaccination", "pcr_negative", "recovery", "exemption"])
    day = serializers.DateField()
    vaccine = VaccineShape(allow_null=True)
    dose = serializers.IntegerField(allow_null=True)
    result_at = serializers.IntegerField(allow_null=True, help_text=MILLISECONDS)
    issuer = serializers.CharField()
    state = serializers.ChoiceField(
        ["counts", "ahead", "ended", "partial", "revoked"], help_text="partial: not enough for a pass by itself."
    )
    counts_from = serializers.DateField(allow_null=True, help_text="First day under the policy in force.")
    counts_until = serializers.DateField(allow_null=True, help_text="Last day; null without end.")
    revoked_on = serializers.DateField(allow_null=True)


class AppShape(serializers.Serializer[dict[str, object]]):
    name = serializers.CharField()
    device = serializers.UUIDField(help_text="By which the pass there is ended.")


class OfShape(serializers.Serializer[dict[str, object]]):
    citizen = serializers.UUIDField(help_text="By which the guardian's phone names them.")
    masked_name = serializers.CharField()
    relation = serializers.CharField()


class DeviceShape(serializers.Serializer[dict[str, object]]):
    since = serializers.IntegerField(help_text=MILLISECONDS)
    seen = serializers.IntegerField(help_text=MILLISECONDS)
    ended = serializers.IntegerField(allow_null=True, help_text=MILLISECONDS)
    app = AppShape(allow_null=True, help_text="The partner's app that carries the pass; null in our own wallet.")
    here = serializers.BooleanField(help_text="The device that asks.")
    of = OfShape(allow_null=True, help_text="Whose pass an app carries beside one's own; null for one's own.")


class MessageShape(serializers.Serializer[dict[str, object]]):
    purpose = serializers.CharField(help_text="code, reminder, safe_number or notice.")
    at = serializers.IntegerField(help_text=MILLISECONDS)
    delivery = serializers.CharField(help_text="queued, sent, delayed, undelivered or dropped.")


class NoticeShape(serializers.Serializer[dict[str, object]]):
    on = serializers.DateField(help_text="The day on which the rules change.")
    ko = serializers.CharField()
    en = serializers.CharField()


class GuardianShape(serializers.Serializer[dict[str, object]]):
    masked_name = serializers.CharField()


class WardShape(GuardianShape):
    relation = serializers.CharField()
    carried = serializers.BooleanField(help_text="On some phone; false after its guardian took a new one.")


class RequestShape(serializers.Serializer[dict[str, object]]):
    kind = serializers.CharField()
    text = serializers.CharField()
    reference = serializers.CharField(help_text="Of the refusal that it is about; empty where there is none.")
    opened_at = serializers.IntegerField(help_text=MILLISECONDS)
    answer = serializers.CharField(allow_null=True)
    closed_at = serializers.IntegerField(allow_null=True, help_text=MILLISECONDS)


class ConsentShape(serializers.Serializer[dict[str, object]]):
    version = serializers.CharField()
    at = serializers.IntegerField(help_text=MILLISECONDS)
    by_guardian = serializers.BooleanField()


class LookShape(serializers.Serializer[dict[str, object]]):
    on = serializers.DateField()
    why = serializers.ChoiceField(["desk", "safe_number", "tracing"])
    times = serializers.IntegerField()


class OwnPageShape(serializers.Serializer[dict[str, object]]):
    time = serializers.IntegerField(help_text="Our time, milliseconds since the epoch.")
    language = serializers.CharField()
    masked_name = serializers.CharField()
    outage = OutageShape(allow_null=True)
    today = StandingShape()
    notices = NoticeShape(many=True, help_text="Rules that change soon, with their day.")
    records = RecordShape(many=True)
    due_on = serializers.DateField(allow_null=True)
    renewal_opens_on = serializers.DateField(allow_null=True)
    usable_until = serializers.DateField(allow_null=True)
    masked_phone = serializers.CharField(allow_null=True)
    phone_since = serializers.IntegerField(allow_null=True, help_text=MILLISECONDS)
    safe_number = serializers.CharField(allow_null=True)
    devices = DeviceShape(many=True)
    messages = MessageShape(many=True, help_text="Sent to this number since it is this person's.")
    guardian = GuardianShape(allow_null=True)
    wards = WardShape(many=True)
    requests = RequestShape(many=True)
    consents = ConsentShape(many=True)
    looks = LookShape(many=True, help_text="On which days this record was read by somebody of ours, newest first.")


class LanguageShape(serializers.Serializer[dict[str, Any]]):
    language = serializers.ChoiceField(["ko", "en"])


class AskShape(serializers.Serializer[dict[str, Any]]):
    kind = serializers.ChoiceField([kind.value for kind in ASKABLE])
    text = TextField(max_length=requests.LONGEST)
    reference = serializers.CharField(
        max_length=20, required=False, allow_blank=True, help_text="Of a refusal, as the scanner's screen showed it."
    )


class WithdrawalShape(serializers.Serializer[dict[str, Any]]):
    erase = serializers.BooleanField(help_text="Erase what is held as well, as far as the law lets us.")


WITHDRAWN = inline_serializer(
    "Withdrawn", {"outcome": serializers.ChoiceField([outcome.value for outcome in withdrawal.Outcome])}
)


class OwnPageView(APIView):
    """All that is held about the person whose device signs, masked as on the pass."""

    @extend_schema(responses=OwnPageShape)
    def get(self, request: Request) -> Response:
        now = timezone.now()
        return Response(own_page.of(device_of(request, now=now), now=now), headers=PRIVATE)


class LanguageView(APIView):
    """The language of text messages to come."""

    parser_classes = [SmallJSONParser]

    @extend_schema(request=LanguageShape, responses={204: None})
    def post(self, request: Request) -> Response:
        device = device_of(request, now=timezone.now())
        shape = LanguageShape(data=request.data)
        shape.is_valid(raise_exception=True)
        languages.choose(device.citizen, shape.validated_data["language"])
        return Response(status=204)


class RequestsView(APIView):
    """Ask a clerk; one open request of each kind."""

    parser_classes = [SmallJSONParser]

    @extend_schema(request=AskShape, responses={201: RequestShape})
    def post(self, request: Request) -> Response:
        now = timezone.now()
        device = device_of(request, now=now)
        shape = AskShape(data=request.data)
        shape.is_valid(raise_exception=True)
        values = shape.validated_data
        kind, reference = CitizensRequest.Kind(values["kind"]), values.get("reference", "")
        asked = requests.open_request(device.citizen, kind, values["text"], reference=reference, now=now)
        return Response(own_page.request_json(asked), status=201, headers=PRIVATE)


class AppPassEndView(APIView):
    """End the pass in a partner's app. The strips of this device end with it, and are to be fetched anew at once."""

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, pk: UUID) -> Response:
        now = timezone.now()
        holder = device_of(request, now=now).citizen
        devices.end_in_app(pk, holder=holder, now=now, address=client_address(request))
        return Response(status=204)


class WithdrawalView(APIView):
    """End the pass, forget the number and, where wished, erase the person. The way back is a new phone check."""

    parser_classes = [SmallJSONParser]

    @extend_schema(request=WithdrawalShape, responses=WITHDRAWN)
    def post(self, request: Request) -> Response:
        now = timezone.now()
        device = device_of(request, now=now)
        shape = WithdrawalShape(data=request.data)
        shape.is_valid(raise_exception=True)
        outcome = withdrawal.withdraw(device.citizen, erase=shape.validated_data["erase"], now=now)
        response = Response({"outcome": outcome.value}, headers=PRIVATE)
        response.delete_cookie(passes.COOKIE, path=passes.COOKIE_PATH, samesite="Strict")
        return response


urlpatterns = [
    path("pass/me", OwnPageView.as_view(), name="pass-me"),
    path("pass/language", LanguageView.as_view(), name="pass-language"),
    path("pass/requests", RequestsView.as_view(), name="pass-requests"),
    path("pass/apps/<uuid:pk>/end", AppPassEndView.as_view(), name="pass-app-end"),
    path("pass/withdrawal", WithdrawalView.as_view(), name="pass-withdrawal"),
]
