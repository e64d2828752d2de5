"""`manage.py make_data`: a database at the size of a country's, all of it fictional, in minutes."""

from dataclasses import fields
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config.scale import making
from config.scale.plan import Sizes


class Command(BaseCommand):
    help = "Fill an empty database with made-up people, records, venues, entries and what belongs to them, by COPY."

    def add_arguments(self, parser: CommandParser) -> None:
        for one in fields(Sizes):
            parser.add_argument(f"--{one.name}", type=int, help=f"how many {one.name} ({one.default:,})")
        parser.add_argument("--scale", type=float, default=1.0, help="all sizes but the days times this, such as 0.01")
        parser.add_argument("--processes", type=int, default=2, help="that write at once")
        parser.add_argument("--beside", action="store_true", help="although there are people or venues already")

    def handle(self, *args: Any, **options: Any) -> None:
        given = {one.name: options[one.name] for one in fields(Sizes) if options[one.name] is not None}
        scaled = Sizes().scaled(options["scale"])
        sizes = Sizes(**{one.name: given.get(one.name, getattr(scaled, one.name)) for one in fields(Sizes)})
        if min(getattr(sizes, one.name) for one in fields(Sizes)) < 1 or sizes.days > making.MOST_DAYS:
            raise CommandError(f"Every size is at least 1, and days at most {making.MOST_DAYS}.")
        self.stdout.write(", ".join(f"{getattr(sizes, one.name):,} {one.name}" for one in fields(Sizes)))
        making_it = making.make(sizes, now=timezone.now(), beside=options["beside"], processes=options["processes"])
        try:
            for what, seconds in making_it:
                self.stdout.write(f"{seconds:7.1f} s  {what}")
                self.stdout.flush()
        except making.NotEmpty:
            raise CommandError(
                "There is data in this database. Take an empty one, or say --beside to have made-up rows among it; "
                "nobody can tell them apart afterwards."
            ) from None
        except making.MadeBefore:
            raise CommandError("Data was made in this database before. Take an empty one.") from None
