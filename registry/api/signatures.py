"""Requests signed by a wallet's long-term device key.

Headers: `Munjigi-Device` (its id), `Munjigi-Time` (milliseconds, corrected by our time), `Munjigi-Signature` (ES256,
r‖s, base64url) over `METHOD LF PATH LF TIME LF SHA-256 of the body in hex`. Five minutes either way are allowed.
"""

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from registry import issuing
from registry.api.shapes import from_base64url
from registry.errors import DomainError
from registry.format import es256
from registry.models import Device, Partner

CLOCK_TOLERANCE_MS = 5 * 60 * 1000


class ClockOff(DomainError):
    """The phone's clock is more than five minutes off; `time` in the answer is ours."""

    code = "clock_off"
    status = 401
    message = _("The clock of this phone is wrong; it is being corrected.")


class BadSignature(DomainError):
    code = "bad_signature"
    status = 401
    message = _("This request was not signed by the phone that holds the pass. Please reload the page.")


def is_signed(request: Request) -> bool:
    return "Munjigi-Device" in request.headers


def device_of(request: Request, *, now: datetime, partner: Partner | None = None) -> Device:
    """The device that signed the request: one in an app of this partner's, else in our own wallet. Raises BadSignature,
    ClockOff, UnknownDevice."""
    try:
        device_id = UUID(request.headers["Munjigi-Device"])
        sent = int(request.headers["Munjigi-Time"])
        signature = from_base64url(request.headers["Munjigi-Signature"], 64)
    except (KeyError, ValueError):
        raise BadSignature from None
    ours = int(now.timestamp() * 1000)
    if abs(sent - ours) > CLOCK_TOLERANCE_MS:
        raise ClockOff(time=ours)
    device = issuing.device_with(device_id, partner)
    if not es256.verify_es256(es256.public_key_of(bytes(device.public_key)), signature, signed_text(request, sent)):
        raise BadSignature
    return device


def signed_text(request: Any, sent: int) -> bytes:
    """What the device key signs."""
    digest = hashlib.sha256(request._request.body).hexdigest()
    return f"{request.method}\n{request.path}\n{sent}\n{digest}".encode()
