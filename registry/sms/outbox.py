"""The outbox: a row is the truth about a message, a sweep every few seconds carries it out, enqueueing only hastens it.

A message is claimed in a transaction of its own, handed over outside of any, and what came of it is written after. A
worker that dies in between leaves the claim to run out; the next try goes to the same provider with the message's id as
its idempotency key. After a failed try the next goes at once to another provider, always with the same text.
"""

import logging
import random
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import F
from phonenumber_field.phonenumber import PhoneNumber

from registry import audit, periods, secrets
from registry.models import Kept, Message, Provider, Tag, User
from registry.models.sms import MessageQuerySet
from registry.sms import budget, health, tallies
from registry.sms.gateways import Away, Outcome, Refused, Taken
from registry.sms.hastening import hasten
from registry.sms.health import Try
from registry.sms.providers import gateway_to

log = logging.getLogger(__name__)

CLAIM = timedelta(seconds=15)  # how long a worker may take; longer than a batch of calls that all time out
BATCH = 24
AT_ONCE = 8  # calls at the same time
SWEEP_SECONDS = 10.0  # after these a sweep leaves the rest to the next
FORGOTTEN_AT_ONCE = 20_000
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 15.0  # seconds between rounds of all providers
MOST_ROUNDS_AT_ONCE = 6  # tries of a message in one go, one a provider; more providers wait for the sweep
NO_PROVIDER = "no provider is enabled"

# Counted and put on its way, where the day's budget bears it; `message` tells by a row whether it did. Plain, and to be
# put before a deed's own statement: codes are asked for at a rush.
ENQUEUE = f"""
    WITH spent AS ({budget.SPEND}), message AS (
        INSERT INTO registry_message (id, phone, phone_index, text, purpose, status, created_at, next_try_at, not_after,
            tries, tried, refused_by, provider_reference, error)
        SELECT %(message)s, %(message_phone)s, %(number)s, %(text)s, %(purpose)s, 'queued', %(now)s, %(now)s,
            %(not_after)s, 0, '{{}}', '{{}}', '', '' FROM spent
        RETURNING *
    )"""  # noqa: S608 -- nothing of a caller's

# Every text that leaves runs it. Not of one that its provider has told meanwhile that it did not arrive.
TAKEN = """
    UPDATE registry_message SET taken_at = %(at)s, provider_id = %(provider)s, provider_reference = %(reference)s,
        error = '', status = CASE WHEN delivered_at IS NULL THEN 'sent' ELSE 'delivered' END,
        text = CASE WHEN delivered_at IS NULL AND purpose = 'code' THEN text END
    WHERE id = %(message)s AND status IN ('queued', 'sending') AND NOT refused_by @> ARRAY[%(provider)s]::bigint[]"""

Clock = Callable[[], datetime]
Status = Message.Status


def enqueue(phone: PhoneNumber, text: str, *, purpose: str, useful_for: timedelta, now: datetime) -> Message:
    """Put a text on its way. It leaves after the transaction; after `useful_for` it is dropped, not sent late.

    Raises BudgetSpent, for codes and safe numbers later than for reminders, for notices never."""
    put = values(phone.as_e164, text, purpose=purpose, useful_for=useful_for, now=now)
    message = next(iter(Message.objects.raw(f"{ENQUEUE} SELECT * FROM message", put)), None)  # noqa: S608 -- as above
    if message is None:
        raise budget.BudgetSpent(now)
    transaction.on_commit(lambda: hasten(message.pk))
    return message


def values(phone: str, text: str, *, purpose: str, useful_for: timedelta, now: datetime) -> dict[str, Any]:
    """What ENQUEUE asks for, for a deed that is one statement with its message; as `enqueue` otherwise."""
    return budget.values(purpose, now) | {
        "message": uuid4(),
        "number": secrets.blind_index("phone", phone),
        "message_phone": secrets.encrypt(phone.encode(), purpose="message.phone"),
        "text": secrets.encrypt(text.encode(), purpose="message.text"),
        "purpose": purpose,
        "now": now,
        "not_after": now + useful_for,
    }


