"""The clerk's desks for the registry, one module a desk. They declare; verbs decide and write."""

from registry.admin import (
    audit,
    duedates,
    gate,
    keys,
    outages,
    people,
    phone,
    policy,
    records,
    requests,
    reviews,
    sms,
    users,
)

__all__ = [
    "audit",
    "duedates",
    "gate",
    "keys",
    "outages",
    "people",
    "phone",
    "policy",
    "records",
    "requests",
    "reviews",
    "sms",
    "users",
]
