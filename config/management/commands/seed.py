"""`manage.py seed`: what every installation starts with. Safe to run again: nothing that exists is changed."""

from typing import Any

from django.core.management.base import BaseCommand

import registry.seeding
import venues.seeding


class Command(BaseCommand):
    help = "Load vaccines, policies, categories and roles that are lacking, and make the coming days' keys."

    def handle(self, *args: Any, **options: Any) -> None:
        seed()


def seed(*, today_policy: bool = False) -> None:
    """Registry first: the venues' category rules belong to its policies."""
    registry.seeding.seed(today_policy=today_policy)
    venues.seeding.seed(today_policy=today_policy)
