import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # checks and the outbox are written to meanwhile

    dependencies = [
        ("registry", "0007_requests"),
    ]

    operations = [
        migrations.CreateModel(
            name="Budget",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("daily", models.PositiveIntegerField(default=5000000, verbose_name="SMS a day")),
                (
                    "reminder_share",
                    models.PositiveSmallIntegerField(
                        default=80,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="reminders stop at this percent of it",
                    ),
                ),
                (
                    "prefix_ten_minutes",
                    models.PositiveIntegerField(
                        default=300, verbose_name="codes to one block of 10,000 numbers in 10 minutes"
                    ),
                ),
                (
                    "prefix_day",
                    models.PositiveIntegerField(
                        default=3000, verbose_name="codes to one block of 10,000 numbers in a day"
                    ),
                ),
            ],
            options={
                "verbose_name": "SMS budget",
                "verbose_name_plural": "SMS budget",
            },
        ),
        migrations.CreateModel(
            name="Spent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("shard", models.PositiveSmallIntegerField()),
                ("count", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("minute", models.DateTimeField()),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("taken", "taken"),
                            ("refused", "refused"),
                            ("away", "no answer"),
                            ("delivered", "arrived"),
                            ("undelivered", "did not arrive"),
                        ],
                        max_length=11,
                    ),
                ),
                ("detail", models.CharField(max_length=40)),
                ("shard", models.PositiveSmallIntegerField()),
                ("count", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="message",
            name="text_is_erased_when_done",
        ),
        migrations.RemoveConstraint(
            model_name="message",
            name="sent_message_was_taken",
        ),
        migrations.AddField(
            model_name="code",
            name="prefix_index",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="message",
            name="delivered_at",
            field=models.DateTimeField(null=True, verbose_name="arrived at"),
        ),
        migrations.AddField(
            model_name="message",
            name="refused_by",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), default=list, editable=False, size=None
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="tried",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), default=list, editable=False, size=None
            ),
        ),
        migrations.AddField(
            model_name="provider",
            name="health",
            field=models.FloatField(default=1.0, editable=False, verbose_name="health"),
        ),
        migrations.AddField(
            model_name="provider",
            name="health_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="provider",
            name="health_why",
            field=models.CharField(blank=True, editable=False, max_length=80, verbose_name="last trouble"),
        ),
        migrations.AddField(
            model_name="provider",
            name="probed_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="provider",
            name="settings",
            field=models.CharField(
                default="SMS_HTTP",
                max_length=30,
                validators=[
                    django.core.validators.RegexValidator(
                        "\\ASMS_[A-Z0-9_]+\\Z", "Capitals, digits and _ only, beginning with SMS_."
                    )
                ],
                verbose_name="settings begin with",
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("code", "one-time code"),
                    ("reminder", "reminder"),
                    ("safe_number", "safe number"),
                    ("notice", "notice"),
                ],
                max_length=20,
                verbose_name="purpose",
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="status",
            field=models.CharField(
                choices=[
                    ("queued", "Queued"),
                    ("sending", "Being sent"),
                    ("sent", "Sent"),
                    ("delivered", "Arrived"),
                    ("undelivered", "Did not arrive"),
                    ("dropped", "Dropped: too late"),
                    ("failed", "Refused by the provider"),
                ],
                default="queued",
                max_length=11,
                verbose_name="status",
            ),
        ),
        migrations.AlterField(
            model_name="provider",
            name="kind",
            field=models.CharField(
                choices=[("http", "Generic HTTP"), ("twilio", "Twilio"), ("solapi", "SOLAPI")],
                max_length=10,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="provider",
            name="name",
            field=models.SlugField(max_length=40, unique=True, verbose_name="name"),
        ),
        migrations.AlterField(
            model_name="provider",
            name="weight",
            field=models.PositiveSmallIntegerField(
                default=100, validators=[django.core.validators.MaxValueValidator(1000)], verbose_name="weight"
            ),
        ),
        AddIndexConcurrently(
            model_name="code",
            index=models.Index(fields=["prefix_index", "-created_at"], name="code_prefix"),
        ),
        AddIndexConcurrently(
            model_name="message",
            index=models.Index(
                condition=models.Q(("status__in", ["sent", "undelivered", "failed"]), ("text__isnull", False)),
                fields=["not_after"],
                name="message_text_kept",
            ),
        ),
        AddIndexConcurrently(
            model_name="message",
            index=models.Index(
                condition=models.Q(("provider_reference", ""), _negated=True),
                fields=["provider", "provider_reference"],
                name="message_reference",
            ),
        ),
        AddConstraintNotValid(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ["delivered", "dropped"]), _negated=True),
                    ("text__isnull", True),
                    _connector="OR",
                ),
                name="text_is_erased_when_done",
            ),
        ),
        AddConstraintNotValid(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ["sent", "delivered"]), _negated=True),
                    ("taken_at__isnull", False),
                    _connector="OR",
                ),
                name="sent_message_was_taken",
            ),
        ),
        ValidateConstraint(model_name="message", name="text_is_erased_when_done"),
        ValidateConstraint(model_name="message", name="sent_message_was_taken"),
        migrations.AddConstraint(
            model_name="provider",
            constraint=models.CheckConstraint(
                condition=models.Q(("settings__startswith", "SMS_")), name="settings_are_for_providers"
            ),
        ),
        migrations.AddConstraint(
            model_name="provider",
            constraint=models.CheckConstraint(
                condition=models.Q(("health__gte", 0), ("health__lte", 1)), name="health_is_a_share"
            ),
        ),
        migrations.AddConstraint(
            model_name="budget",
            constraint=models.CheckConstraint(condition=models.Q(("pk", 1)), name="one_sms_budget"),
        ),
        migrations.AddConstraint(
            model_name="spent",
            constraint=models.UniqueConstraint(fields=("day", "shard"), name="one_count_a_shard"),
        ),
        migrations.AddField(
            model_name="tally",
            name="provider",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="tallies", to="registry.provider"
            ),
        ),
        migrations.AddConstraint(
            model_name="tally",
            constraint=models.UniqueConstraint(
                fields=("minute", "provider", "what", "detail", "shard"), name="one_tally_a_shard"
            ),
        ),
        migrations.RunSQL(
            "UPDATE registry_provider SET settings = regexp_replace(address_setting, '_URL$', '')",
            "UPDATE registry_provider SET address_setting = settings || '_URL', key_setting = settings || '_KEY'",
        ),
        migrations.RemoveField(model_name="provider", name="address_setting"),
        migrations.RemoveField(model_name="provider", name="key_setting"),
    ]
