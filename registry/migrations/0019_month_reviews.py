import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0018_clerks"),
    ]

    operations = [
        migrations.CreateModel(
            name="MonthReview",
            fields=[
                ("month", models.DateField(primary_key=True, serialize=False, verbose_name="month")),
                ("findings", models.JSONField(default=list)),
                ("words", models.TextField(verbose_name="what was found")),
                ("head", models.CharField(blank=True, max_length=160)),
                ("signed_at", models.DateTimeField(verbose_name="signed at")),
                (
                    "signed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="signed by",
                    ),
                ),
            ],
            options={
                "verbose_name": "monthly review",
                "verbose_name_plural": "monthly reviews",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("month__day", 1)), name="month_review_is_of_a_whole_month"
                    ),
                ],
            },
        ),
    ]
