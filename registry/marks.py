"""Marks: what a strip and the words beside it say on a day, for one device, in 16 bytes that tell nobody anything else.

A phone keeps the mark of each day with its strip, and asks with it whether we would sign the same now (news.py). It is
keyed, as it travels to apps that are not told why a pass is valid.
"""

from collections.abc import Sequence

from registry import secrets
from registry.format import base64url
from registry.models import Device
from registry.validity import Standing

LENGTH = 16


def says(state: Standing, exp: int, floor: int, kid: bytes) -> str:
    """All that matters of a day's strip and may change before it is fetched again: a new policy where it changes the
    standing, or where its `floor` makes doors refuse what was signed under an older one. An outage is told apart."""
    turns = [f"{turn.basis} {turn.since} {turn.until}" for turn in (state.ended, state.starts) if turn]
    return "|".join([f"{state.basis} {state.until} {exp}", *turns, f"{floor}", kid.hex()])


def of(device: Device, said: Sequence[str], *, review: bool) -> list[str]:
    """The mark of each day that `said` what its strip says, signed when the device was last seen. An app is not told of
    a clerk's `review`."""
    told = review and device.partner_id is None
    whose = f"{device.pk} {device.seen_at.timestamp():.6f} {device.citizen.due_on} {told}"
    found = secrets.blind_indexes("mark", [f"{whose} {one}" for one in said])
    return [base64url.encode(mark[:LENGTH]) for mark in found]
