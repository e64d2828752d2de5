"""Partner apps, and phones that carry a pass in one of them."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.utils import timezone

from registry.models import PartnerApp, User
from registry.partners import apps
from tests.registry.phones import Phone

ROOT = "/api/v1/app"


class App:
    """A partner's server, with its key."""

    def __init__(self, by: User, name: str = "시험톡", **facts: int) -> None:
        self.row = PartnerApp(name=name, **facts)
        self.key = apps.add(self.row, by=by, now=timezone.now())

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}

    def used(self) -> dict[str, Any]:
        return Client().get(f"{ROOT}/use", headers=self.headers).json()["counts"]


class AppPhone(Phone):
    """A citizen's phone with the app; the app's server adds its key to all that it sends."""

    root = f"{ROOT}/verifications"
    wards = f"{ROOT}/wards"

    def __init__(self, simulator: Any, app: App, number: str, **who: Any) -> None:
        super().__init__(simulator, number, **who)
        self.through(app)
        self.said = {"address": "192.0.2.1"}

    def through(self, app: App) -> None:
        """From now on it is this app's server that sends what the phone signed."""
        self.client = Client(headers=app.headers)

    def renew(self) -> Any:
        return self.signed_post(f"{ROOT}/strips", {"day_keys": self.day_keys()})

    def end(self) -> Any:
        return self.signed_post(f"{ROOT}/end")
