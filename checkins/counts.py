"""What a venue saw, by hour and verdict."""

from dataclasses import dataclass, field
from datetime import date

from checkins.models import Direction, HourCount
from venues.models import Venue


@dataclass(slots=True)
class Hour:
    """One hour of a day, 0 to 23 in Seoul."""

    hour: int
    admitted: int = 0
    turned_away: int = 0


@dataclass(slots=True)
class Day:
    """A venue's day: people let in and out, turned away by verdict, and both hour by hour, all 24."""

    day: date
    admitted: int = 0
    left: int = 0
    turned_away: dict[str, int] = field(default_factory=dict)
    hours: list[Hour] = field(default_factory=lambda: [Hour(hour) for hour in range(24)])


def on(venue: Venue, day: date) -> Day:
    """What the venue saw on a Seoul day, in one query. Phone and paper passes, and those let in by hand."""
    seen = Day(day)
    for row in HourCount.objects.filter(venue=venue, day=day).by_verdict():
        hour, count = seen.hours[row["hour"]], row["people"]
        if not row["admitted"]:
            seen.turned_away[row["verdict"]] = seen.turned_away.get(row["verdict"], 0) + count
            hour.turned_away += count
        elif row["direction"] == Direction.OUT:
            seen.left += count
        else:
            seen.admitted += count
            hour.admitted += count
    return seen
