"""The venue desk, one module a subject."""

from venues.admin import applications, places

__all__ = ["applications", "places"]
