"""How the three providers talk: what they want, what they answer, what receipts they send. Written from their
documentation and not from our gateways, so that the two can disagree.

twilio.com/docs/messaging/api/message-resource, twilio.com/docs/usage/security; developers.solapi.com (messages v4,
webhook SINGLE-REPORT); docs/sms.md for the generic one.
"""

import base64
import hashlib
import hmac
import json
import re
import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlencode
from uuid import uuid4

from registry.sms.simulator.store import Refused

Json = dict[str, Any]


class Unproven(Exception):
    """The caller is not who it should be; with what the provider answers then."""

    def __init__(self, status: int, body: Json) -> None:
        super().__init__(status)
        self.status, self.body = status, body


@dataclass(frozen=True, slots=True)
class Request:
    """A text that somebody hands over."""

    to: str  # E.164
    text: str
    key: str  # the same key again is the same text again
    id: str
    callback: str = ""
    extra: Json = field(default_factory=dict)


Post = tuple[str, dict[str, str], bytes]  # address, headers, body


class Wire(Protocol):
    name: str

    def serves(self, path: str) -> bool: ...

    def read(self, path: str, headers: Any, body: bytes) -> Request:
        """Raises Unproven, Refused."""
        ...

    def malformed(self, why: str) -> tuple[int, Json]: ...
    def taken(self, request: Request) -> tuple[int, Json]: ...
    def failed(self, status: int) -> Json: ...
    def refused(self, request: Request) -> tuple[int, Json]: ...
    def error(self, request: Request) -> Json: ...

    def receipt(self, request: Request, state: str) -> Post | None:
        """`state`: sent, delivered, undelivered."""
        ...


def wires(settings: dict[str, str]) -> list[Wire]:
    """The providers, with the keys that stand in the environment under the names of docs/sms.md."""
    return [HttpWire(settings), TwilioWire(settings), SolapiWire(settings)]


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Refused("the body must be JSON") from None


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode("utf-8", "replace"))


class HttpWire:
    name = "http"

    def __init__(self, settings: dict[str, str]) -> None:
        self.key, self.receipt_key = settings.get("SMS_HTTP_KEY", ""), settings.get("SMS_HTTP_RECEIPT_KEY", "")

    def serves(self, path: str) -> bool:
        return path == "/messages"

    def read(self, path: str, headers: Any, body: bytes) -> Request:
        told = _json(body)
        if not _same(headers.get("Authorization", ""), f"Bearer {self.key}"):
            raise Unproven(401, {"error": "unknown key"})
        key = headers.get("Idempotency-Key", "")
        if not 0 < len(key) <= 100:
            raise Refused("an Idempotency-Key of 1 to 100 characters is needed")
        told = told if isinstance(told, dict) else {}
        to, text, callback = told.get("to"), told.get("text"), told.get("callback", "")
        return Request(to, text, key, str(uuid4()), str(callback))  # type: ignore[arg-type]  # checked where it is kept

    def malformed(self, why: str) -> tuple[int, Json]:
        return 422, {"error": why}

    def taken(self, request: Request) -> tuple[int, Json]:
        return 202, {"id": request.id}

    def failed(self, status: int) -> Json:
        return {"error": "told to fail"}

    def refused(self, request: Request) -> tuple[int, Json]:
        return 422, {"error": "told to refuse"}

    def error(self, request: Request) -> Json:
        return {"error": "told to answer 200 with an error"}

    def receipt(self, request: Request, state: str) -> Post | None:
        if not (request.callback and self.receipt_key):
            return None
        told = {"id": request.id, "key": request.key, "status": state}
        body = json.dumps(told | ({"reason": "absent"} if state == "undelivered" else {})).encode()
        now = str(int(time.time()))
        signature = hmac.new(self.receipt_key.encode(), f"{now}.".encode() + body, "sha256").hexdigest()
        return (
            request.callback,
            {"Content-Type": "application/json", "Receipt-Signature": f"t={now},v1={signature}"},
            body,
        )