def sweep(now: datetime) -> int:
    """Drop what is too late, erase what need not be kept, send what is due; how many tries. Any number of sweeps may
    run at once."""
    clock = _clock_from(now)
    drop_late(now)
    erase(now)
    tried = 0
    while batch := claim(Message.objects.due(clock()), now=clock(), most=BATCH):
        deliver(batch, clock)
        tried += len(batch)
        if clock() - now > timedelta(seconds=SWEEP_SECONDS):
            break
    return tried


def send(message_ids: Collection[UUID], now: datetime) -> bool:
    """Send messages, at most BATCH, where they are due and nobody else has them, by one provider after the other;
    whether any was tried."""
    clock = _clock_from(now)
    for tries in range(MOST_ROUNDS_AT_ONCE):
        moment = clock()
        due = Message.objects.due(moment).filter(pk__in=message_ids, not_after__gt=moment)
        claimed = claim(due, now=moment, most=BATCH)
        if not claimed:
            return tries > 0
        if all(isinstance(tried.outcome, Taken) for tried in deliver(claimed, clock)):
            break
    return True


def drop_late(now: datetime) -> int:
    """Give up what nobody can use any more; how many."""
    late = Message.objects.due(now).filter(not_after__lte=now)
    return late.update(status=Message.Status.DROPPED, text=None)


def erase(now: datetime) -> int:
    """Erase texts that were kept in case they had to be sent again, and need not any more; how many."""
    return Message.objects.to_erase(now).update(text=None)


@transaction.atomic
def retry(messages: MessageQuerySet, *, by: User, address: str | None, now: datetime) -> int:
    """Queue given-up messages anew, for all providers, where they are still of use; how many."""
    waiting = {"status": Status.QUEUED, "next_try_at": now, "taken_at": None, "provider": None}
    again = 0
    for message in messages.retriable(now).only("pk", "status", "error"):
        row = Message.objects.retriable(now).filter(pk=message.pk)
        if row.update(**waiting, tried=[], refused_by=[]):
            audit.record(Tag.MESSAGE_RETRIED, by=by, target=message, address=address, before=message.status)
            transaction.on_commit(lambda pk=message.pk: hasten(pk))  # type: ignore[misc]
            again += 1
    return again


@transaction.atomic
def forget(now: datetime) -> int:
    """Delete messages of long ago; how many."""
    old = Message.objects.filter(created_at__lt=periods.since(Kept.MESSAGES, now)).exclude(status__in=Message.OPEN)
    _all, gone = Message.objects.filter(pk__in=old.values("pk")[:FORGOTTEN_AT_ONCE]).delete()
    return periods.destroyed(Kept.MESSAGES, gone.get("registry.Message", 0), now)


@transaction.atomic
def claim(messages: MessageQuerySet, *, now: datetime, most: int) -> list[UUID]:
    """Take up to `most` of these messages; until the claim runs out no other worker sees them as due."""
    rows = messages.order_by("next_try_at").select_for_update(skip_locked=True).values_list("pk", flat=True)[:most]
    ids = list(rows)
    if ids:
        sending = {"status": Message.Status.SENDING, "next_try_at": now + CLAIM, "tries": F("tries") + 1}
        Message.objects.filter(pk__in=ids).update(**sending)
    return ids


def deliver(ids: list[UUID], clock: Clock) -> list[Try]:
    """Hand claimed messages to providers, several at once, and write down what came of each as soon as it is known."""
    if not ids:
        return []
    providers = list(Provider.objects.usable())
    errands = _errands(_readable(ids), providers, clock())
    tries: list[Try] = []
    if len(errands) == 1:
        tries += _told(*errands[0], *_hand_over(*errands[0]), clock=clock, providers=providers)
    elif errands:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            calls = {pool.submit(_hand_over, *errand): errand for errand in errands}
            for call in as_completed(calls):
                tries += _told(*calls[call], *call.result(), clock=clock, providers=providers)
    tallies.of_tries(tries, clock())
    return tries


Errand = tuple[Message, Provider | None]


def _errands(messages: Iterable[Message], providers: list[Provider], now: datetime) -> list[Errand]:
    """Who goes where; written down before the call, so that a call that was cut off is made again to the same one."""
    errands = [(message, health.choose(providers, message, now)) for message in messages]
    for provider in {chosen for _message, chosen in errands if chosen}:
        its = [message.pk for message, chosen in errands if chosen == provider and message.provider_id != provider.pk]
        if its:
            Message.objects.filter(pk__in=its, status=Status.SENDING).update(provider=provider)
    return errands


