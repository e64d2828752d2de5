"""Lists on paper that were typed in later."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("venues", "0004_assumed_stay"),
    ]

    operations = [
        migrations.CreateModel(
            name="PaperList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.UUIDField(editable=False, unique=True)),
                ("digest", models.BinaryField(editable=False)),
                ("day", models.DateField(verbose_name="day")),
                ("first", models.BigIntegerField(editable=False)),
                ("scans", models.PositiveSmallIntegerField(editable=False)),
                ("lines", models.PositiveSmallIntegerField(verbose_name="lines")),
                ("people", models.PositiveIntegerField(verbose_name="people")),
                ("entered_at", models.DateTimeField(verbose_name="entered at")),
                (
                    "entered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="entered by",
                    ),
                ),
                (
                    "scanner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="paper_lists",
                        to="venues.scanner",
                        verbose_name="scanner",
                    ),
                ),
            ],
            options={
                "verbose_name": "list on paper",
                "verbose_name_plural": "lists on paper",
                "indexes": [models.Index(fields=["scanner", "-entered_at"], name="paper_list_newest")],
            },
        ),
    ]
