"""Taking away what the log leans on, for real."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import connections

from registry import vault


@contextmanager
def vault_away() -> Iterator[None]:
    """The vault's database takes no connections, and those that were open are cut."""
    name = connections["vault"].settings_dict["NAME"]
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        vault.forget()
        try:
            yield
        finally:
            server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
            connections["vault"].close()
            connections["vault"].close_pool()
            vault.forget()
