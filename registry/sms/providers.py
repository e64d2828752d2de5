"""Providers: which gateway a row leads to, with which settings; and what a clerk changes of them."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from registry import audit
from registry.models import Provider, Tag, User
from registry.sms.gateways import Gateway, Settings
from registry.sms.gateways.http import HttpGateway
from registry.sms.gateways.solapi import SolapiGateway
from registry.sms.gateways.twilio import TwilioGateway

KINDS: dict[str, Any] = {
    Provider.Kind.HTTP: HttpGateway,
    Provider.Kind.TWILIO: TwilioGateway,
    Provider.Kind.SOLAPI: SolapiGateway,
}


def gateway_to(provider: Provider) -> Gateway:
    """The gateway of a provider's kind, with the settings that begin as the row says; none but those of SMS_ leaves the
    house, whatever a row names."""
    ours = provider.settings.startswith(Provider.SETTINGS)
    known = Settings(provider.settings, lambda name: getattr(settings, name, None) if ours else None)
    gateway: Gateway = KINDS[provider.kind].of(known, callback_of(provider))
    return gateway


def callback_of(provider: Provider) -> str:
    """Where a provider sends its receipts."""
    return settings.SITE_URL + reverse("receipts", args=[provider.name]) if provider.name else ""


@transaction.atomic
def change(
    provider: Provider, *, enabled: bool, weight: int, by: User, address: str | None = None, reason: str = ""
) -> None:
    """Switch a provider on or off, or give it another share of what is sent."""
    provider.enabled, provider.weight = enabled, weight
    provider.save(update_fields=["enabled", "weight"])
    tell(provider, by=by, address=address, reason=reason)


def tell(provider: Provider, *, by: User, address: str | None = None, reason: str = "") -> None:
    """Evidence of how a provider stands now."""
    kept = {"kind": provider.kind, "settings": provider.settings, "enabled": provider.enabled}
    audit.record(
        Tag.PROVIDER_CHANGED, by=by, target=provider, address=address, reason=reason, weight=provider.weight, **kept
    )
