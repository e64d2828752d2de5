"""How often: all numbers that bound phone checks, and the arithmetic of a sliding window. Pure.

What has happened is counted in PostgreSQL, so that losing Redis changes nothing here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` within any stretch of `within`."""

    most: int
    within: timedelta

    def wait(self, times: Iterable[datetime], now: datetime) -> timedelta:
        """How long until one more fits, given when the others were; zero when it fits now."""
        recent = sorted(time for time in times if time > now - self.within)
        return recent[-self.most] + self.within - now if len(recent) >= self.most else timedelta()


# A number from one address: what a person needs who loses some messages.
CODES_PER_NUMBER_AND_ADDRESS = (Limit(5, timedelta(minutes=10)), Limit(10, timedelta(days=1)))
# A number from everywhere: no more than strangers may bother somebody with, and enough that one stranger does not shut
# the number's owner out. With five tries a check, at most 150 of 1,000,000 codes are guessed at a day.
CODES_PER_NUMBER = (Limit(10, timedelta(minutes=10)), Limit(30, timedelta(days=1)))
# An address: offices and cafés share one. IPv6: the first 64 bits.
CODES_PER_ADDRESS = (Limit(30, timedelta(minutes=10)),)


def longest_wait(limits: Iterable[Limit], times: Iterable[datetime], now: datetime) -> timedelta:
    """The wait that satisfies every limit."""
    known = list(times)
    return max((limit.wait(known, now) for limit in limits), default=timedelta())
