"""The clerk's desks for the registry, one module a desk. They declare; verbs decide and write."""

from registry.admin import (
    approvals,
    audit,
    duedates,
    gate,
    invitations,
    jobs,
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
    "approvals",
    "audit",
    "duedates",
    "gate",
    "invitations",
    "jobs",
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
