"""Phone checks: ask for a code, see what became of it, give it back for a month of strips."""

import unicodedata
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.validators import RegexValidator
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from registry import vault
from registry.api.bodies import SmallJSONParser
from registry.api.passes import PassShape, answer
from registry.api.shapes import DayKeysField, PointField, read
from registry.api.signatures import device_of, is_signed
from registry.callers import client_address
from registry.models import Device, Verification
from registry.phone import verification
from registry.phone.holders import Identity

FIRST_BIRTH = date(1900, 1, 1)


def plain_text(text: str) -> None:
    """Refuses control, format, private and surrogate characters: none belongs in a name."""
    if any(unicodedata.category(character)[0] == "C" for character in text):
        raise serializers.ValidationError(_("A name has letters only."))


def sane_birth_date(day: date) -> None:
    if not FIRST_BIRTH <= day <= vault.today(timezone.now()):
        raise serializers.ValidationError(_("Enter a date of birth from 1900 to today."))


class TextField(serializers.CharField):
    """Text as JSON text alone: a number or true is not taken for one."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(unicodedata.normalize("NFC", data))


class ConsentField(TextField):
    """The version of the text that was agreed to: the year and month in which it came into force."""

    def __init__(self, **kwargs: Any) -> None:
        version = RegexValidator(r"\A[0-9]{4}-[0-9]{2}\Z", _("The version of the consent, as 2026-11."))
        super().__init__(validators=[version], help_text="The version of the text agreed to, as 2026-11.", **kwargs)


class BeginShape(serializers.Serializer[dict[str, Any]]):
    phone = TextField(max_length=40, help_text="A Korean mobile number, as 01000001234 or +821000001234.")
    verification = serializers.UUIDField(required=False, help_text="A check to add one more code to.")


class ConfirmShape(serializers.Serializer[dict[str, Any]]):
    code = TextField(validators=[RegexValidator(r"\A[0-9]{6}\Z", _("The code has 6 digits."))])
    name = TextField(required=False, max_length=80, validators=[plain_text])
    birth_date = serializers.DateField(required=False, input_formats=["%Y-%m-%d"], validators=[sane_birth_date])
    device_key = PointField(required=False, help_text="May be left out in a request that the device signs.")
    day_keys = DayKeysField()
    consent = ConsentField(required=False)
    claim = serializers.BooleanField(
        required=False, help_text="After does_not_fit: the number is newly mine, whoever had it before."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Name and birth date together or neither; unsigned requests need them, and a key of the device."""
        if ("name" in attrs) != ("birth_date" in attrs):
            raise serializers.ValidationError(_("Name and date of birth go together."))
        if not self.context["signed"] and not {"name", "device_key"} <= attrs.keys():
            raise serializers.ValidationError(_("Name, date of birth and the device's key are needed."))
        return attrs


BEGUN = inline_serializer(
    "Begun",
    {
        "verification": serializers.UUIDField(),
        "delivery": serializers.CharField(),
        "tries_left": serializers.IntegerField(),
    },
)
STATUS = inline_serializer(
    "VerificationStatus",
    {
        "delivery": serializers.ChoiceField(["queued", "sent", "delayed", "undelivered", "dropped"]),
        "sent_at": serializers.IntegerField(allow_null=True, help_text="Milliseconds since the epoch."),
        "expires_at": serializers.IntegerField(allow_null=True, help_text="Milliseconds; null until it was sent."),
        "tries_left": serializers.IntegerField(),
    },
)


class BeginView(APIView):
    """Send a code to a number. The answer is the same whether or not the number is known."""

    parser_classes = [SmallJSONParser]

    @extend_schema(request=BeginShape, responses={202: BEGUN})
    def post(self, request: Request) -> Response:
        data = read(BeginShape, request.data)
        phone = verification.korean_mobile(data["phone"])
        check = verification.begin(
            phone,
            address=client_address(request),
            now=timezone.now(),
            verification=data.get("verification"),
        )
        return begun(check)


class StatusView(APIView):
    """What became of the newest code of a check."""

    @extend_schema(responses=STATUS)
    def get(self, request: Request, pk: UUID) -> Response:
        return told(verification.status(pk, timezone.now()))


class ConfirmView(APIView):
    """Give the code back. A phone that holds a pass signs the request and leaves out name and birth date."""

    parser_classes = [SmallJSONParser]

    @extend_schema(request=ConfirmShape, responses=PassShape)
    def post(self, request: Request, pk: UUID) -> Response:
        now = timezone.now()
        device = device_of(request, now=now) if is_signed(request) else None
        return answer(verification.confirm(pk, **given(request, device), now=now))


def begun(check: Verification) -> Response:
    content = {"verification": str(check.pk), "delivery": "queued", "tries_left": check.tries_left}
    return Response(content, 202, headers={"Cache-Control": "no-store"})


def told(found: dict[str, Any]) -> Response:
    """What verification.status says."""
    content = found | {name: milliseconds(found[name]) for name in ("sent_at", "expires_at")}
    return Response(content, headers={"Cache-Control": "no-store"})


def given(request: Request, device: Device | None) -> dict[str, Any]:
    """What verification.confirm is to take, of a request that this device signed, if any. Raises ValidationError."""
    data = read(ConfirmShape, request.data, signed=device is not None)
    return {
        "code": data["code"],
        "identity": Identity(data["name"], data["birth_date"]) if "name" in data else None,
        "device": device,
        "device_key": data.get("device_key") or bytes(device.public_key if device else b""),
        "day_keys": data["day_keys"],
        "address": client_address(request),
        "claim": data.get("claim", False),
        "consent": data.get("consent", ""),
    }


def milliseconds(moment: datetime | None) -> int | None:
    return int(moment.timestamp() * 1000) if moment else None


urlpatterns = [
    path("verifications", BeginView.as_view(), name="verifications"),
    path("verifications/<uuid:pk>", StatusView.as_view(), name="verification"),
    path("verifications/<uuid:pk>/confirm", ConfirmView.as_view(), name="verification-confirm"),
]
