"""`manage.py seed`: what every installation starts with. Safe to run again: nothing that exists is changed."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

import registry.seeding
import venues.seeding
from gate import calibration


class Command(BaseCommand):
    help = "Load what is lacking of vaccines, policies, categories, roles and keys; measure what this machine bears."

    def handle(self, *args: Any, **options: Any) -> None:
        seed()
        calibration.measure(timezone.now())


def seed(*, today_policy: bool = False) -> None:
    """Registry first: the venues' category rules belong to its policies."""
    registry.seeding.seed(today_policy=today_policy)
    venues.seeding.seed(today_policy=today_policy)
