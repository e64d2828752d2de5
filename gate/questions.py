"""When those who wait are to ask again: so many questions a second as are set, whoever is about to be called oftener.

Each answer takes the next moment at which a question may come; so a crowd that grows by thousands a second asks no
oftener than one that stands. A line for which a minute of such moments does not suffice asks by its length. No Django.
"""

from gate.clock import SECOND

SHORTEST_PACE, LONGEST_PACE = 3.0, 60.0  # seconds between two questions of a browser
NEAR = 0.6  # of the time that is left; whoever is about to be called asks when so much of it has gone by
FAR = 0.25  # of the time that is left; whoever has long to go need not ask every minute


class Questions:
    """One process's moments for questions, none of them more than `longest` seconds ahead. Threads may share it: two
    that take the same moment do no harm."""

    def __init__(self, longest: float = LONGEST_PACE) -> None:
        self._next, self._longest = 0, int(longest * SECOND)

    def take(self, share: float, now: int) -> float:
        """Seconds until the next moment, of `share` a second."""
        moment = min(max(self._next, now), now + self._longest)
        self._next = moment + int(SECOND / share)
        return (moment - now) / SECOND


def pace(wait: float, *, free: float, crowd: float) -> int:
    """In how many seconds a browser is to ask again, of which the turn comes in `wait`.

    `free`: seconds until the next moment for a question; `crowd`: seconds in which all who wait may ask once."""
    usual = max(SHORTEST_PACE, free, min(crowd, max(LONGEST_PACE, wait * FAR)))
    return round(min(usual, max(SHORTEST_PACE, wait * NEAR)))
