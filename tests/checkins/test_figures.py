"""Entries and refusals by hour and region, for the desk's first page."""

from datetime import timedelta

import pytest
from django.utils import timezone

from checkins import figures
from checkins.models import HourCount
from registry import figures as kept
from registry.models import Figure
from tests.factories import VenueFactory

pytestmark = pytest.mark.django_db
What = Figure.What


def test_it_sums_what_the_doors_of_each_region_saw():
    now = timezone.now()
    today = timezone.localdate(now)
    here, there = VenueFactory(region="11680"), VenueFactory(region="26110")

    def counted(venue, count, *, verdict="PASS", admitted=True, direction="in", day=today, hour=9):
        HourCount.objects.create(
            venue=venue, day=day, hour=hour, verdict=verdict, method="qr", direction=direction, admitted=admitted,
            count=count,
        )  # fmt: skip

    counted(here, 5)
    counted(here, 2, verdict="NO_PASS", admitted=True)
    counted(here, 3, direction="out")
    counted(here, 4, verdict="REVOKED", admitted=False)
    counted(here, 6, verdict="STALE", admitted=False)
    counted(there, 7)
    counted(there, 1, day=today - timedelta(days=1), hour=23)
    counted(there, 1, day=today - timedelta(days=2))
    figures.count(now)

    def read(region=""):
        found = kept.of([What.ENTERED, What.REFUSED], today - timedelta(days=2), today, region=region)
        return [{key: n for key, n in found[what].numbers.items() if n} for what in found]

    yesterday = (today - timedelta(days=1), 23)
    assert read() == [{(today, 9): 14, yesterday: 1}, {(today, 9): 4}]
    assert read("11") == [{(today, 9): 7}, {(today, 9): 4}]
    assert read("261") == [{(today, 9): 7, yesterday: 1}, {}]
