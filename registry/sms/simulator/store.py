"""What the simulator remembers: the latest messages, each once per idempotency key, and how it is told to behave."""

import re
import threading
import time
from collections import OrderedDict
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

MOST_MESSAGES = 1000  # older ones are forgotten
LONGEST_TEXT = 2000
LONGEST_MAIL = 20_000
LONGEST_WAIT = 600.0  # seconds, of hang and lag

PROVIDERS = ("http", "twilio", "solapi")
MAIL = "mail"  # beside them: not SMS, but read on the same page
Mode = Literal["ok", "fail", "refuse", "error", "hang", "lag", "twice"]
Receipts = Literal["delivered", "undelivered", "reversed", "none"]


class Refused(ValueError):
    """The message or the behaviour is not of the protocol; the text says why."""

    status = 422


class UnknownFields(Refused):
    """Members that POST /behaviour does not know: a slip of the pen that would change nothing and be said nowhere."""

    status = 400


@dataclass(frozen=True, slots=True)
class Message:
    id: str
    to: str
    text: str
    at: int  # milliseconds since the epoch
    provider: str = "http"


@dataclass(frozen=True)
class Behaviour:
    """How a provider behaves, as docs/sms.md says of each mode and of its receipts."""

    mode: Mode = "ok"
    seconds: float = 30.0
    status: int = 500
    receipts: Receipts = "delivered"
    receipt_seconds: float = 0.2
    receipt_copies: int = 1

    @classmethod
    def of(cls, body: object) -> "Behaviour":
        """Read what POST /behaviour was sent. Raises Refused."""
        if not isinstance(body, dict) or body.get("mode", "ok") not in get_args(Mode):
            raise Refused(f"mode must be one of {', '.join(get_args(Mode))}")
        known = ("provider", *cls.__dataclass_fields__)
        if unknown := sorted(body.keys() - set(known)):
            raise UnknownFields(f"unknown: {', '.join(unknown)}; known: {', '.join(known)}")
        given = {name: body[name] for name in cls.__dataclass_fields__ if name in body}
        for name in ("seconds", "receipt_seconds"):
            if not isinstance(given.get(name, 0), int | float) or not 0 <= given.get(name, 0) <= LONGEST_WAIT:
                raise Refused(f"{name} must be a number from 0 to {LONGEST_WAIT:.0f}")
        if not isinstance(given.get("status", 500), int) or not 400 <= given.get("status", 500) <= 599:
            raise Refused("status must be a whole number from 400 to 599")
        if given.get("receipts", "none") not in get_args(Receipts):
            raise Refused(f"receipts must be one of {', '.join(get_args(Receipts))}")
        if not isinstance(given.get("receipt_copies", 1), int) or not 1 <= given.get("receipt_copies", 1) <= 10:
            raise Refused("receipt_copies must be a whole number from 1 to 10")
        return cls(**given)


def digits(number: str) -> str:
    """How numbers are compared: +82 10-0000-1234, 821000001234 and 01000001234 are the same."""
    plain = re.sub(r"\D", "", number)
    return "82" + plain[1:] if plain.startswith("0") else plain


def same(one: str, other: str) -> bool:
    """Whether two are the same receiver: a number however written, or a mail address."""
    return one == other.strip() if "@" in one else digits(one) == digits(other)


@dataclass
class Store:
    """Safe to use from many threads."""

    _messages: OrderedDict[str, Message] = field(default_factory=OrderedDict)  # by idempotency key, oldest first
    _behaviours: dict[str, Behaviour] = field(default_factory=lambda: dict.fromkeys(PROVIDERS, Behaviour()))
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def take(self, provider: str, key: str, id: str, body: object) -> Message:
        """Keep a message, or find the one taken under this key before. Raises Refused."""
        to, text = _fields(body)
        return self._keep(key, Message(id, to, text, time.time_ns() // 1_000_000, provider))

    def take_mail(self, id: str, to: str, text: str) -> Message:
        """Keep a mail beside the texts."""
        return self._keep(f"mail {id} {to}", Message(id, to, text[:LONGEST_MAIL], time.time_ns() // 1_000_000, MAIL))

    def _keep(self, key: str, message: Message) -> Message:
        with self._changed:
            known = self._messages.get(key)
            if known is None:
                known = self._messages[key] = message
                while len(self._messages) > MOST_MESSAGES:
                    self._messages.popitem(last=False)
            return known

    def forget(self) -> None:
        """Empty the letter box: what was taken before is shown to nobody."""
        with self._changed:
            self._messages.clear()

    def newest_first(self, to: str = "", provider: str = "") -> list[Message]:
        """All messages kept, or those to one number, or of one provider."""
        with self._changed:
            messages = list(reversed(self._messages.values()))
        return [
            message
            for message in messages
            if (not to.strip() or same(message.to, to)) and provider in ("", message.provider)
        ]

    def behaviour(self, provider: str = "http") -> Behaviour:
        return self._behaviours[provider]

    def behave(self, behaviour: Behaviour, providers: tuple[str, ...] = PROVIDERS) -> None:
        """From now on behave so; calls that are being held are let go."""
        with self._changed:
            self._behaviours |= dict.fromkeys(providers, behaviour)
            self._changed.notify_all()

    def hold(self, provider: str) -> None:
        """Return after the behaviour's seconds, or as soon as another is asked for."""
        with self._changed:
            present = self._behaviours[provider]
            self._changed.wait_for(lambda: self._behaviours[provider] is not present, timeout=present.seconds)


def _fields(body: object) -> tuple[str, str]:
    to, text = (body.get("to"), body.get("text")) if isinstance(body, dict) else (None, None)
    if not isinstance(to, str) or not re.fullmatch(r"\+[1-9]\d{6,14}", to):
        raise Refused("to must be a number as E.164 writes it, such as +821000001234")
    if not isinstance(text, str) or not 0 < len(text) <= LONGEST_TEXT:
        raise Refused(f"text must be 1 to {LONGEST_TEXT} characters")
    return to, text


def as_json(messages: list[Message]) -> dict[str, Any]:
    return {"messages": [asdict(message) for message in messages]}
