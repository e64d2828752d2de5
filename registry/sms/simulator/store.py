"""What the simulator remembers: the latest messages, each once per idempotency key, and how it is told to behave."""

import re
import threading
import time
from collections import OrderedDict
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args
from uuid import uuid4

MOST_MESSAGES = 1000  # older ones are forgotten
LONGEST_TEXT = 2000
LONGEST_WAIT = 600.0  # seconds, of hang and lag

Mode = Literal["ok", "fail", "hang", "lag"]


class Refused(ValueError):
    """The message or the behaviour is not of the protocol; the text says why."""


@dataclass(frozen=True, slots=True)
class Message:
    id: str
    to: str
    text: str
    at: int  # milliseconds since the epoch


@dataclass(frozen=True)
class Behaviour:
    """ok: take and answer. fail: answer `status`, take nothing. hang: hold the call `seconds`, then close it without an
    answer, take nothing. lag: take at once, answer after `seconds`."""

    mode: Mode = "ok"
    seconds: float = 30.0
    status: int = 500

    @classmethod
    def of(cls, body: object) -> "Behaviour":
        """Read {"mode", "seconds", "status"}. Raises Refused."""
        if not isinstance(body, dict) or body.get("mode") not in get_args(Mode):
            raise Refused(f"mode must be one of {', '.join(get_args(Mode))}")
        seconds, status = body.get("seconds", cls.seconds), body.get("status", cls.status)
        if not isinstance(seconds, int | float) or not 0 <= seconds <= LONGEST_WAIT:
            raise Refused(f"seconds must be a number from 0 to {LONGEST_WAIT:.0f}")
        if not isinstance(status, int) or not 400 <= status <= 599:
            raise Refused("status must be a whole number from 400 to 599")
        return cls(body["mode"], float(seconds), status)


def digits(number: str) -> str:
    """How numbers are compared: +82 10-0000-1234, 821000001234 and 01000001234 are the same."""
    plain = re.sub(r"\D", "", number)
    return "82" + plain[1:] if plain.startswith("0") else plain


@dataclass
class Store:
    """Safe to use from many threads."""

    _messages: OrderedDict[str, Message] = field(default_factory=OrderedDict)  # by idempotency key, oldest first
    _behaviour: Behaviour = Behaviour()
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def take(self, key: str, body: object) -> Message:
        """Keep a message, or find the one taken under this key before. Raises Refused."""
        to, text = _fields(body)
        with self._changed:
            known = self._messages.get(key)
            if known is None:
                known = Message(str(uuid4()), to, text, time.time_ns() // 1_000_000)
                self._messages[key] = known
                while len(self._messages) > MOST_MESSAGES:
                    self._messages.popitem(last=False)
            return known

    def newest_first(self, to: str = "") -> list[Message]:
        """All messages kept, or those to one number."""
        with self._changed:
            messages = list(reversed(self._messages.values()))
        return [message for message in messages if digits(message.to) == digits(to)] if to.strip() else messages

    @property
    def behaviour(self) -> Behaviour:
        return self._behaviour

    def behave(self, behaviour: Behaviour) -> None:
        """From now on behave so; calls that are being held are let go."""
        with self._changed:
            self._behaviour = behaviour
            self._changed.notify_all()

    def hold(self) -> None:
        """Return after the behaviour's seconds, or as soon as another is asked for."""
        with self._changed:
            present = self._behaviour
            self._changed.wait_for(lambda: self._behaviour is not present, timeout=present.seconds)


def _fields(body: object) -> tuple[str, str]:
    to, text = (body.get("to"), body.get("text")) if isinstance(body, dict) else (None, None)
    if not isinstance(to, str) or not re.fullmatch(r"\+[1-9]\d{6,14}", to):
        raise Refused("to must be a number as E.164 writes it, such as +821000001234")
    if not isinstance(text, str) or not 0 < len(text) <= LONGEST_TEXT:
        raise Refused(f"text must be 1 to {LONGEST_TEXT} characters")
    return to, text


def as_json(messages: list[Message]) -> dict[str, Any]:
    return {"messages": [asdict(message) for message in messages]}
