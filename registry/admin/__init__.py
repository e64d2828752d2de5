"""The clerk's desks for the registry, one module a desk. They declare; verbs decide and write."""

from registry.admin import audit, keys, people, phone, policy, records, requests, reviews, users

__all__ = ["audit", "keys", "people", "phone", "policy", "records", "requests", "reviews", "users"]
