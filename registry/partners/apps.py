"""What the service desk does with partner apps: adds one, changes its places and quotas, gives a new key, closes it."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from registry import audit, secrets
from registry.errors import DomainError
from registry.models import Partner, PartnerApp, Tag, User
from registry.partners import gate, keys

OVERLAP = timedelta(days=1)  # that the key before stays good, unless it is said to be in other hands


class AppClosed(DomainError):
    code = "app_closed"
    message = _("This app is closed already.")


@transaction.atomic
def add(app: PartnerApp, *, by: User, now: datetime, address: str | None = None) -> str:
    """Put an app on record; its key, which is told this once."""
    key = keys.put_on_record(app, Partner.Kind.APP, by=by, now=now)
    audit.record(Tag.APP_ADDED, by=by, target=app, address=address, **_told(app))
    gate.tell(now)
    return key


@transaction.atomic
def change(app: PartnerApp, *, by: User, now: datetime, address: str | None = None) -> None:
    """Write down the quotas and places that it was given. Raises AppClosed."""
    if not PartnerApp.objects.open().filter(pk=app.pk).update(**_told(app)):
        raise AppClosed
    audit.record(Tag.APP_CHANGED, by=by, target=app, address=address, **_told(app))
    gate.tell(now)


@transaction.atomic
def renew_key(
    app: PartnerApp, *, by: User, now: datetime, reason: str, leaked: bool, address: str | None = None
) -> str:
    """A new key. The one before stays good for OVERLAP, so that the app changes over without a gap; not where it
    leaked, and then the one before that ends as well. Raises AppClosed."""
    key = keys.new()
    row = PartnerApp.objects.open().select_for_update().filter(pk=app.pk).first()
    if row is None:
        raise AppClosed
    former = {} if leaked else {"former_key_hash": row.key_hash, "former_key_until": now + OVERLAP}
    ended = {"former_key_hash": None, "former_key_until": None}
    fresh = {"key_hash": secrets.token_hash(key), "key_made_at": now}
    PartnerApp.objects.filter(pk=app.pk).update(**ended | former | fresh)
    audit.record(Tag.APP_KEY_RENEWED, by=by, target=app, reason=reason, address=address, leaked=leaked)
    gate.tell(now)
    return key


@transaction.atomic
def close(app: PartnerApp, *, by: User, now: datetime, reason: str, address: str | None = None) -> None:
    """Its keys end for good. The passes in it get no new strips; those they hold stay good for their days. Raises
    AppClosed."""
    if not PartnerApp.objects.open().filter(pk=app.pk).update(closed_at=now, close_reason=reason):
        raise AppClosed
    audit.record(Tag.APP_CLOSED, by=by, target=app, reason=reason, address=address)
    gate.tell(now)


def _told(app: PartnerApp) -> dict[str, Any]:
    return {"daily_quota": app.daily_quota, "per_minute": app.per_minute, "places": app.places}