class TwilioWire:
    name = "twilio"
    place = re.compile(r"/twilio/2010-04-01/Accounts/(\w+)/Messages\.json")

    def __init__(self, settings: dict[str, str]) -> None:
        self.account = settings.get("SMS_TWILIO_ACCOUNT_SID", "")
        self.token = settings.get("SMS_TWILIO_AUTH_TOKEN", "")

    def serves(self, path: str) -> bool:
        return bool(self.place.fullmatch(path))

    def read(self, path: str, headers: Any, body: bytes) -> Request:
        basic = "Basic " + base64.b64encode(f"{self.account}:{self.token}".encode()).decode()
        place = self.place.fullmatch(path)
        if (
            not self.token
            or not place
            or place[1] != self.account
            or not _same(headers.get("Authorization", ""), basic)
        ):
            raise Unproven(401, _twilio_error(20003, "Authenticate", 401))
        form = dict(parse_qsl(body.decode("utf-8", "replace")))
        if not (form.get("From") or form.get("MessagingServiceSid")):
            raise Refused("A 'From' phone number is required.")
        id = f"SM{secrets.token_hex(16)}"
        return Request(form.get("To", ""), form.get("Body", ""), id, id, form.get("StatusCallback", ""), form)

    def malformed(self, why: str) -> tuple[int, Json]:
        return 400, _twilio_error(21211, why, 400)

    def taken(self, request: Request) -> tuple[int, Json]:
        now = datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")
        return 201, {
            "account_sid": self.account, "api_version": "2010-04-01", "body": request.text, "date_created": now,
            "date_sent": None, "date_updated": now, "direction": "outbound-api", "error_code": None,
            "error_message": None, "from": request.extra.get("From"), "num_segments": "1", "price": None,
            "sid": request.id, "status": "queued", "to": request.to,
            "uri": f"/2010-04-01/Accounts/{self.account}/Messages/{request.id}.json",
        }  # fmt: skip

    def failed(self, status: int) -> Json:
        code = {401: 20003, 403: 20003, 429: 20429}.get(status, 20500 if status >= 500 else 21620)
        return _twilio_error(code, "told to fail", status)

    def refused(self, request: Request) -> tuple[int, Json]:
        return 400, _twilio_error(21211, f"The 'To' number {request.to} is not a valid phone number.", 400)

    def error(self, request: Request) -> Json:
        told = {"status": "failed", "error_code": 30008, "error_message": "Unknown error"}
        return self.taken(request)[1] | told

    def receipt(self, request: Request, state: str) -> Post | None:
        if not request.callback:
            return None
        fields = {"AccountSid": self.account, "ApiVersion": "2010-04-01", "From": request.extra.get("From", "")}
        fields |= {"MessageSid": request.id, "MessageStatus": state, "SmsSid": request.id, "SmsStatus": state}
        fields |= {"To": request.to} | ({"ErrorCode": "30003"} if state == "undelivered" else {})
        signed = request.callback + "".join(f"{name}{fields[name]}" for name in sorted(fields))
        signature = base64.b64encode(hmac.new(self.token.encode(), signed.encode(), "sha1").digest()).decode()
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signature}
        return request.callback, headers, urlencode(fields).encode()


def _twilio_error(code: int, message: str, status: int) -> Json:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return {"code": code, "message": message, "more_info": more, "status": status}


