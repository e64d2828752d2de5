import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0013_jobs"),
    ]

    operations = [
        migrations.CreateModel(
            name="Approval",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("deed", models.CharField(max_length=40, verbose_name="deed")),
                ("target", models.CharField(max_length=80, verbose_name="of what")),
                ("values", models.JSONField(default=dict, verbose_name="values")),
                ("reason", models.TextField(verbose_name="why")),
                ("asked_at", models.DateTimeField(verbose_name="asked at")),
                ("ends_at", models.DateTimeField(verbose_name="open until")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Waits for a second person"),
                            ("granted", "Granted"),
                            ("refused", "Refused"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="asked",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided at")),
                ("words", models.TextField(blank=True, verbose_name="what was said")),
                (
                    "decider",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                (
                    "requester",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked by",
                    ),
                ),
            ],
            options={
                "verbose_name": "approval",
                "verbose_name_plural": "approvals",
                "indexes": [
                    models.Index(fields=["-asked_at"], name="approval_newest"),
                    models.Index(fields=["target"], name="approval_target"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "asked")),
                        fields=("deed", "target"),
                        name="one_open_approval_of_a_deed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("decider__isnull", True), ("state", "asked")),
                            models.Q(("decided_at__isnull", False), ("state", "withdrawn")),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decider__isnull", False),
                                ("state__in", ["granted", "refused"]),
                            ),
                            _connector="OR",
                        ),
                        name="decided_approval_has_a_decider",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "granted"), _negated=True),
                            models.Q(("decider", models.F("requester")), _negated=True),
                            _connector="OR",
                        ),
                        name="decider_is_not_requester",
                        violation_error_message="A second person must decide.",
                    ),
                ],
            },
        ),
    ]
