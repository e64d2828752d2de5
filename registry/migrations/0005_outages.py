import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # the registry is read and written meanwhile

    dependencies = [("registry", "0004_safe_numbers")]

    operations = [
        migrations.CreateModel(
            name="Outage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("opened_at", models.DateTimeField(verbose_name="declared at")),
                ("began_at", models.DateTimeField(verbose_name="began at")),
                ("cause", models.TextField(verbose_name="why it was declared")),
                ("measured", models.JSONField(default=dict, verbose_name="what was measured")),
                ("closed_at", models.DateTimeField(null=True, verbose_name="ended at")),
                ("note", models.TextField(blank=True, verbose_name="what was found")),
            ],
            options={
                "verbose_name": "outage",
                "verbose_name_plural": "outages",
                "ordering": ["-opened_at"],
            },
        ),
        migrations.CreateModel(
            name="OutageRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("enabled", models.BooleanField(default=True, verbose_name="opens by itself")),
                (
                    "share",
                    models.PositiveSmallIntegerField(
                        default=50,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="when less than this percentage of codes arrives",
                    ),
                ),
                (
                    "minutes",
                    models.PositiveSmallIntegerField(
                        default=5,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(120),
                        ],
                        verbose_name="of those asked for in the last … minutes",
                    ),
                ),
                (
                    "least",
                    models.PositiveSmallIntegerField(
                        default=20,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="and at least … codes were asked for",
                    ),
                ),
            ],
            options={
                "verbose_name": "rule for outages",
                "verbose_name_plural": "rule for outages",
            },
        ),
        migrations.CreateModel(
            name="Spreading",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                ("due_from", models.DateField(verbose_name="due dates from")),
                ("due_to", models.DateField(verbose_name="through")),
                ("onto_from", models.DateField(verbose_name="moved to days from")),
                ("onto_to", models.DateField(verbose_name="through")),
                ("before", models.JSONField(default=dict, verbose_name="due per day before")),
                ("after", models.JSONField(default=dict, verbose_name="due per day after")),
                ("plan", models.JSONField(default=None, editable=False, null=True)),
                ("moved", models.PositiveIntegerField(default=0, verbose_name="people moved")),
                ("total", models.PositiveIntegerField(default=0, verbose_name="people to move")),
                ("started_at", models.DateTimeField(verbose_name="started at")),
                ("done_at", models.DateTimeField(null=True, verbose_name="done at")),
            ],
            options={
                "verbose_name": "spreading of due dates",
                "verbose_name_plural": "spreadings of due dates",
                "ordering": ["-started_at"],
            },
        ),
        migrations.AddField(
            model_name="outage",
            name="closed_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="ended by",
            ),
        ),
        migrations.AddField(
            model_name="outage",
            name="opened_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="declared by",
            ),
        ),
        migrations.AddConstraint(
            model_name="outagerule",
            constraint=models.CheckConstraint(condition=models.Q(("pk", 1)), name="one_outage_rule"),
        ),
        migrations.AddField(
            model_name="spreading",
            name="by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="by",
            ),
        ),
        migrations.AddField(
            model_name="spreading",
            name="outage",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="spreadings",
                to="registry.outage",
                verbose_name="outage",
            ),
        ),
        migrations.AddConstraint(
            model_name="outage",
            constraint=models.UniqueConstraint(fields=("closed_at",), name="one_open_outage", nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name="outage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("closed_at__isnull", True), ("closed_at__gte", models.F("opened_at")), _connector="OR"
                ),
                name="outage_closes_after_it_opens",
            ),
        ),
        RemoveIndexConcurrently(model_name="citizen", name="citizen_due_on"),
        AddIndexConcurrently(
            model_name="citizen",
            index=models.Index(
                fields=["due_on"], name="citizen_due_on", condition=models.Q(("guardian__isnull", True))
            ),
        ),
    ]
