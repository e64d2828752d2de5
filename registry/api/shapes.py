"""Shapes of what wallets send: bytes as base64url without padding, keys of the phone by day."""

from datetime import date
from functools import cache
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from registry.format import base64url

Shape = type[serializers.Serializer[Any]]
MOST_DAYS = 110  # a policy's longest interval, grace and extension together


@cache
def _held(shape: Shape, signed: bool, _language: str | None) -> serializers.Serializer[Any]:
    """One for each language: some of DRF's messages stay in that in which they were first said."""
    return shape(context={"signed": signed})


def read(shape: Shape, data: object, *, signed: bool = False) -> dict[str, Any]:
    """What a body says, validated. Raises ValidationError. The shape's fields are made once a process: DRF makes them
    anew for each serializer, which takes longer than to validate with them."""
    try:
        found: dict[str, Any] = _held(shape, signed, get_language()).run_validation(data)
    except serializers.ValidationError as error:
        raise serializers.ValidationError(serializers.as_serializer_error(error)) from None
    return found


def from_base64url(text: object, length: int) -> bytes:
    """Exactly `length` bytes. Raises ValueError."""
    if not isinstance(text, str) or len(text) != -(-length * 4 // 3):
        raise ValueError
    return base64url.decode(text)


@extend_schema_field(OpenApiTypes.STR)
class PointField(serializers.Field[bytes, Any, str, Any]):
    """A P-256 public key, x‖y, 64 bytes. Whether it lies on the curve is the domain's to say."""

    default_error_messages = {"point": _("64 bytes x‖y as base64url without padding.")}

    def to_internal_value(self, data: Any) -> bytes:
        try:
            return from_base64url(data, 64)
        except ValueError:
            self.fail("point")

    def to_representation(self, value: bytes) -> str:
        return base64url.encode(value)


@extend_schema_field({"type": "object", "additionalProperties": {"type": "string"}})
class DayKeysField(serializers.Field[dict[date, bytes], Any, Any, Any]):
    """One public key per day: {"2026-11-22": x‖y}."""

    default_error_messages = {
        "keys": _("An object with one key per day: the day as YYYY-MM-DD, the key as 64 bytes x‖y in base64url."),
        "many": _("At most {most} days."),
        "same": _("Every day needs a key of its own."),
    }

    def to_internal_value(self, data: Any) -> dict[date, bytes]:
        if not isinstance(data, dict):
            self.fail("keys")
        if len(data) > MOST_DAYS:
            self.fail("many", most=MOST_DAYS)
        try:
            keys = {date.fromisoformat(day): from_base64url(key, 64) for day, key in data.items()}
        except (TypeError, ValueError):
            self.fail("keys")
        if len(set(keys.values())) < len(data):
            self.fail("same")
        return keys

    def to_representation(self, value: dict[date, bytes]) -> dict[str, str]:
        return {day.isoformat(): base64url.encode(key) for day, key in value.items()}
