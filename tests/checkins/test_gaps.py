"""A scanner that leaves out sequence numbers on purpose cannot make our note of them grow without end."""

import pytest
from django.db import connection
from django.utils import timezone

from checkins.scanning import storing
from tests.checkins.conftest import person

pytestmark = pytest.mark.django_db


def test_it_refuses_to_note_gaps_without_end_and_takes_what_closes_them(door):
    now = timezone.now()
    ranges = storing.MOST_RANGES + 1
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE venues_scanner SET received = (SELECT range_agg(int8range(s, s, '[]')) "
            "FROM generate_series(2, %s, 2) s) WHERE id = %s",
            [2 * ranges, door.scanner.pk],
        )
    answer = door.post(person().scan(2 * ranges + 10, now))
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_gaps")
    assert int(answer["Retry-After"]) > 0 and not door.entries.exists()
    assert door.post(person().scan(3, now)).json()["answers"] == [{"seq": 3, "answer": "stored"}]
    assert door.post(person().scan(2, now)).status_code == 200, "a number that is held adds no gap"
    door.scanner.refresh_from_db()
    assert len(door.scanner.received) == ranges - 1
