"""Entries and refusals by hour and region, summed from the hour counts of all venues for the desk's first page."""

from datetime import datetime, timedelta

from django.db import connection

from registry import figures
from registry.format.passcode import Verdict
from registry.models import Figure
from registry.validity import SEOUL

_SUMS = """
    SELECT v.region, h.day, h.hour, sum(h.count) FILTER (WHERE h.admitted AND h.direction = 'in'),
        sum(h.count) FILTER (WHERE NOT h.admitted AND h.verdict = ANY(%s))
    FROM checkins_hourcount h JOIN venues_venue v ON v.id = h.venue_id
    WHERE h.day BETWEEN %s AND %s GROUP BY 1, 2, 3"""


def count(now: datetime) -> None:
    """Sum up today, and yesterday for what scanners told late."""
    today = now.astimezone(SEOUL).date()
    days = [today - timedelta(days=1), today]
    red = [verdict.value for verdict in Verdict if verdict.colour == "red"]
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, [red, days[0], days[-1]])
        rows = cursor.fetchall()
    hours = [(day, hour) for day in days for hour in range(24)]
    for place, what in ((3, Figure.What.ENTERED), (4, Figure.What.REFUSED)):
        numbers = {(row[0], row[1], row[2]): row[place] for row in rows if row[place]}
        figures.keep(what, numbers, hours, now=now)
