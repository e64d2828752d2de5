"""The newest seal, kept in the vault as well: a log whose end was cut off, seals and all, does not fit to it.

It moves on along one chain. Where the vault keeps a seal that the chain has not, be it that the end was cut off or that
`default` came from a backup, it stays as it is, and `manage.py verify_audit` tells of it until somebody has looked
(`manage.py audit_head --begin-anew`).
"""

import logging
from datetime import datetime
from typing import Any

from django.db import transaction

from registry import audit, vault
from registry.errors import DomainError, VaultUnavailable
from registry.evidence import sealing
from registry.models import KeptHead, Seal, Tag

log = logging.getLogger(__name__)
ROW = 1  # the only one


class NothingSealed(DomainError):
    code = "nothing_sealed"
    message = "No row of the access log is sealed yet."


def kept() -> KeptHead | None:
    """What the vault keeps. Raises VaultUnavailable."""
    with vault.reached():
        return KeptHead.objects.filter(pk=ROW).first()


def keep(now: datetime) -> None:
    """Tell the vault of the newest seal; while it is away the next call does."""
    newest = sealing.head()
    try:
        before = kept()
        if newest and (before is None or is_of_the_chain(before)):
            _put(newest, now)
    except VaultUnavailable:
        log.warning("the vault is away: the newest seal is kept there later")


def is_of_the_chain(head: KeptHead) -> bool:
    return Seal.objects.filter(number=head.number, hash=bytes(head.hash)).exists()


def _put(head: sealing.Head, now: datetime) -> None:
    with vault.reached():
        KeptHead.objects.update_or_create(pk=ROW, defaults={"number": head.number, "hash": head.hash, "kept_at": now})


@transaction.atomic
def begin_anew(*, reason: str, now: datetime) -> KeptHead | None:
    """After a restore of `default`: what was kept before, given back and put on record, is compared with no more.

    Raises NothingSealed, VaultUnavailable.
    """
    newest = sealing.head()
    if newest is None:
        raise NothingSealed
    before = kept()
    told: dict[str, Any] = {"number": before.number, "hash": bytes(before.hash).hex()} if before else {}
    audit.record(Tag.CHAIN_BEGUN_ANEW, by=None, target=Seal(newest.number), reason=reason, **told)
    _put(newest, now)
    return before
