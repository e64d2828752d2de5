"""Whether this process lives, whether it can serve, and how all does: for load balancers, Prometheus, `bin/run`."""

import hmac

from django.conf import settings
from django.db import connections
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from registry.errors import DATABASE_AWAY


def live(request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers."""
    return JsonResponse({"live": True})


def ready(request: HttpRequest) -> JsonResponse:
    """200 when both databases answer, else 503. A `vault` that is away does not make us unready: scans go on."""
    parts = {name: answers(name) for name in ("default", "vault")}
    return JsonResponse({"ready": parts["default"], **parts}, status=200 if parts["default"] else 503)


def answers(name: str) -> bool:
    """Whether a database answers."""
    try:
        with connections[name].cursor() as cursor:
            cursor.execute("SELECT 1")
            return cursor.fetchone() == (1,)
    except DATABASE_AWAY:
        return False


def deep(request: HttpRequest) -> JsonResponse:
    """Every figure with its bounds, 503 where one is out of them: for people and watchers, not for load balancers."""
    _only_for_watchers(request)
    from config import figures

    told, well = {}, True
    for figure, values in figures.read_all():
        fine = figure.is_well(values)
        told[figure.name] = {"well": fine, "values": values, "most": figure.most, "least": figure.least}
        well = well and fine
    return JsonResponse({"well": well, "figures": told}, status=200 if well else 503)


def metrics(request: HttpRequest) -> HttpResponse:
    """The same for Prometheus (text format 0.0.4)."""
    _only_for_watchers(request)
    from config import figures

    registry = CollectorRegistry(auto_describe=False)
    registry.register(figures.Figures())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _only_for_watchers(request: HttpRequest) -> None:
    """`Authorization: Bearer METRICS_TOKEN`; to all others, and where none is set, there is nothing here."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.METRICS_TOKEN or not hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode()):
        raise Http404
