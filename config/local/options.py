"""The command line of `bin/run`. Only the standard library: it is read before the environment is made."""

from __future__ import annotations

import argparse
from collections.abc import Sequence


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the arguments; wrong ones and --help end the process here."""
    parser = argparse.ArgumentParser(
        prog="bin/run",
        description="Starts PostgreSQL, Valkey, the web server, the Celery worker and the SMS simulator, with demo "
        "data. Ctrl-C ends them. DATABASE_URL, VAULT_DATABASE_URL and REDIS_URL name servers of your own instead.",
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--check", action="store_true", help="start all, ask each part for a real answer, stop")
    what.add_argument("--code", metavar="USERNAME", help="print the one-time code of a demo login for now")
    parser.add_argument("--fresh", action="store_true", help="remove what earlier runs made under var/ and start over")
    parser.add_argument("--port", type=_port, help="port of the web server (8000, or the next free one)")
    parser.add_argument("--sms-port", type=_port, help="port of the SMS simulator (8001, or the next free one)")
    return parser.parse_args(arguments)


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text} is no port: a number from 1 to 65535 is")
    return int(text)
