"""How long guests are assumed to stay, by category and, where the owner says so, by venue; whether exits are scanned."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import migrations, models

RANGE = [MinValueValidator(10), MaxValueValidator(600)]
STAYS = {
    "nightlife": 180, "karaoke": 90, "gym": 90, "bathhouse": 120, "betting": 240, "academy": 120, "cinema": 150,
    "study_cafe": 240, "multibang": 120, "pc_bang": 150, "stadium": 180, "museum": 90, "party_room": 240,
    "library": 180, "massage": 90,
}  # fmt: skip


def fill(apps, schema_editor):
    category = apps.get_model("venues", "Category")
    for code, stay in STAYS.items():
        category.objects.filter(pk=code).update(stay=stay)


def venue_fields(model):
    yield migrations.AddField(
        model,
        "stay",
        models.PositiveSmallIntegerField(
            blank=True, help_text="Minutes; empty: as in the category.", null=True, validators=RANGE,
            verbose_name="assumed stay",
        ),
    )  # fmt: skip
    yield migrations.AddField(
        model, "scans_exits", models.BooleanField(db_default=False, default=False, verbose_name="exits are scanned")
    )


class Migration(migrations.Migration):
    dependencies = [("venues", "0003_scanner_state")]

    operations = [
        migrations.AddField(
            "category",
            "stay",
            models.PositiveSmallIntegerField(
                db_default=60,
                default=60,
                help_text="Minutes, 10 to 600, where neither exits are scanned nor the owner has set another.",
                validators=RANGE,
                verbose_name="assumed stay",
            ),
        ),
        *venue_fields("historicalvenue"),
        *venue_fields("venue"),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            "category",
            models.CheckConstraint(condition=models.Q(("stay__range", (10, 600))), name="category_stay_in_range"),
        ),
        migrations.AddConstraint(
            "venue",
            models.CheckConstraint(
                condition=models.Q(("stay", None), ("stay__range", (10, 600)), _connector="OR"),
                name="venue_stay_in_range",
            ),
        ),
    ]
