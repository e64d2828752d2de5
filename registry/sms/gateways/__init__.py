"""Ways for an SMS to leave: one module a kind of provider, all with the verbs of `Gateway`.

A gateway speaks HTTP and nothing else: it touches no database, keeps to its time, and puts whatever happens into an
outcome instead of raising. It also reads what its provider tells later: receipts, after checking who sent them.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Taken:
    """The provider has it, under this reference of its own."""

    reference: str


@dataclass(frozen=True, slots=True)
class Refused:
    """This provider will never take this message."""

    error: str


@dataclass(frozen=True, slots=True)
class Away:
    """No answer, or one that has nothing to do with the message: try again, not before `after` seconds where told."""

    error: str
    after: float = 0.0


Outcome = Taken | Refused | Away


@dataclass(frozen=True, slots=True)
class Call:
    """A request that says to come from a provider: where it was sent to, as the provider knows it, and all else."""

    url: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    at: float  # seconds since the epoch


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a text. `key` is our message's id where the provider gives it back, `reference` the provider's."""

    state: Literal["delivered", "undelivered", "underway"]
    reference: str
    key: str = ""
    reason: str = ""


def without_numbers(words: str) -> str:
    """A provider's own words, which are kept, counted and logged: without any number of a phone and any code that they
    may repeat."""
    return re.sub(r"\+?\d[\d\s().-]{4,}\d", "…", words)


class Forged(Exception):
    """The call is not from the provider, or is an old one again."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What stands in the environment under names that begin with the provider's prefix, as `value_of` a name tells."""

    prefix: str
    value_of: Callable[[str], str | None]

    def get(self, name: str, default: str = "") -> str:
        return str(self.value_of(f"{self.prefix}_{name}") or default)


class Gateway(Protocol):
    def send(self, *, key: str, to: str, text: str) -> Outcome:
        """Hand over one text to an E.164 number; where the provider knows such a key, the same `key` again does not
        send it twice."""
        ...

    def receipts(self, call: Call) -> list[Receipt]:
        """What the provider tells. Raises Forged."""
        ...
