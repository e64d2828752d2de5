"""The venue desk, one module a subject."""

from venues.admin import applications, places, policy

__all__ = ["applications", "places", "policy"]
