"""Answering "not modified" (RFC 9110 §13.1.2) for what has an ETag of the content."""

from django.utils.http import parse_etags


def matches(if_none_match: str, etag: str) -> bool:
    """Whether the caller holds this version already, by weak comparison."""
    held = {tag.removeprefix("W/") for tag in parse_etags(if_none_match)}
    return "*" in held or etag.removeprefix("W/") in held
