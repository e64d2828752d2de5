"""The log, its holds and its end as clerks see them."""

from checkins.admin import entries, holds, kept
from checkins.tracing import desk as traces

__all__ = ["entries", "holds", "kept", "traces"]
