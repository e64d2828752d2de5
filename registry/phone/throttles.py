"""What was asked for before: one statement tells whether one more code may be sent, and which check it is of."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext_lazy as _

from registry.errors import DomainError
from registry.phone import limits
from registry.sms import budget

NUMBER_WITHIN = max(each.within for each in (*limits.CODES_PER_NUMBER, *limits.CODES_PER_NUMBER_AND_ADDRESS))
ADDRESS_WITHIN = max(each.within for each in limits.CODES_PER_ADDRESS)
MORE_CODES_WITHIN = timedelta(minutes=30)  # of its start a check takes further codes; later another begins

# When codes were sent to the number, there from this address, and from the address to any; until when the block of
# numbers is full; and how many tries the named check has left, where it is of this number and still takes codes.
ASKED = f"""
    SELECT
        ARRAY(SELECT created_at FROM registry_code
            WHERE phone_index = %(number)s AND created_at > %(number_since)s),
        ARRAY(SELECT created_at FROM registry_code
            WHERE phone_index = %(number)s AND created_at > %(number_since)s AND address_index = %(address)s),
        ARRAY(SELECT created_at FROM registry_code
            WHERE address_index = %(address)s AND created_at > %(address_since)s),
        prefix.in_ten, prefix.in_day,
        (SELECT tries_left FROM registry_verification
            WHERE id = %(check)s AND phone_index = %(number)s AND started_at > %(check_since)s
                AND partner_id IS NOT DISTINCT FROM %(partner)s::bigint
                AND confirmed_at IS NULL AND tries_left > 0)
    FROM ({budget.PREFIX}) AS prefix"""  # noqa: S608 -- nothing of a caller's


class TooManyRequests(DomainError):
    """`retry_after` says in how many seconds one more code may be asked for."""

    code = "too_many_requests"
    status = 429
    message = _("Too many codes were asked for. Codes that already arrived stay good; please wait before the next one.")

    def __init__(self, wait: timedelta) -> None:
        super().__init__()
        self.retry_after = max(1, -(-wait // timedelta(seconds=1)))


def tries_left(
    check: UUID | None, *, number: bytes, address: bytes, prefix: bytes, partner: int | None, now: datetime
) -> int | None:
    """How many tries the check has left that the next code is of; None where it no longer takes any, or is not of this
    number and this partner's app. Raises TooManyRequests.

    For each number one at a time, so that the count holds; by address and prefix it may run over by as many as ask at
    the same moment.
    """
    values: dict[str, Any] = {"number": number, "address": address, "check": check} | budget.prefix_values(prefix, now)
    values |= {"number_since": now - NUMBER_WITHIN, "address_since": now - ADDRESS_WITHIN}
    values |= {"check_since": now - MORE_CODES_WITHIN, "partner": partner}
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(number[:8], signed=True)])
        cursor.execute(ASKED, values)
        of_number, of_both, of_address, in_ten, in_day, left = cursor.fetchone()
    wait = max(
        limits.longest_wait(limits.CODES_PER_NUMBER, of_number, now),
        limits.longest_wait(limits.CODES_PER_ADDRESS, of_address, now),
        limits.longest_wait(limits.CODES_PER_NUMBER_AND_ADDRESS, of_both, now),
        budget.prefix_wait(in_ten, in_day, now),
    )
    if wait:
        raise TooManyRequests(wait)
    return None if left is None else int(left)
