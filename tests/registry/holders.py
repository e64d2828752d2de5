"""A phone that holds a pass, as the API sees it: a device of a citizen, whose key signs requests."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from django.utils import timezone

from registry import issuing, vault
from registry.format import es256
from registry.models import Citizen
from tests.registry.phones import points, signature


class Holder:
    """`citizen` must be verified."""

    def __init__(self, citizen: Citizen) -> None:
        self.citizen = citizen
        self.key = ec.generate_private_key(ec.SECP256R1())
        now = timezone.now()
        keys = {vault.today(now) + timedelta(days=n): raw(point) for n, point in enumerate(points(40))}
        self.issue = issuing.enrol(citizen, device_key=es256.point_of(self.key), day_keys=keys, now=now)
        self.device = self.issue.device

    def get(self, path: str, **changes: Any) -> Any:
        return Client().get(path, headers=self.signature("GET", path, "", **changes))

    def post(self, path: str, body: dict[str, Any], **changes: Any) -> Any:
        text = json.dumps(body)
        return Client().post(path, text, "application/json", headers=self.signature("POST", path, text, **changes))

    def signature(self, method: str, path: str, body: str, *, device: object = None) -> dict[str, str]:
        return signature(self.key, str(device or self.device.pk), method, path, body)


def raw(point: str) -> bytes:
    return base64.urlsafe_b64decode(point + "==")
