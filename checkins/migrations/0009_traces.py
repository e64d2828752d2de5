import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import registry.fields


class Migration(migrations.Migration):
    """Traces of contacts, and what they found for a while, encrypted."""

    dependencies = [
        ("checkins", "0008_hour_counts_by_day"),
        ("registry", "0030_lists_by_kind"),
        ("venues", "0009_lists_of_places"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Trace",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("person", "Where a person was"), ("venue", "Who was at a venue")],
                        max_length=6,
                        verbose_name="question",
                    ),
                ),
                ("citizen", models.UUIDField(null=True, verbose_name="person")),
                ("since", models.DateTimeField(verbose_name="from")),
                ("until", models.DateTimeField(verbose_name="before")),
                (
                    "assumed_minutes",
                    models.PositiveSmallIntegerField(
                        default=60, verbose_name="minutes assumed where nobody was seen leaving"
                    ),
                ),
                ("case_number", models.CharField(max_length=40, verbose_name="case number")),
                ("reason", models.TextField(verbose_name="reason")),
                ("may_export", models.BooleanField(default=False, verbose_name="may be exported")),
                ("asked_at", models.DateTimeField(verbose_name="asked at")),
                ("granted_at", models.DateTimeField(null=True, verbose_name="granted at")),
                ("found_at", models.DateTimeField(null=True, verbose_name="found at")),
                ("closes_at", models.DateTimeField(null=True, verbose_name="result visible until")),
                ("wiped_at", models.DateTimeField(null=True, verbose_name="result destroyed at")),
                ("gone_days", models.JSONField(default=list, verbose_name="destroyed days")),
                ("unknown", models.PositiveIntegerField(default=0, verbose_name="people erased since")),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked by",
                    ),
                ),
                (
                    "granted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="granted by",
                    ),
                ),
                (
                    "hold",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="checkins.legalhold",
                        verbose_name="legal hold",
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="registry.job",
                        verbose_name="job",
                    ),
                ),
                (
                    "notices",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="registry.job",
                        verbose_name="messages",
                    ),
                ),
                (
                    "venue",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="venues.venue",
                        verbose_name="venue",
                    ),
                ),
            ],
            options={
                "verbose_name": "trace",
                "verbose_name_plural": "traces",
            },
        ),
        migrations.CreateModel(
            name="Finding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("body", registry.fields.EncryptedTextField(purpose="trace.finding")),
                ("notified_at", models.DateTimeField(null=True)),
                (
                    "message",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="registry.message"
                    ),
                ),
                (
                    "trace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="findings", to="checkins.trace"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="trace",
            index=models.Index(fields=["-asked_at"], name="trace_newest"),
        ),
        migrations.AddConstraint(
            model_name="trace",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("granted_by__isnull", True),
                    models.Q(("granted_by", models.F("asked_by")), _negated=True),
                    _connector="OR",
                ),
                name="trace_is_granted_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="trace",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("citizen__isnull", False), ("kind", "person"), ("venue__isnull", True)),
                    models.Q(("citizen__isnull", True), ("kind", "venue"), ("venue__isnull", False)),
                    _connector="OR",
                ),
                name="trace_is_of_a_person_or_a_venue",
            ),
        ),
        migrations.AddConstraint(
            model_name="trace",
            constraint=models.CheckConstraint(
                condition=models.Q(("since__lt", models.F("until"))), name="trace_has_a_window"
            ),
        ),
        migrations.AddConstraint(
            model_name="trace",
            constraint=models.CheckConstraint(
                condition=models.Q(("found_at__isnull", True), ("granted_by__isnull", False), _connector="OR"),
                name="trace_found_was_granted",
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.UniqueConstraint(fields=("trace", "number"), name="one_finding_of_a_number"),
        ),
    ]
