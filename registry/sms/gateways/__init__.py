"""Ways for an SMS to leave: one module a kind of provider, all with the one verb of `Gateway`.

A gateway speaks HTTP and nothing else: it touches no database, keeps to its time, and puts whatever happens into an
outcome instead of raising.
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Taken:
    """The provider has it, under this reference of its own."""

    reference: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider will never take this message."""

    error: str


@dataclass(frozen=True, slots=True)
class Away:
    """No answer, or one that has nothing to do with the message: try again, not before `after` seconds where told."""

    error: str
    after: float = 0.0


Outcome = Taken | Refused | Away


class Gateway(Protocol):
    def send(self, *, key: str, to: str, text: str) -> Outcome:
        """Hand over one text to an E.164 number; the same `key` again must not send it twice."""
        ...
