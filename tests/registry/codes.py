"""Codes that were asked for at chosen times, and what became of them."""

from __future__ import annotations

from datetime import datetime, timedelta

from registry.models import Code, Message, Provider, Verification


def asked(
    count: int,
    *,
    at: datetime,
    every: float = 1.0,
    took: float | None = 2.0,
    status: str = "sent",
    confirmed: bool = True,
    callers: int | None = None,
    provider: Provider | None = None,
) -> None:
    """`count` codes from `at` on, `every` so many seconds; a provider had them after `took` seconds, None: never.

    As many `callers` as codes, unless told.
    """
    for n in range(count):
        moment = at + timedelta(seconds=n * every)
        taken_at = None if took is None else moment + timedelta(seconds=took)
        message = Message.objects.create(
            phone="+821000001234", phone_index=b"p", text=None, purpose="code",
            status=status if taken_at or status != "sent" else "dropped", created_at=moment,
            not_after=moment + timedelta(minutes=30), next_try_at=moment, taken_at=taken_at, provider=provider,
        )  # fmt: skip
        address = b"a%d" % (n % (callers or count))
        check = Verification.objects.create(
            phone="+821000001234", phone_index=b"p", address_index=address, started_at=moment,
            confirmed_at=moment + timedelta(seconds=30) if confirmed and taken_at else None,
        )  # fmt: skip
        Code.objects.create(
            verification=check, message=message, hash=b"h", phone_index=b"p", address_index=address, created_at=moment
        )
