"""manage.py index_names: after the way in which names are compared has changed, index those on record anew."""

from typing import Any

from django.core.management.base import BaseCommand

from registry.citizens import people


class Command(BaseCommand):
    help = "Index names anew after an upgrade that compares them in another way. May run while serving, and again."

    def handle(self, *args: Any, **options: Any) -> None:
        changed, twice = people.index_names()
        self.stdout.write(f"{changed} people indexed anew")
        for key in twice:
            self.stdout.write(f"{key} is on record a second time with the same number; a clerk must decide")
