"""This process's waiting room and its lookout, made once from the settings."""

import hmac
import logging
from functools import cache

import psycopg
from django.conf import settings
from django.db import Error

from gate.lookout import Lookout
from gate.quotas import Quotas
from gate.rules import Rules
from gate.shared import Shared
from gate.waiting_room import Room

log = logging.getLogger(__name__)


@cache
def lookout() -> Lookout:
    shared = Shared(settings.REDIS_URL)
    admitted, shares = frozenset(settings.GATE_ADMITTED), not settings.WEB_FOR_DESK
    return Lookout(shared, admitted=admitted, shares=shares, rules_without_shared=rules_on_record)


@cache
def room() -> Room:
    return Room(lookout(), hmac.digest(settings.SECRET_KEY.encode(), b"munjigi gate", "sha256"))


@cache
def quotas() -> Quotas:
    return Quotas(lookout())


def rules_on_record() -> Rules | None:
    """What the clerk has set, from the database; None where it is away. Asked at the start of a process and while
    Redis, through which changes usually come, is away."""
    from gate.models import GateSettings

    try:
        row = GateSettings.objects.filter(pk=1).first()
        return row.rules if row else None  # which asks for the callers
    except (Error, psycopg.Error) as error:  # the pool's own are not wrapped
        log.warning("gate settings not read: %s", type(error).__name__)
        return None


def prepare() -> None:
    """Take over what the clerk has set before the first request comes. For the entrance of a web process."""
    rules = rules_on_record()
    if rules:
        lookout().rules = rules
