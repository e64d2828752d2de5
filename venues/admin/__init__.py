"""The venue desk, one module a subject."""

from venues.admin import places

__all__ = ["places"]
