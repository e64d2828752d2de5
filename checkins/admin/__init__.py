"""The log, its traces, its holds and its end as clerks see them."""

from checkins.admin import entries, holds, kept, traces

__all__ = ["entries", "holds", "kept", "traces"]
