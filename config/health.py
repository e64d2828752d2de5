"""Whether this process lives, and whether it can serve: for load balancers and `bin/run`."""

from django.db import connections
from django.http import HttpRequest, JsonResponse

from registry.errors import DATABASE_AWAY


def live(request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers."""
    return JsonResponse({"live": True})


def ready(request: HttpRequest) -> JsonResponse:
    """200 when both databases answer, else 503. A `vault` that is away does not make us unready: scans go on."""
    parts = {name: _answers(name) for name in ("default", "vault")}
    return JsonResponse({"ready": parts["default"], **parts}, status=200 if parts["default"] else 503)


def _answers(name: str) -> bool:
    try:
        with connections[name].cursor() as cursor:
            cursor.execute("SELECT 1")
            return cursor.fetchone() == (1,)
    except DATABASE_AWAY:
        return False
