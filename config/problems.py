"""Errors as answers: RFC 9457 problems in the API, and a 503 that says when to come back while a database is away."""

import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from registry.errors import DATABASE_AWAY, DomainError, Unavailable

log = logging.getLogger(__name__)


def problem(error: DomainError) -> dict[str, Any]:
    """The members of a problem answer (RFC 9457) for a domain error."""
    body = {"type": "about:blank", "title": error.code, "status": error.status, "code": error.code}
    return body | {"detail": str(error)} | error.extra


def headers(error: DomainError) -> dict[str, str]:
    return {"Retry-After": str(error.retry_after)} if error.retry_after else {}


def handle(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: every error of the API is a problem answer."""
    if isinstance(exc, DATABASE_AWAY):
        log.warning("database away", exc_info=exc)
        exc = Unavailable()
    if isinstance(exc, DomainError):
        return Response(problem(exc), exc.status, headers=headers(exc), content_type="application/problem+json")
    response = exception_handler(exc, context)
    if response is not None:
        code = "malformed" if isinstance(exc, ValidationError) else getattr(exc, "default_code", "refused")
        body = {"type": "about:blank", "title": code, "status": response.status_code, "code": code}
        detail = response.data if isinstance(exc, ValidationError) else getattr(exc, "detail", "")
        key = "errors" if isinstance(exc, ValidationError) else "detail"
        response.data = body | {key: detail}
        response.content_type = "application/problem+json"
    return response


class UnavailableMiddleware:
    """While a database is away, pages answer 503 with `Retry-After` in plain words instead of an error."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, DATABASE_AWAY):
            return None
        return unavailable(request, exception)


def unavailable(request: HttpRequest, exception: Exception) -> HttpResponse:
    log.warning("database away", exc_info=exception)
    error = Unavailable()
    if request.path.startswith("/api/"):
        return JsonResponse(problem(error), status=503, headers=headers(error), content_type="application/problem+json")
    return render(request, "unavailable.html", {"title": _("Back in a moment")}, status=503)


def client_address(request: HttpRequest) -> str:
    """The caller's address: the last one that our own proxies (TRUSTED_PROXIES of them) saw, never a claim."""
    if settings.TRUSTED_PROXIES:
        hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
        if len(hops) >= settings.TRUSTED_PROXIES:
            return hops[-settings.TRUSTED_PROXIES]
    return request.META.get("REMOTE_ADDR") or "0.0.0.0"  # noqa: S104 -- a local socket tells no address
