"""Errors as answers: RFC 9457 problems in the API, and a 503 that says when to come back while a database is away."""

import logging
import sys
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from registry.errors import DATABASE_AWAY, DomainError, Unavailable

log = logging.getLogger(__name__)


class Broken(DomainError):
    """A mistake of ours."""

    code = "broken"
    status = 500
    message = _("Something went wrong on our side and has been noted. What you have stays good; please try again.")


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
        log.warning("database away", exc_info=exception)
        return failed(request, Unavailable())


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500: also what middleware could not do for lack of a database is a 503."""
    return failed(request, Unavailable() if isinstance(sys.exc_info()[1], DATABASE_AWAY) else Broken())


def failed(request: HttpRequest, error: DomainError) -> HttpResponse:
    """The answer to a request that failed through no fault of the caller; it must not need a database itself."""
    if request.path.startswith("/api/"):
        return JsonResponse(
            problem(error), status=error.status, headers=headers(error), content_type="application/problem+json"
        )
    text = render_to_string("failed.html", {"error": error}, request)
    return HttpResponse(text, status=error.status, headers=headers(error))
