"""What can go wrong for a reason that the person in front can act on.

Verbs raise these; one handler (`config.problems`) turns them into RFC 9457 problem answers, forms into messages.
"""

from typing import Any

from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext_lazy as _
from psycopg_pool import PoolTimeout

DATABASE_AWAY = (
    OperationalError,
    InterfaceError,
    PoolTimeout,
)  # what Django and the pool raise when PostgreSQL is away


class DomainError(Exception):
    """`code` for machines, `status` for HTTP, `message` for the reader, `extra` members of the problem answer."""

    code = "refused"
    status = 409
    message: Any = _("This cannot be done now.")
    retry_after: int | None = None  # seconds

    def __init__(self, **extra: Any) -> None:
        super().__init__(self.code)
        self.extra = extra

    def __str__(self) -> str:
        return str(self.message).format(**self.extra) if self.extra else str(self.message)


class Unavailable(DomainError):
    """Something of ours is away for a moment; the caller keeps what it has and comes back."""

    code = "unavailable"
    status = 503
    message = _("We cannot answer just now. What you have stays good; please try again in a moment.")
    retry_after = 3


class VaultUnavailable(Unavailable):
    code = "vault_unavailable"
