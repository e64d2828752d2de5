"""The SMS simulator as its own process, for tests that send or fail to."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

CHECKOUT = Path(__file__).resolve().parents[2]
KEY = "test-key"
KEYS = {
    "SMS_HTTP_KEY": KEY,
    "SMS_HTTP_RECEIPT_KEY": "test-receipt-key",
    "SMS_TWILIO_ACCOUNT_SID": "AC00000000000000000000000000000000",
    "SMS_TWILIO_AUTH_TOKEN": "12345",
    "SMS_SOLAPI_API_KEY": "NCSTEST",
    "SMS_SOLAPI_API_SECRET": "TESTSECRET",
    "SMS_SOLAPI_WEBHOOK_SECRET": "test-webhook-secret",
}


class Simulator:
    """A running simulator; `.stop()` and `.start()` keep its address."""

    def __init__(self, site: str = "") -> None:
        self.port = 0  # any; the same again after a stop
        self.site = site  # where SOLAPI's webhook leads
        self.client = httpx.Client()
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "registry.sms.simulator", "--port", str(self.port)],
            cwd=CHECKOUT,
            env=os.environ | KEYS | {"SITE_URL": self.site},
            stdout=subprocess.PIPE,
        )
        self.address = self.process.stdout.readline().decode().removeprefix("SMS simulator on ").strip()
        self.port = int(self.address.rsplit(":", 1)[1])

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)
        self.process.stdout.close()

    def behave(self, mode: str, **more: Any) -> None:
        self.client.post(f"{self.address}/behaviour", json={"mode": mode} | more).raise_for_status()

    def messages(self, to: str = "", provider: str = "") -> list[dict[str, Any]]:
        """Newest first."""
        asked = {"to": to, "provider": provider}
        answer = self.client.get(f"{self.address}/messages.json", params=asked).raise_for_status()
        return answer.json()["messages"]

    def code(self, to: str) -> str:
        """The newest code that was sent to a number."""
        found = (re.search(r"\b\d{6}\b", message["text"]) for message in self.messages(to))
        return next(code.group() for code in found if code)
