"""The command line of `bin/run`. Only the standard library: it is read before the environment is made."""

from __future__ import annotations

import argparse
import ipaddress
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
    parser.add_argument(
        "--lan",
        nargs="?",
        const="",
        type=_address,
        metavar="ADDRESS",
        help="open the demo to the network over HTTPS, to try it on a phone; at this address of the machine, or the "
        "one by which it reaches its network",
    )
    parser.add_argument("--port", type=_port, help="port of the web server (8000, or the next free one)")
    parser.add_argument("--sms-port", type=_port, help="port of the SMS simulator (8001, or the next free one)")
    return parser.parse_args(arguments)


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text} is no port: a number from 1 to 65535 is")
    return int(text)


def _address(text: str) -> str:
    """One IPv4 address, never all; nothing where none was named."""
    if not text:
        return text
    try:
        parsed = ipaddress.IPv4Address(text)
    except ValueError:
        parsed = None
    if parsed is None or parsed.is_unspecified:
        raise argparse.ArgumentTypeError(f"{text} is no address: one of this machine's is, such as 192.168.0.10")
    return text
