"""Twilio, Programmable Messaging: POST /2010-04-01/Accounts/{SID}/Messages.json, form-encoded, Basic; status callbacks
signed by X-Twilio-Signature (HMAC-SHA-1 over the address and the sorted fields).

Twilio has no idempotency key for messages. Our message's id goes along in the address of the callback, so that a
receipt finds its message even where the answer to the call was lost.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from registry.sms.gateways import Away, Call, Forged, Outcome, Receipt, Refused, Settings, Taken
from registry.sms.gateways.calling import ABOUT_US, Answer, post

# Errors that say nothing against the message: key, sender or account of ours, or too much at once.
OUR_FAULT = {20003, 20008, 20429, 21601, 21602, 21603, 21606, 21611, 21659, 21660, 21661, 30001, 30002, 63038}
STATES: dict[str, Any] = {
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "undelivered",
    "failed": "undelivered",
    "canceled": "undelivered",
}


@dataclass(frozen=True, slots=True)
class TwilioGateway:
    address: str
    account: str
    token: str
    sender: str  # a number of ours, or the id of a messaging service (MG…)
    callback: str = ""

    @classmethod
    def of(cls, settings: Settings, callback: str) -> Self:
        """Reads …_ACCOUNT_SID, …_AUTH_TOKEN, …_FROM, and …_URL where it is not Twilio's own."""
        names = settings.get("ACCOUNT_SID"), settings.get("AUTH_TOKEN"), settings.get("FROM")
        return cls(settings.get("URL", "https://api.twilio.com"), *names, callback)

    def send(self, *, key: str, to: str, text: str) -> Outcome:
        url = f"{self.address.rstrip('/')}/2010-04-01/Accounts/{self.account}/Messages.json"
        sender = "MessagingServiceSid" if self.sender.startswith("MG") else "From"
        form = {"To": to, sender: self.sender, "Body": text}
        if self.callback.startswith("http"):
            form["StatusCallback"] = f"{self.callback}?{urlencode({'message': key})}"
        answer = post(url, data=form, auth=(self.account, self.token))
        return answer if isinstance(answer, Away) else _outcome(answer)

    def receipts(self, call: Call) -> list[Receipt]:
        """A status callback. A token has no time in it, so an old one may come again; it changes nothing then."""
        fields = parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True)
        given = call.headers.get("x-twilio-signature", "")
        if not self.token or not hmac.compare_digest(
            sign(self.token, call.url, fields), given.encode("utf-8", "replace")
        ):
            raise Forged
        told = dict(fields)
        state = STATES.get(told.get("MessageStatus", ""), "underway")
        key = parse_qs(urlsplit(call.url).query).get("message", [""])[0]
        return [Receipt(state, told.get("MessageSid", ""), key, told.get("ErrorCode", "")[:40])]


def sign(token: str, url: str, fields: list[tuple[str, str]]) -> bytes:
    """The address as called, then each field's name and value, sorted by name (twilio.com/docs/usage/security)."""
    signed = url + "".join(name + value for name, value in sorted(fields))
    return base64.b64encode(hmac.digest(token.encode(), signed.encode(), hashlib.sha1))


def _outcome(answer: Answer) -> Outcome:
    told = answer.json
    code = told.get("code") or told.get("error_code")
    if answer.ok and not code and told.get("sid") and told.get("status") not in ("failed", "undelivered"):
        return Taken(str(told["sid"])[:80])
    error = str(code or (told.get("status") if answer.ok else "") or f"HTTP {answer.status}")[:40]
    about_us = code in OUR_FAULT or answer.status in ABOUT_US
    if about_us or not 200 <= answer.status < 500 or (answer.ok and not told):
        return answer.away(error)
    return Refused(error)
