"""Logs: one JSON object a line on standard error, with a request id, and nothing that tells who somebody is.

Requests that end well are told at level info, which LOG_LEVEL=INFO shows; 4xx are warnings, 5xx errors.
"""

import re
from typing import Any

import structlog
from structlog.processors import ExceptionRenderer
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor, WrappedLogger

PERSONAL = ("ip", "user_agent", "user_id")
_KEYS_IN_ADDRESSES = re.compile(r"(/(?:owner|admin)/join/|/admin/new-password/)[^/\s]+(?:/[^/\s]+)?")


def without_persons(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Addresses, browsers and users stay out of logs, and so do what opens a door as part of an address, and what was
    asked behind a question mark: people search there. Who did what stands in the access log."""
    for name in PERSONAL:
        event.pop(name, None)
    if isinstance(event.get("request"), str):
        event["request"] = _KEYS_IN_ADDRESSES.sub(r"\1…", event["request"].partition("?")[0])
    return event


SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    without_persons,
]


def settings(level: str) -> dict[str, Any]:
    """Django's LOGGING for `level` and above, with structlog set up to go the same way."""
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": SHARED,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),  # they hold names, numbers and codes
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            "psycopg": {"handlers": [], "level": level, "propagate": True},  # it sets a level of its own
            "django.request": {"handlers": [], "level": "ERROR", "propagate": True},  # the request's own line tells it
        },
    }
