"""Refusing to run with the two databases swapped, with one address for both, or with days of the log that were
destroyed, or people who were erased, and came back with a restore."""

import logging
import time

from django.db import ProgrammingError, connections
from psycopg.errors import LockNotAvailable

from checkins.log import register
from config.environment import stop
from registry.citizens import burying
from registry.errors import DATABASE_AWAY, DomainError, VaultUnavailable

log = logging.getLogger(__name__)
PATIENCE = 60  # seconds for another process that destroys
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


def bury_the_dead() -> None:
    """Destroy again, before anything is served, what a restore brought back: days of the log, and people who left. End
    the process where that fails.

    A database that is away is not judged, nor one that is not migrated yet: without the vault rows lead to nobody, and
    what is run by the hour does the same.
    """
    _bury_days()
    try:
        burying.replay()
    except (VaultUnavailable, ProgrammingError, *DATABASE_AWAY) as error:
        log.warning("those who left are not looked for yet: %s", type(error).__name__)
    except (DomainError, OSError) as error:
        stop(f"LEAVINGS_FILE: {error}")


def _bury_days() -> None:
    for _second in range(PATIENCE):
        try:
            register.replay()
        except register.AnotherAtIt:
            time.sleep(1)
            continue
        except (VaultUnavailable, ProgrammingError, *DATABASE_AWAY) as error:
            if isinstance(error.__cause__, LockNotAvailable):
                break
            log.warning("destroyed days are not looked for yet: %s", type(error).__name__)
        except (DomainError, OSError) as error:
            stop(f"DESTROYED_DAYS_FILE: {error}")
        return
    stop(
        "Days that were destroyed came back and cannot be destroyed while the log is in use; end that and start again."
    )


def _has_table(name: str, table: str) -> bool:
    with connections[name].cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [table])
        return bool(cursor.fetchone()[0])
