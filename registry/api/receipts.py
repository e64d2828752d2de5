"""Delivery receipts from SMS providers: signed by them, each in its own manner (docs/sms.md)."""

import time

from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from registry.errors import DomainError
from registry.models import Provider
from registry.sms import receipts
from registry.sms.gateways import Call, Forged, Receipt
from registry.sms.providers import callback_of, gateway_to

LARGEST_BODY = 262_144


class NotFromProvider(DomainError):
    """The same for an unknown provider and a wrong signature: a stranger learns nothing."""

    code = "not_from_provider"
    status = 403
    message = _("This is not a receipt of a provider of ours.")


class ReceiptsView(APIView):
    """204 for all that its provider signed, whether or not it tells anything new: the provider is to stop telling."""

    @extend_schema(exclude=True)
    def post(self, request: Request, name: str) -> Response:
        provider = Provider.objects.filter(name=name).first()
        if provider is None:
            raise NotFromProvider
        for receipt in told(provider, request):
            receipts.take(provider, receipt, timezone.now())
        return Response(status=204)


def told(provider: Provider, request: Request) -> list[Receipt]:
    """What the request says, signature checked over its very bytes and the address we gave. Raises NotFromProvider."""
    raw = request._request
    length = raw.headers.get("Content-Length", "")
    if not length.isdecimal() or int(length) > LARGEST_BODY:
        raise NotFromProvider
    query = raw.META.get("QUERY_STRING", "")
    address = callback_of(provider) + (f"?{query}" if query else "")
    headers = {header.lower(): value for header, value in raw.headers.items()}
    try:
        return gateway_to(provider).receipts(Call(address, headers, raw.body, time.time()))
    except Forged:
        raise NotFromProvider from None


urlpatterns = [path("receipts/<slug:name>", ReceiptsView.as_view(), name="receipts")]
