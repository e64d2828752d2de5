"""The generic HTTP provider (docs/sms.md): POST {address}/messages, a bearer key, the message's id as its key; receipts
signed by HMAC-SHA-256 over time and body."""

import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from typing import Any, Self

from registry.sms.gateways import Away, Call, Forged, Outcome, Receipt, Refused, Settings, Taken, without_numbers
from registry.sms.gateways.calling import ABOUT_US, post

SIGNED_WITHIN = 300  # seconds between signing and arriving; an older one may be somebody's copy
STATES: dict[str, Any] = {"delivered": "delivered", "undelivered": "undelivered", "sent": "underway"}


@dataclass(frozen=True, slots=True)
class HttpGateway:
    address: str
    key: str
    receipt_key: str = ""
    callback: str = ""

    @classmethod
    def of(cls, settings: Settings, callback: str) -> Self:
        """Reads …_URL, …_KEY, …_RECEIPT_KEY."""
        return cls(settings.get("URL"), settings.get("KEY"), settings.get("RECEIPT_KEY"), callback)

    def send(self, *, key: str, to: str, text: str) -> Outcome:
        headers = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": key}
        body = {"to": to, "text": text} | ({"callback": self.callback} if self.callback and self.receipt_key else {})
        answer = post(f"{self.address.rstrip('/')}/messages", headers=headers, json=body)
        if isinstance(answer, Away):
            return answer
        if answer.ok and "error" in answer.json:
            return Refused(without_numbers(str(answer.json["error"]))[:200])
        if answer.ok:
            return Taken(str(answer.json.get("id", ""))[:80])
        if 400 <= answer.status < 500 and answer.status not in ABOUT_US:
            return Refused(f"HTTP {answer.status}")
        return answer.away()

    def receipts(self, call: Call) -> list[Receipt]:
        """`Receipt-Signature: t=<seconds>,v1=<hex>` over "<seconds>.<body>"."""
        given = re.fullmatch(r"t=(\d{1,12}),v1=([0-9a-f]{64})", call.headers.get("receipt-signature", ""))
        if not given or not self.receipt_key or abs(call.at - int(given[1])) > SIGNED_WITHIN:
            raise Forged
        if not hmac.compare_digest(sign(self.receipt_key, given[1], call.body), given[2]):
            raise Forged
        return _read(call.body)


def sign(key: str, seconds: str, body: bytes) -> str:
    return hmac.new(key.encode(), seconds.encode() + b"." + body, hashlib.sha256).hexdigest()


def _read(body: bytes) -> list[Receipt]:
    try:
        told = json.loads(body)
        state = STATES[told["status"]]
        reason = without_numbers(str(told.get("reason") or ""))
        return [Receipt(state, str(told["id"]), str(told.get("key", "")), reason[:40])]
    except (ValueError, KeyError, TypeError, RecursionError):
        return []
