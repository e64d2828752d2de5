"""The outbox: a row is the truth about a message, a sweep every few seconds carries it out, enqueueing only hastens it.

A message is claimed in a transaction of its own, handed over outside of any, and what came of it is written after. A
worker that dies in between leaves the claim to run out; the message's id as idempotency key keeps it from arriving
twice.
"""

import logging
import random
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from phonenumber_field.phonenumber import PhoneNumber

from registry import secrets
from registry.models import Message, Provider
from registry.models.sms import MessageQuerySet
from registry.sms.gateways import Away, Gateway, Outcome, Refused, Taken
from registry.sms.gateways.http import HttpGateway
from registry.sms.hastening import hasten

log = logging.getLogger(__name__)

CLAIM = timedelta(seconds=30)  # how long a worker may take; longer than a batch of calls that all time out
BATCH = 24
AT_ONCE = 8  # calls at the same time
SWEEP_SECONDS = 10.0  # after these a sweep leaves the rest to the next
KEPT_FOR = timedelta(days=30)  # a message, without its text, for questions of "it never came"
FORGOTTEN_AT_ONCE = 20_000
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 15.0  # seconds between tries

Clock = Callable[[], datetime]


def enqueue(phone: PhoneNumber, text: str, *, purpose: str, useful_for: timedelta, now: datetime) -> Message:
    """Put a text on its way. It leaves after the transaction; after `useful_for` it is dropped, not sent late."""
    message = Message.objects.create(
        phone=phone.as_e164,
        phone_index=secrets.blind_index("phone", phone.as_e164),
        text=text,
        purpose=purpose,
        created_at=now,
        next_try_at=now,
        not_after=now + useful_for,
    )
    transaction.on_commit(lambda: hasten(message.pk))
    return message


def sweep(now: datetime) -> int:
    """Drop what is too late, send what is due; how many were tried. Any number of sweeps may run at once."""
    clock = _clock_from(now)
    drop_late(now)
    tried = 0
    while batch := claim(Message.objects.due(clock()), now=clock(), most=BATCH):
        deliver(batch, clock)
        tried += len(batch)
        if clock() - now > timedelta(seconds=SWEEP_SECONDS):
            break
    return tried


def send(message_id: UUID, now: datetime) -> bool:
    """Send one message if it is due and nobody else has it; whether it was tried."""
    clock = _clock_from(now)
    claimed = claim(Message.objects.due(now).filter(pk=message_id, not_after__gt=now), now=now, most=1)
    deliver(claimed, clock)
    return bool(claimed)


def drop_late(now: datetime) -> int:
    """Give up what nobody can use any more; how many."""
    late = Message.objects.due(now).filter(not_after__lte=now)
    return late.update(status=Message.Status.DROPPED, text=None)


def forget(now: datetime) -> int:
    """Delete messages of long ago; how many."""
    old = Message.objects.filter(created_at__lt=now - KEPT_FOR).exclude(status__in=Message.OPEN)
    return Message.objects.filter(pk__in=old.values("pk")[:FORGOTTEN_AT_ONCE]).delete()[1].get("registry.Message", 0)


@transaction.atomic
def claim(messages: MessageQuerySet, *, now: datetime, most: int) -> list[UUID]:
    """Take up to `most` of these messages; until the claim runs out no other worker sees them as due."""
    rows = messages.order_by("next_try_at").select_for_update(skip_locked=True).values_list("pk", flat=True)[:most]
    ids = list(rows)
    if ids:
        sending = {"status": Message.Status.SENDING, "next_try_at": now + CLAIM, "tries": F("tries") + 1}
        Message.objects.filter(pk__in=ids).update(**sending)
    return ids


def deliver(ids: list[UUID], clock: Clock) -> None:
    """Hand claimed messages to providers, several at once, and write down what came of each as soon as it is known."""
    providers = list(Provider.objects.filter(enabled=True, weight__gt=0)) if ids else []
    errands = [(message, choose(providers)) for message in _readable(ids)]
    if len(errands) == 1:
        record(*errands[0], _hand_over(*errands[0]), at=clock())
    elif errands:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            calls = {pool.submit(_hand_over, *errand): errand for errand in errands}
            for call in as_completed(calls):
                record(*calls[call], call.result(), at=clock())


def choose(providers: list[Provider]) -> Provider | None:
    """One of the enabled providers, by weight; None where there is none."""
    return random.choices(providers, [each.weight for each in providers])[0] if providers else None  # noqa: S311


def gateway_to(provider: Provider) -> Gateway:
    """The gateway of a provider's kind, with the address and key that the row names."""
    kinds = {Provider.Kind.HTTP: HttpGateway}
    address, key = _setting(f"{provider.settings}_URL"), _setting(f"{provider.settings}_KEY")
    return kinds[Provider.Kind(provider.kind)](address, key)


def _setting(name: str) -> str:
    """A setting that is meant for a provider; no other one leaves the house, whatever a row names."""
    return str(getattr(settings, name, "")) if name.startswith(Provider.SETTINGS) else ""


def _hand_over(message: Message, provider: Provider | None) -> Outcome:
    """Runs in a thread of its own: no database here."""
    if provider is None:
        return Away("no provider is enabled")
    if message.phone is None or message.text is None:
        return Refused("no number or no text")
    try:
        return gateway_to(provider).send(key=str(message.pk), to=message.phone, text=message.text)
    except Exception as error:  # a gateway's fault must not stop the outbox
        log.exception("gateway %s", provider)
        return Away(type(error).__name__)


def record(message: Message, provider: Provider | None, outcome: Outcome, *, at: datetime) -> None:
    """Write what came of a try: sent, refused, or to be tried again. Does nothing where it was written already."""
    row = Message.objects.filter(pk=message.pk, status__in=Message.OPEN)
    claim_of_ours = row.filter(status=Message.Status.SENDING, tries=message.tries)  # not one that came after it ran out
    match outcome:
        case Taken(reference):
            row.update(
                status=Message.Status.SENT,
                taken_at=at,
                provider=provider,
                provider_reference=reference,
                text=None,
                error="",
            )
        case Refused(error):
            claim_of_ours.update(status=Message.Status.FAILED, provider=provider, text=None, error=error)
        case Away(error, after):
            log.warning("sms %s not taken: %s", message.pk, error)
            again = min(at + timedelta(seconds=max(after, pause(message.tries))), message.not_after)
            waiting = {"status": Message.Status.QUEUED, "next_try_at": again}
            claim_of_ours.update(**waiting, provider=provider, error=error[:200])


def pause(tries: int) -> float:
    """Seconds until the next try: 2, 4, 8, then 15, each shortened at random by up to a half."""
    longest = min(FIRST_PAUSE * 2 ** min(max(tries, 1) - 1, 10), LONGEST_PAUSE)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311


def _readable(ids: Iterable[UUID]) -> Iterator[Message]:
    """The messages; one that another master key encrypted is failed, so that it does not stop the others."""
    for message_id in ids:
        try:
            yield Message.objects.get(pk=message_id)
        except secrets.Unreadable:
            log.error("sms %s was encrypted under another master key", message_id)
            lost = Message.objects.filter(pk=message_id)
            lost.update(status=Message.Status.FAILED, text=None, error="unreadable")


def _clock_from(now: datetime) -> Clock:
    """A clock that stands at `now` now and goes on with the time that calls take."""
    started = time.monotonic()
    return lambda: now + timedelta(seconds=time.monotonic() - started)
