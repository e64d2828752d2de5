"""Refusing to run with the two databases swapped, or with one address for both."""

import logging

from django.db import connections

from config.environment import stop
from registry.errors import DATABASE_AWAY

log = logging.getLogger(__name__)
FOREIGN = {"default": "registry_daykey", "vault": "registry_citizen"}  # a table that must not be there


def refuse_swapped() -> None:
    """End the process, in one line, if a database holds what belongs in the other. One that is away is not judged."""
    places = [tuple(connections[name].settings_dict[key] for key in ("HOST", "PORT", "NAME")) for name in FOREIGN]
    if places[0] == places[1]:
        stop("DATABASE_URL and VAULT_DATABASE_URL name the same database; the vault needs one of its own.")
    for name, table in FOREIGN.items():
        try:
            swapped = _has_table(name, table)
        except DATABASE_AWAY as error:
            log.warning("%s cannot be reached yet: %s", name, type(error).__name__)
            continue
        if swapped:
            stop(f"DATABASE_URL and VAULT_DATABASE_URL are swapped: {name} holds {table}.")


def _has_table(name: str, table: str) -> bool:
    with connections[name].cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [table])
        return bool(cursor.fetchone()[0])