class SolapiWire:
    name = "solapi"
    skew = timedelta(minutes=15)

    def __init__(self, settings: dict[str, str]) -> None:
        self.key, self.secret = settings.get("SMS_SOLAPI_API_KEY", ""), settings.get("SMS_SOLAPI_API_SECRET", "")
        self.webhook_secret = settings.get("SMS_SOLAPI_WEBHOOK_SECRET", "")
        site = settings.get("SITE_URL", "")
        self.webhook = f"{site}/api/v1/receipts/solapi" if site and self.webhook_secret else ""

    def serves(self, path: str) -> bool:
        return path == "/solapi/messages/v4/send-many/detail"

    def read(self, path: str, headers: Any, body: bytes) -> Request:
        self._prove(headers.get("Authorization", ""))
        told = _json(body)
        messages = told.get("messages") if isinstance(told, dict) else None
        if not isinstance(messages, list) or len(messages) != 1 or not isinstance(messages[0], dict):
            raise Refused("messages must be a list of one object here")
        message = messages[0]
        if not str(message.get("from", "")).isdecimal() or not str(message.get("to", "")).isdecimal():
            raise Refused("to and from must be digits")
        id = f"M4V{datetime.now(UTC):%Y%m%d%H%M%S}{secrets.token_hex(8).upper()}"
        to = "+82" + str(message["to"]).removeprefix("0")
        return Request(to, message.get("text"), id, id, self.webhook, message)  # type: ignore[arg-type]

    def _prove(self, given: str) -> None:
        found = re.fullmatch(
            r"HMAC-SHA256 apiKey=(\w+), date=([^,]+), salt=(\w{12,64}), signature=([0-9a-f]{64})", given
        )
        if not found or not self.key or not _same(found[1], self.key):
            raise Unproven(403, {"errorCode": "InvalidAPIKey", "errorMessage": "유효한 API Key가 아닙니다."})
        signature = hmac.new(self.secret.encode(), (found[2] + found[3]).encode(), hashlib.sha256).hexdigest()
        if not _same(found[4], signature):
            raise Unproven(403, {"errorCode": "SignatureDoesNotMatch", "errorMessage": "서명이 일치하지 않습니다."})
        try:
            late = abs(datetime.now(UTC) - datetime.fromisoformat(found[2])) > self.skew
        except (ValueError, TypeError):
            late = True
        if late:
            raise Unproven(403, {"errorCode": "RequestTimeTooSkewed", "errorMessage": "요청 시각이 올바르지 않습니다."})

    def malformed(self, why: str) -> tuple[int, Json]:
        return 400, {"errorCode": "ValidationError", "errorMessage": why}

    def taken(self, request: Request) -> tuple[int, Json]:
        custom = request.extra.get("customFields", {})
        listed = {"messageId": request.id, "statusCode": "2000", "statusMessage": "정상 접수", "customFields": custom}
        return 200, {"failedMessageList": [], "groupInfo": self._group(1, 0), "messageList": [listed]}

    def _group(self, taken: int, failed: int) -> Json:
        count = {"total": 1, "registeredSuccess": taken, "registeredFailed": failed, "sentTotal": 0}
        return {"count": count, "status": "SENDING", "groupId": f"G4V{secrets.token_hex(8).upper()}", "apiVersion": "4"}

    def failed(self, status: int) -> Json:
        return {"errorCode": "InternalError" if status >= 500 else "ValidationError", "errorMessage": "told to fail"}

    def refused(self, request: Request) -> tuple[int, Json]:
        failed = {"to": request.extra.get("to"), "from": request.extra.get("from"), "type": "SMS", "country": "82"}
        failed |= {"messageId": request.id, "statusCode": "1020", "statusMessage": "told to refuse"}
        return 200, {"failedMessageList": [failed], "groupInfo": self._group(0, 1), "messageList": []}

    def error(self, request: Request) -> Json:
        return {"errorCode": "InternalError", "errorMessage": "told to answer 200 with an error"}

    def receipt(self, request: Request, state: str) -> Post | None:
        if not request.callback:
            return None
        code = {"sent": "3000", "delivered": "4000", "undelivered": "3104"}[state]
        report = {"messageId": request.id, "groupId": "G4V", "type": "SMS", "to": request.extra.get("to")}
        report |= {"from": request.extra.get("from"), "statusCode": code, "networkCode": "ETC"}
        report |= {"customFields": request.extra.get("customFields", {}), "dateReported": datetime.now(UTC).isoformat()}
        body = json.dumps([{"eventDataId": str(uuid4()), "retryCount": 0, "data": report}]).encode()
        headers = {"Content-Type": "application/json", "X-Solapi-Event-Name": "SINGLE-REPORT"}
        headers["X-Solapi-Secret"] = hashlib.sha1(self.webhook_secret.encode()).hexdigest()  # noqa: S324 -- theirs
        return request.callback, headers, body
