"""SOLAPI: POST /messages/v4/send-many/detail, signed by HMAC-SHA-256 over date and salt; the webhook SINGLE-REPORT,
which SOLAPI does not sign: it bears the SHA-1 of a secret that is set in its console.

SOLAPI has no idempotency key for messages. Our message's id goes along as a custom field, which the report gives back.
"""

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from registry.sms.gateways import Away, Call, Forged, Outcome, Receipt, Refused, Settings, Taken
from registry.sms.gateways.calling import ABOUT_US, Answer, post

PENDING = {"2000", "3000"}  # taken, and handed to the carrier
DELIVERED = "4000"
# Refusals that say nothing against the message: key, clock, balance, sender or account of ours.
OUR_FAULT = {
    "InvalidAPIKey", "SignatureDoesNotMatch", "RequestTimeTooSkewed", "DuplicatedSignature", "Unauthorized",
    "Forbidden", "NotEnoughBalance", "TooManyRequests", "InternalError", "1062",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SolapiGateway:
    address: str
    key: str
    secret: str
    sender: str
    webhook_secret: str = ""

    @classmethod
    def of(cls, settings: Settings, callback: str) -> Self:
        """Reads …_API_KEY, …_API_SECRET, …_FROM, …_WEBHOOK_SECRET, and …_URL where it is not SOLAPI's own. The
        callback is set in SOLAPI's console."""
        names = (settings.get(name) for name in ("API_KEY", "API_SECRET", "FROM", "WEBHOOK_SECRET"))
        return cls(settings.get("URL", "https://api.solapi.com"), *names)

    def send(self, *, key: str, to: str, text: str) -> Outcome:
        message = {
            "to": national(to),
            "from": self.sender,
            "text": text,
            "type": "SMS",
            "customFields": {"message": key},
        }
        body = {"messages": [message], "strict": True, "showMessageList": True}
        headers = {"Authorization": authorization(self.key, self.secret, datetime.now(UTC))}
        answer = post(f"{self.address.rstrip('/')}/messages/v4/send-many/detail", headers=headers, json=body)
        return answer if isinstance(answer, Away) else _outcome(answer)

    def receipts(self, call: Call) -> list[Receipt]:
        """A list of reports. Nothing in them says when they were made: an old one may come again; it changes nothing
        then."""
        given = call.headers.get("x-solapi-secret", "")
        expected = hashlib.sha1(self.webhook_secret.encode()).hexdigest()  # noqa: S324 -- as SOLAPI has it
        if not self.webhook_secret or not hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
            raise Forged
        try:
            told = json.loads(call.body)
        except (ValueError, RecursionError):
            return []
        return [_report(each) for each in told[:1000] if isinstance(each, dict)] if isinstance(told, list) else []


def national(number: str) -> str:
    """+821000001234 → 01000001234: SOLAPI takes Korean numbers as they are dialled in Korea."""
    return f"0{number.removeprefix('+82')}" if number.startswith("+82") else number.removeprefix("+")


def authorization(key: str, secret: str, now: datetime) -> str:
    date, salt = now.isoformat(timespec="seconds").replace("+00:00", "Z"), secrets.token_hex(16)
    signature = hmac.new(secret.encode(), f"{date}{salt}".encode(), hashlib.sha256).hexdigest()
    return f"HMAC-SHA256 apiKey={key}, date={date}, salt={salt}, signature={signature}"


def _outcome(answer: Answer) -> Outcome:
    """200 alone says nothing: what was not taken stands in failedMessageList."""
    told = answer.json
    failed, listed = _first(told.get("failedMessageList")), _first(told.get("messageList"))
    if failed or (listed and str(listed.get("statusCode")) not in PENDING):
        error = str((failed or listed).get("statusCode") or "refused")[:40]
        return answer.away(error) if error in OUR_FAULT else Refused(error)
    if answer.ok and listed:
        return Taken(str(listed.get("messageId", ""))[:80])
    error = str(told.get("errorCode") or f"HTTP {answer.status}")[:40]
    if not 400 <= answer.status < 500 or answer.status in ABOUT_US or error in OUR_FAULT:
        return answer.away(error)
    return Refused(error)


def _first(listed: Any) -> dict[str, Any]:
    return listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], dict) else {}


def _report(told: dict[str, Any]) -> Receipt:
    """One report; newer webhooks wrap it in "data"."""
    inner = told.get("data")
    report: dict[str, Any] = inner if isinstance(inner, dict) else told
    code, custom = str(report.get("statusCode", "")), report.get("customFields")
    key = str(custom.get("message", "")) if isinstance(custom, dict) else ""
    reference = str(report.get("messageId", ""))
    if code == DELIVERED:
        return Receipt("delivered", reference, key)
    return Receipt("underway", reference, key) if code in PENDING else Receipt("undelivered", reference, key, code[:40])
