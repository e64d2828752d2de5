import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """The table of periods, and how much was destroyed on which day."""

    dependencies = [
        ("registry", "0024_requests_taken"),
    ]

    operations = [
        migrations.CreateModel(
            name="Disposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(verbose_name="day")),
                ("what", models.CharField(max_length=20, verbose_name="what")),
                ("count", models.PositiveBigIntegerField(verbose_name="count")),
                ("last_at", models.DateTimeField(verbose_name="last at")),
            ],
            options={
                "verbose_name": "destroyed on a day",
                "verbose_name_plural": "destroyed by day",
                "constraints": [models.UniqueConstraint(fields=("day", "what"), name="one_disposal_a_day")],
            },
        ),
        migrations.CreateModel(
            name="Period",
            fields=[
                ("what", models.CharField(max_length=20, primary_key=True, serialize=False, verbose_name="what")),
                ("days", models.PositiveIntegerField(verbose_name="days")),
                ("changed_at", models.DateTimeField(verbose_name="changed at")),
                (
                    "changed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="changed by",
                    ),
                ),
            ],
            options={
                "verbose_name": "period of keeping",
                "verbose_name_plural": "what is kept how long",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("days__gte", 1)), name="kept_for_a_day_at_least")
                ],
            },
        ),
    ]