def _hand_over(message: Message, provider: Provider | None) -> tuple[Outcome, float]:
    """What came of it, and after how many seconds. Runs in a thread of its own: no database here."""
    began = time.monotonic()
    if provider is None:
        return Away(NO_PROVIDER), 0.0
    if message.phone is None or message.text is None:
        return Refused("no number or no text"), 0.0
    try:
        outcome = gateway_to(provider).send(key=str(message.pk), to=message.phone, text=message.text)
    except Exception as error:  # a gateway's fault must not stop the outbox
        log.exception("gateway %s", provider)
        outcome = Away(type(error).__name__)
    return outcome, time.monotonic() - began


def _told(
    message: Message,
    provider: Provider | None,
    outcome: Outcome,
    seconds: float,
    *,
    clock: Clock,
    providers: list[Provider],
) -> list[Try]:
    """Write down a call that ended: of its message, and of its provider's health; the try, to be counted."""
    record(message, provider, outcome, at=clock(), providers=providers)
    if provider is None:
        return []
    tried = Try(provider, outcome, seconds)
    health.learn(tried, clock())
    return [tried]


def record(
    message: Message, provider: Provider | None, outcome: Outcome, *, at: datetime, providers: Iterable[Provider] = ()
) -> None:
    """Write what came of a try: sent, refused by all, or to be tried again, at once where one of the `providers` is
    left in this round. Does nothing where it was written already."""
    if isinstance(outcome, Taken):
        _taken(message, provider, outcome.reference, at=at)
        return
    # Not a claim that came after ours had run out.
    claim_of_ours = Message.objects.filter(pk=message.pk, status=Status.SENDING, tries=message.tries)
    log.warning("sms %s not taken: %s", message.pk, outcome.error)
    mine = [provider.pk] if provider else []
    tried, refused_by = {*message.tried, *mine}, set(message.refused_by)
    refused_by |= set(mine) if isinstance(outcome, Refused) else set()
    left = [each.pk for each in providers if each.pk not in refused_by]
    values = {"tried": sorted(tried), "refused_by": sorted(refused_by), "error": outcome.error[:200]}
    if isinstance(outcome, Refused) and not left:
        claim_of_ours.update(**values, status=Status.FAILED, provider=provider)
        return
    if set(left) - tried:
        claim_of_ours.update(**values, status=Status.QUEUED, provider=provider, next_try_at=at)
        return
    after = outcome.after if isinstance(outcome, Away) else 0.0
    rounds = -(-message.tries // max(1, len(left)))
    again = min(at + timedelta(seconds=max(after, pause(rounds))), message.not_after)
    claim_of_ours.update(**values | {"tried": []}, status=Status.QUEUED, provider=None, next_try_at=again)


def _taken(
    message: Message,
    provider: Provider | None,
    reference: str,
    *,
    at: datetime,
) -> None:
    """A provider has it. Its receipt may have been quicker than its answer. The text of a code is kept a while longer
    (docs/decisions/0010), every other is erased."""
    told_by = provider.pk if provider else None
    values = {"at": at, "provider": told_by, "reference": reference, "message": message.pk}
    with connection.cursor() as cursor:
        cursor.execute(TAKEN, values)
        if cursor.rowcount:
            return
    in_vain = Message.objects.filter(pk=message.pk, status__in=Message.OPEN, tries=message.tries)
    told = {"taken_at": at, "provider": provider, "provider_reference": reference, "error": "undelivered"}
    in_vain.update(**told, status=Status.UNDELIVERED)


def pause(rounds: int) -> float:
    """Seconds until the next round: 2, 4, 8, then 15, each shortened at random by up to a half."""
    longest = min(FIRST_PAUSE * 2 ** min(max(rounds, 1) - 1, 10), LONGEST_PAUSE)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311


def _readable(ids: Iterable[UUID]) -> Iterator[Message]:
    """The messages; one that another master key encrypted is failed, so that it does not stop the others."""
    ids = list(ids)
    try:
        yield from list(Message.objects.filter(pk__in=ids))
        return
    except secrets.Unreadable:
        log.debug("one of %s messages is unreadable", len(ids))
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
