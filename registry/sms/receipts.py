"""Delivery receipts: what became of a text after a provider took it.

They come late, twice, out of order, for texts that are long forgotten and from people who are no provider. So each is
one conditional UPDATE that only ever moves a message forward: that it arrived is the last word; that it did not arrive
counts as long as nothing better is known, and sends a code that is still of use by another provider, the text the same.
"""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import BigIntegerField, F, Func, QuerySet, Value
from django.db.models.functions import Cast, Coalesce

from registry.models import Message, Provider
from registry.sms import health, tallies
from registry.sms.gateways import Receipt
from registry.sms.hastening import hasten

log = logging.getLogger(__name__)

Status = Message.Status
What = tallies.What
FIRST_SIGHT = timedelta(hours=72)  # how long carriers go on trying; a later receipt is about nothing


def take(provider: Provider, receipt: Receipt, now: datetime) -> bool:
    """Write down what a provider tells; whether it told anything new. Unknown messages are none of ours any more."""
    message = _message(provider, receipt)
    if message is None or now - message.created_at > FIRST_SIGHT:
        return False
    if receipt.state == "delivered":
        return _delivered(message, provider, receipt, now)
    if receipt.state == "undelivered":
        return _undelivered(message, provider, receipt, now)
    return False


def _message(provider: Provider, receipt: Receipt) -> Message | None:
    """By our own id where the provider gave it back, else by its reference."""
    rows = Message.objects.defer("text", "phone")
    try:
        return rows.filter(pk=UUID(receipt.key)).first()
    except ValueError:
        pass
    known = bool(receipt.reference)
    return rows.filter(provider=provider, provider_reference=receipt.reference[:80]).first() if known else None


@transaction.atomic
def _delivered(message: Message, provider: Provider, receipt: Receipt, now: datetime) -> bool:
    """It arrived: nothing is sent any more, whoever was to send it next. One that is being sent at this moment is left
    to that worker; the text is the same."""
    row = Message.objects.filter(pk=message.pk, delivered_at=None)
    if not row.update(delivered_at=now):
        return False
    done = {"status": Status.DELIVERED, "text": None, "error": "", "taken_at": Coalesce("taken_at", Value(now))}
    waits = Message.objects.filter(pk=message.pk).exclude(status=Status.SENDING)
    waits.exclude(status=Status.DROPPED).update(**done)
    seconds = (now - (message.taken_at or message.created_at)).total_seconds()
    tallies.add([(provider.pk, What.DELIVERED, tallies.step(seconds))], now)
    return True


@transaction.atomic
def _undelivered(message: Message, provider: Provider, receipt: Receipt, now: datetime) -> bool:
    """It did not arrive. Counts once a provider; sends the text by another one where it is at hand and of use."""
    told = Message.objects.filter(pk=message.pk, delivered_at=None).exclude(refused_by__contains=[provider.pk])
    refused = Func(F("refused_by"), Cast(Value(provider.pk), BigIntegerField()), function="array_append")
    if not told.update(refused_by=refused):
        return False
    reason = receipt.reason or "undelivered"
    tallies.add([(provider.pk, What.UNDELIVERED, reason[:40])], now)
    health.undelivered(provider, reason, now)
    _again_or_not(message, provider, f"undelivered: {reason}", now)
    return True


def _again_or_not(message: Message, provider: Provider, error: str, now: datetime) -> None:
    """Queued anew for the providers that are left, else given up; only where this provider's was the last word."""
    its = _last_of(message, provider)
    others = Provider.objects.usable().exclude(pk__in=[*message.refused_by, provider.pk]).exists()
    if others:
        queued = {"status": Status.QUEUED, "next_try_at": now, "taken_at": None, "provider": None, "error": error}
        if its.filter(text__isnull=False, not_after__gt=now).update(**queued):
            transaction.on_commit(lambda: hasten(message.pk))
            return
    its.filter(status=Status.SENT).update(status=Status.UNDELIVERED, error=error)


def _last_of(message: Message, provider: Provider) -> QuerySet[Message]:
    """The message where this provider has it: it was the one that took it, or is being called for it right now (its
    receipt was quicker than its answer)."""
    return Message.objects.filter(pk=message.pk, provider=provider, status__in=(Status.SENT, Status.SENDING))
