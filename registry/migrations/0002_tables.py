import uuid

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.core.serializers.json
import django.core.validators
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import config.tables
import registry.fields


class Migration(migrations.Migration):
    replaces = [
        ("registry", "0003_families"),
        ("registry", "0004_safe_numbers"),
        ("registry", "0005_outages"),
        ("registry", "0006_reminders"),
        ("registry", "0007_requests"),
        ("registry", "0008_sms_failover"),
        ("registry", "0009_revocations_outlive_people"),
        ("registry", "0010_messages_by_number"),
        ("registry", "0012_records_by_day"),
        ("registry", "0013_jobs"),
        ("registry", "0014_approvals"),
        ("registry", "0015_former_identities"),
        ("registry", "0016_register_of_destroyed_days"),
        ("registry", "0018_clerks"),
        ("registry", "0019_month_reviews"),
        ("registry", "0020_search_of_the_access_log"),
        ("registry", "0021_policy_drafts"),
        ("registry", "0022_reveal_rule"),
        ("registry", "0023_vaccine_intervals"),
        ("registry", "0024_requests_taken"),
        ("registry", "0025_periods"),
        ("registry", "0026_imports"),
        ("registry", "0027_records_of_imports"),
        ("registry", "0028_figures"),
        ("registry", "0029_saved_filters"),
        ("registry", "0030_lists_by_kind"),
        ("registry", "0031_partners"),
        ("registry", "0032_imports_outlive_their_jobs"),
        ("registry", "0033_imports_in_part"),
        ("registry", "0034_access_days"),
        ("registry", "0035_lists_of_a_region"),
        ("registry", "0036_partner_apps"),
        ("registry", "0037_regions_of_approvals"),
        ("registry", "0038_confidential_part_of_approvals"),
        ("registry", "0039_tries_of_jobs"),
        ("registry", "0041_kept_head"),
        ("registry", "0042_register_of_leavings"),
        ("registry", "0043_filters_without_search"),
        ("registry", "0045_rows_that_wait_unreferenced"),
    ]

    dependencies = [
        ("otp_static", "0003_add_timestamps"),
        ("otp_totp", "0003_add_timestamps"),
        ("registry", "0001_users"),
    ]

    operations = [
        config.tables.CreateTables(
            tables=[
                migrations.CreateModel(
                    name="AccessDay",
                    fields=[
                        ("day", models.DateField(primary_key=True, serialize=False)),
                        ("clerks", models.JSONField(default=dict)),
                        ("counted_at", models.DateTimeField()),
                    ],
                ),
                migrations.CreateModel(
                    name="DayKey",
                    fields=[
                        ("day", models.DateField(primary_key=True, serialize=False)),
                        ("key", models.BinaryField()),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                    ],
                ),
                migrations.CreateModel(
                    name="DestroyedDay",
                    fields=[
                        ("day", models.DateField(primary_key=True, serialize=False)),
                        ("fingerprint", models.CharField(blank=True, max_length=32)),
                        ("destroyed_at", models.DateTimeField()),
                    ],
                ),
                migrations.CreateModel(
                    name="ImportColumns",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("issuer", models.CharField(max_length=80, unique=True, verbose_name="issued by")),
                        ("headings", models.JSONField(default=dict)),
                        ("default_kind", models.CharField(blank=True, max_length=20)),
                        ("at", models.DateTimeField()),
                    ],
                    options={
                        "verbose_name": "columns of an issuer",
                        "verbose_name_plural": "columns of issuers",
                    },
                ),
                migrations.CreateModel(
                    name="KeptHead",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.BigIntegerField()),
                        ("hash", models.BinaryField()),
                        ("kept_at", models.DateTimeField()),
                    ],
                ),
                migrations.CreateModel(
                    name="PaperKey",
                    fields=[
                        ("month", models.DateField(primary_key=True, serialize=False)),
                        ("key", models.BinaryField()),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                    ],
                ),
                migrations.CreateModel(
                    name="Seal",
                    fields=[
                        ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                        ("sealed_at", models.DateTimeField()),
                        ("events", registry.fields.BigIntegerMultiRangeField()),
                        ("last", models.BigIntegerField()),
                        ("newest", models.DateTimeField()),
                        ("hashes", models.BinaryField()),
                        ("digest", models.BinaryField()),
                        ("hash", models.BinaryField()),
                        ("destroyed_at", models.DateTimeField(null=True)),
                    ],
                ),
                migrations.CreateModel(
                    name="SigningKey",
                    fields=[
                        ("kid", models.BinaryField(primary_key=True, serialize=False)),
                        ("public_key", models.BinaryField()),
                        ("private_key", models.BinaryField()),
                        ("signs_from", models.DateField(verbose_name="signs days from")),
                        ("signs_until", models.DateField(verbose_name="signs days until")),
                        ("created_at", models.DateTimeField(verbose_name="created at")),
                        ("withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="withdrawn at")),
                    ],
                    options={
                        "verbose_name": "signing key",
                        "verbose_name_plural": "signing keys",
                    },
                ),
                migrations.CreateModel(
                    name="Vaccine",
                    fields=[
                        (
                            "code",
                            models.CharField(max_length=20, primary_key=True, serialize=False, verbose_name="code"),
                        ),
                        ("name_ko", models.CharField(max_length=40, verbose_name="name in Korean")),
                        ("name_en", models.CharField(max_length=40, verbose_name="name in English")),
                        (
                            "primary_doses",
                            models.PositiveSmallIntegerField(default=2, verbose_name="doses of the primary course"),
                        ),
                        (
                            "interval_days",
                            models.PositiveSmallIntegerField(
                                db_default=0,
                                default=0,
                                help_text="0: any number. A record that comes sooner is refused.",
                                validators=[django.core.validators.MaxValueValidator(365)],
                                verbose_name="days between doses of the primary course, at least",
                            ),
                        ),
                        (
                            "booster_days",
                            models.PositiveSmallIntegerField(
                                db_default=0,
                                default=0,
                                validators=[django.core.validators.MaxValueValidator(365)],
                                verbose_name="days from the dose before to a booster, at least",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "vaccine",
                        "verbose_name_plural": "vaccines",
                    },
                ),
                migrations.CreateModel(
                    name="Approval",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("deed", models.CharField(max_length=40, verbose_name="deed")),
                        ("target", models.CharField(max_length=80, verbose_name="of what")),
                        ("values", models.JSONField(default=dict, verbose_name="values")),
                        (
                            "region",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=5, verbose_name="region"
                            ),
                        ),
                        (
                            "confidential",
                            registry.fields.EncryptedTextField(
                                editable=False, null=True, purpose="approval.confidential"
                            ),
                        ),
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
                                    models.Q(
                                        ("decided_at__isnull", True), ("decider__isnull", True), ("state", "asked")
                                    ),
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
                migrations.CreateModel(
                    name="Budget",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
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
                        "constraints": [models.CheckConstraint(condition=models.Q(("pk", 1)), name="one_sms_budget")],
                    },
                ),
                migrations.CreateModel(
                    name="Citizen",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("name", registry.fields.EncryptedTextField(purpose="citizen.name", verbose_name="name")),
                        (
                            "birth",
                            registry.fields.EncryptedTextField(purpose="citizen.birth", verbose_name="birth date"),
                        ),
                        (
                            "phone",
                            registry.fields.EncryptedTextField(
                                blank=True, null=True, purpose="citizen.phone", verbose_name="phone"
                            ),
                        ),
                        ("name_index", models.BinaryField()),
                        ("phone_index", models.BinaryField(null=True)),
                        ("region", models.CharField(blank=True, max_length=5, verbose_name="region")),
                        (
                            "language",
                            models.CharField(
                                choices=[("ko", "한국어"), ("en", "English")],
                                default="ko",
                                max_length=2,
                                verbose_name="language",
                            ),
                        ),
                        (
                            "relation",
                            models.CharField(
                                blank=True,
                                choices=[("child", "Child"), ("parent", "Parent")],
                                max_length=10,
                                verbose_name="relation",
                            ),
                        ),
                        (
                            "phone_since",
                            models.DateTimeField(
                                blank=True, editable=False, null=True, verbose_name="number proven since"
                            ),
                        ),
                        (
                            "verified_at",
                            models.DateTimeField(
                                blank=True, editable=False, null=True, verbose_name="phone verified at"
                            ),
                        ),
                        (
                            "due_on",
                            models.DateField(blank=True, editable=False, null=True, verbose_name="phone check due on"),
                        ),
                        ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                        (
                            "guardian",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="wards",
                                to="registry.citizen",
                                verbose_name="carried by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "person",
                        "verbose_name_plural": "people",
                        "indexes": [
                            models.Index(fields=["phone_index"], name="citizen_phone"),
                            models.Index(fields=["name_index"], name="citizen_name"),
                            models.Index(
                                condition=models.Q(("guardian__isnull", True)), fields=["due_on"], name="citizen_due_on"
                            ),
                            models.Index(
                                condition=models.Q(("guardian__isnull", False)),
                                fields=["guardian"],
                                name="citizen_guardian",
                            ),
                            models.Index(fields=["-created_at"], name="citizen_newest"),
                            models.Index(fields=["region"], name="citizen_region", opclasses=["varchar_pattern_ops"]),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("phone_index", "name_index"),
                                name="one_citizen_per_phone_and_name",
                                violation_error_message="This person is already in the registry with this number.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("due_on__isnull", True), ("verified_at__isnull", True)),
                                    models.Q(("due_on__isnull", False), ("verified_at__isnull", False)),
                                    _connector="OR",
                                ),
                                name="verified_phone_has_a_due_date",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("guardian__isnull", True), ("relation", "")),
                                    models.Q(("guardian__isnull", False), ("relation__in", ["child", "parent"])),
                                    _connector="OR",
                                ),
                                name="guardian_goes_with_a_relation",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("guardian__isnull", True),
                                    models.Q(("guardian", models.F("id")), _negated=True),
                                    _connector="OR",
                                ),
                                name="nobody_is_their_own_guardian",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ClerkInvitation",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        (
                            "email",
                            registry.fields.EncryptedTextField(
                                purpose="clerk_invitation.email", verbose_name="mail address"
                            ),
                        ),
                        (
                            "roles",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(
                                    choices=[
                                        ("registrar", "Registrar"),
                                        ("venue_officer", "Venue officer"),
                                        ("policy_maker", "Policy maker"),
                                        ("investigator", "Investigator"),
                                        ("auditor", "Auditor"),
                                        ("service", "Service"),
                                    ],
                                    max_length=20,
                                ),
                                size=None,
                                verbose_name="roles",
                            ),
                        ),
                        ("region", models.CharField(blank=True, max_length=5, verbose_name="region")),
                        ("asked_at", models.DateTimeField(verbose_name="asked at")),
                        ("token_hash", models.BinaryField(null=True, unique=True)),
                        ("ends_at", models.DateTimeField(null=True, verbose_name="link good until")),
                        ("withdrawn_at", models.DateTimeField(null=True, verbose_name="taken back at")),
                        (
                            "inviter",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="invited by",
                            ),
                        ),
                        (
                            "joined",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="account",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "invitation of a clerk",
                        "verbose_name_plural": "invitations of clerks",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("ends_at", None), ("token_hash", None)),
                                    models.Q(("ends_at__isnull", False), ("token_hash__isnull", False)),
                                    _connector="OR",
                                ),
                                name="sent_clerk_invitation_ends",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Consent",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("version", models.CharField(max_length=10, verbose_name="version of the text")),
                        ("at", models.DateTimeField(verbose_name="at")),
                        (
                            "citizen",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="consents",
                                to="registry.citizen",
                                verbose_name="person",
                            ),
                        ),
                        (
                            "given_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="registry.citizen",
                                verbose_name="given by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "consent",
                        "verbose_name_plural": "consents",
                    },
                ),
                migrations.CreateModel(
                    name="Disposal",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
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
                    name="Event",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="at")),
                        ("tag", models.CharField(max_length=30, verbose_name="what")),
                        ("address", models.GenericIPAddressField(null=True, verbose_name="from where")),
                        ("target", models.CharField(max_length=80, verbose_name="of what")),
                        ("reason", models.TextField(blank=True, verbose_name="why")),
                        ("detail", models.JSONField(default=dict, verbose_name="detail")),
                        (
                            "actor",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="who",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "access log entry",
                        "verbose_name_plural": "access log",
                        "indexes": [
                            models.Index(fields=["-at"], name="event_newest"),
                            models.Index(fields=["target", "-at"], name="event_target"),
                            models.Index(fields=["tag", "-at"], name="event_tag"),
                            models.Index(
                                condition=models.Q(("actor__isnull", False)),
                                fields=["actor", "-at"],
                                name="event_actor",
                            ),
                            models.Index(
                                condition=models.Q(("actor__isnull", False)),
                                fields=["actor", "tag", "-at"],
                                name="event_actor_tag",
                            ),
                            django.contrib.postgres.indexes.GinIndex(
                                django.contrib.postgres.search.SearchVector("reason", config="simple"),
                                condition=models.Q(("reason", ""), _negated=True),
                                name="event_reason",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Figure",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("what", models.CharField(max_length=20, verbose_name="what")),
                        ("region", models.CharField(blank=True, max_length=5, verbose_name="region")),
                        ("day", models.DateField(verbose_name="day")),
                        ("hour", models.PositiveSmallIntegerField(default=0, verbose_name="hour")),
                        ("number", models.PositiveBigIntegerField(verbose_name="how many")),
                        ("counted_at", models.DateTimeField(verbose_name="counted at")),
                    ],
                    options={
                        "verbose_name": "figure",
                        "verbose_name_plural": "figures",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("what", "region", "day", "hour"), name="one_figure_of_an_hour"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("hour__lte", 23)), name="figure_of_an_hour_of_a_day"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="FormerIdentity",
                    fields=[
                        ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                        ("merged_at", models.DateTimeField(verbose_name="merged at")),
                        (
                            "before",
                            registry.fields.EncryptedTextField(
                                purpose="former_identity.before", verbose_name="as it was"
                            ),
                        ),
                        (
                            "citizen",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="former",
                                to="registry.citizen",
                                verbose_name="person",
                            ),
                        ),
                        (
                            "merged_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="merged by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "former identity",
                        "verbose_name_plural": "former identities",
                    },
                ),
                migrations.CreateModel(
                    name="Import",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("day", models.DateField(editable=False, null=True)),
                        ("region", models.CharField(blank=True, max_length=5, verbose_name="region of the clerk")),
                        ("at", models.DateTimeField(verbose_name="uploaded at")),
                        ("file_name", models.CharField(max_length=120, verbose_name="file")),
                        ("size", models.PositiveIntegerField(verbose_name="size")),
                        ("header", models.JSONField(editable=False)),
                        ("issuer", models.CharField(max_length=80, verbose_name="issued by")),
                        (
                            "default_kind",
                            models.CharField(blank=True, max_length=20, verbose_name="kind where the file names none"),
                        ),
                        (
                            "default_region",
                            models.CharField(blank=True, max_length=5, verbose_name="region where the file names none"),
                        ),
                        ("columns", models.JSONField(default=dict, editable=False)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("columns", "Columns to choose"),
                                    ("checking", "Being checked"),
                                    ("checked", "Ready to take in"),
                                    ("running", "Being taken in"),
                                    ("done", "Taken in"),
                                    ("in_part", "Partly taken in"),
                                    ("undoing", "Being undone"),
                                    ("undone", "Undone"),
                                    ("discarded", "Discarded"),
                                ],
                                default="columns",
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        ("rows", models.PositiveIntegerField(verbose_name="rows")),
                        ("last_number", models.PositiveIntegerField(editable=False)),
                        ("reached", models.PositiveIntegerField(default=0, editable=False)),
                        ("fresh", models.PositiveIntegerField(default=0, verbose_name="new records")),
                        ("known", models.PositiveIntegerField(default=0, verbose_name="already there")),
                        ("people", models.PositiveIntegerField(default=0, verbose_name="new people")),
                        ("refused", models.PositiveIntegerField(default=0, verbose_name="refused")),
                        ("refusals", models.JSONField(default=dict, editable=False)),
                        ("undone", models.PositiveIntegerField(default=0, verbose_name="records revoked")),
                        ("kept", models.PositiveIntegerField(default=0, verbose_name="records left as they are")),
                        ("began_at", models.DateTimeField(null=True, verbose_name="begun at")),
                        ("done_at", models.DateTimeField(null=True, verbose_name="done at")),
                        ("undone_at", models.DateTimeField(null=True, verbose_name="undone at")),
                        ("undo_reason", models.TextField(blank=True, verbose_name="reason for undoing")),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="brought by",
                            ),
                        ),
                        (
                            "undone_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="undone by",
                            ),
                        ),
                        (
                            "job",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="registry.job",
                            ),
                        ),
                        (
                            "lab",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="registry.partner",
                                verbose_name="lab or hospital",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "import",
                        "verbose_name_plural": "imports",
                        "indexes": [models.Index(fields=["-at"], name="import_newest")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("by__isnull", False), ("day__isnull", True), ("lab__isnull", True)),
                                    models.Q(("by__isnull", True), ("day__isnull", False), ("lab__isnull", False)),
                                    _connector="OR",
                                ),
                                name="import_is_a_clerks_or_a_labs",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("state", "done")),
                                fields=("lab", "day"),
                                name="one_import_of_a_lab_and_day",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("undone_at__isnull", True),
                                    models.Q(("undo_reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="undoing_has_a_reason",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ImportPart",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("place", models.PositiveIntegerField()),
                        ("content", registry.fields.EncryptedBytesField(purpose="import.part")),
                        (
                            "imported_in",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="parts",
                                to="registry.import",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "part of an import",
                        "verbose_name_plural": "parts of imports",
                        "constraints": [
                            models.UniqueConstraint(fields=("imported_in", "place"), name="one_part_at_a_place")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ImportRow",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.IntegerField()),
                        ("refusal", models.CharField(blank=True, max_length=30)),
                        ("detail", models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder, null=True)),
                        ("name", models.BinaryField(null=True)),
                        ("birth", models.BinaryField(null=True)),
                        ("phone", models.BinaryField(null=True)),
                        ("name_index", models.BinaryField(null=True)),
                        ("phone_index", models.BinaryField(null=True)),
                        ("region", models.CharField(blank=True, max_length=5)),
                        ("kind", models.CharField(blank=True, max_length=20)),
                        ("day", models.DateField(null=True)),
                        ("vaccine", models.CharField(blank=True, max_length=20)),
                        ("dose", models.PositiveSmallIntegerField(null=True)),
                        ("result_at", models.DateTimeField(null=True)),
                        ("immunodeficiency", models.BooleanField(null=True)),
                        ("issuer", models.CharField(blank=True, max_length=80)),
                        ("certificate_number", models.CharField(blank=True, max_length=40)),
                        (
                            "imported_in",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="waiting",
                                to="registry.import",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "row of an import",
                        "verbose_name_plural": "rows of imports",
                        "constraints": [
                            models.UniqueConstraint(fields=("imported_in", "number"), name="one_row_of_a_number")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Job",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("kind", models.CharField(max_length=40, verbose_name="kind")),
                        ("values", models.JSONField(default=dict, verbose_name="values")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("under_way", "Under way"),
                                    ("done", "Done"),
                                    ("failed", "Failed"),
                                    ("stopped", "Stopped"),
                                ],
                                default="under_way",
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        ("done", models.PositiveBigIntegerField(default=0, verbose_name="done")),
                        ("total", models.PositiveBigIntegerField(null=True, verbose_name="of")),
                        ("at", models.JSONField(default=dict, verbose_name="next")),
                        ("result", models.JSONField(default=dict, verbose_name="result")),
                        ("error", models.TextField(blank=True, verbose_name="what went wrong")),
                        ("asked_at", models.DateTimeField(verbose_name="asked at")),
                        ("tries", models.PositiveSmallIntegerField(db_default=0, default=0, editable=False)),
                        ("worked_at", models.DateTimeField(null=True, verbose_name="last worked on")),
                        ("finished_at", models.DateTimeField(null=True, verbose_name="finished at")),
                        (
                            "asked_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="asked by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "job",
                        "verbose_name_plural": "jobs",
                        "indexes": [
                            models.Index(fields=["-asked_at"], name="job_newest"),
                            models.Index(
                                condition=models.Q(("state", "under_way")), fields=["asked_at"], name="job_unfinished"
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state", "under_way"), ("finished_at__isnull", False), _connector="XOR"
                                ),
                                name="job_ends_with_a_moment",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="JobFile",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("role", models.CharField(max_length=20, verbose_name="role")),
                        ("name", models.CharField(max_length=120, verbose_name="file name")),
                        ("media_type", models.CharField(max_length=100, verbose_name="media type")),
                        ("content", registry.fields.EncryptedBytesField(purpose="job.file", verbose_name="content")),
                        (
                            "job",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="files",
                                to="registry.job",
                                verbose_name="job",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "file of a job",
                        "verbose_name_plural": "files of jobs",
                        "constraints": [models.UniqueConstraint(fields=("job", "role"), name="one_file_of_a_role")],
                    },
                ),
                migrations.CreateModel(
                    name="Leaving",
                    fields=[
                        ("citizen", models.UUIDField(primary_key=True, serialize=False)),
                        ("at", models.DateTimeField()),
                        ("erased", models.BooleanField()),
                    ],
                    options={
                        "indexes": [models.Index(fields=["-at"], name="leaving_newest")],
                    },
                ),
                migrations.CreateModel(
                    name="Mail",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("address", registry.fields.EncryptedTextField(purpose="mail.address")),
                        ("subject", models.CharField(max_length=200)),
                        ("text", registry.fields.EncryptedTextField(purpose="mail.text")),
                        ("created_at", models.DateTimeField()),
                        ("not_after", models.DateTimeField()),
                        ("next_try_at", models.DateTimeField()),
                        ("tries", models.PositiveSmallIntegerField(default=0)),
                        ("sent_at", models.DateTimeField(null=True)),
                        ("given_up_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("given_up_at", None), ("sent_at", None)),
                                fields=["next_try_at"],
                                name="mail_due",
                            )
                        ],
                    },
                ),
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
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Outage",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("opened_at", models.DateTimeField(verbose_name="declared at")),
                        ("began_at", models.DateTimeField(verbose_name="began at")),
                        ("cause", models.TextField(verbose_name="why it was declared")),
                        ("measured", models.JSONField(default=dict, verbose_name="what was measured")),
                        ("closed_at", models.DateTimeField(null=True, verbose_name="ended at")),
                        ("note", models.TextField(blank=True, verbose_name="what was found")),
                        (
                            "closed_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="ended by",
                            ),
                        ),
                        (
                            "opened_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="declared by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "outage",
                        "verbose_name_plural": "outages",
                        "ordering": ["-opened_at"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("closed_at",), name="one_open_outage", nulls_distinct=False
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("closed_at__isnull", True),
                                    ("closed_at__gte", models.F("opened_at")),
                                    _connector="OR",
                                ),
                                name="outage_closes_after_it_opens",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OutageRule",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
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
                        "constraints": [models.CheckConstraint(condition=models.Q(("pk", 1)), name="one_outage_rule")],
                    },
                ),
                migrations.CreateModel(
                    name="PaperPass",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("printed_at", models.DateTimeField(verbose_name="printed at")),
                        ("until", models.DateField(verbose_name="good through")),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="printed by",
                            ),
                        ),
                        (
                            "citizen",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="paper_passes",
                                to="registry.citizen",
                                verbose_name="person",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "paper pass",
                        "verbose_name_plural": "paper passes",
                        "indexes": [models.Index(fields=["citizen", "-printed_at"], name="paper_pass_of_citizen")],
                    },
                ),
                migrations.CreateModel(
                    name="Partner",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("lab", "Laboratory or hospital"), ("app", "App that shows the pass")],
                                editable=False,
                                max_length=10,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "name",
                            models.CharField(
                                help_text="It stands on its records as the issuer.",
                                max_length=80,
                                unique=True,
                                verbose_name="name",
                            ),
                        ),
                        (
                            "region",
                            models.CharField(
                                blank=True,
                                help_text="5 digits, for example 11680.",
                                max_length=5,
                                verbose_name="region where a record names none",
                            ),
                        ),
                        (
                            "daily_quota",
                            models.PositiveIntegerField(
                                default=20000,
                                help_text="At most; repeated and refused ones count as well.",
                                verbose_name="records a day",
                            ),
                        ),
                        (
                            "per_minute",
                            models.PositiveIntegerField(
                                db_default=600,
                                default=600,
                                help_text="Of every kind, spread evenly. What comes beyond is told when to come again.",
                                validators=[
                                    django.core.validators.MinValueValidator(1),
                                    django.core.validators.MaxValueValidator(1000000),
                                ],
                                verbose_name="requests a minute",
                            ),
                        ),
                        (
                            "places",
                            models.PositiveSmallIntegerField(
                                db_default=2,
                                default=2,
                                help_text="In each process. They are this app’s alone, and it gets no others.",
                                validators=[
                                    django.core.validators.MinValueValidator(1),
                                    django.core.validators.MaxValueValidator(20),
                                ],
                                verbose_name="requests at once",
                            ),
                        ),
                        ("key_hash", models.BinaryField(unique=True)),
                        ("key_made_at", models.DateTimeField(editable=False, verbose_name="key made at")),
                        ("former_key_hash", models.BinaryField(null=True)),
                        (
                            "former_key_until",
                            models.DateTimeField(editable=False, null=True, verbose_name="key before good until"),
                        ),
                        ("closed_at", models.DateTimeField(editable=False, null=True, verbose_name="closed at")),
                        (
                            "close_reason",
                            models.TextField(blank=True, editable=False, verbose_name="reason for closing"),
                        ),
                        (
                            "made_by",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="added by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "lab or hospital",
                        "verbose_name_plural": "labs and hospitals",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("closed_at__isnull", True),
                                    models.Q(("close_reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="closing_a_partner_has_a_reason",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("former_key_hash__isnull", True), ("former_key_until__isnull", True)),
                                    models.Q(("former_key_hash__isnull", False), ("former_key_until__isnull", False)),
                                    _connector="OR",
                                ),
                                name="former_key_has_an_end",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Device",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("public_key", models.BinaryField()),
                        ("token_hash", models.BinaryField(unique=True)),
                        ("created_at", models.DateTimeField(verbose_name="created at")),
                        ("seen_at", models.DateTimeField(verbose_name="last seen at")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="ended at")),
                        (
                            "citizen",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="devices",
                                to="registry.citizen",
                                verbose_name="person",
                            ),
                        ),
                        (
                            "partner",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="registry.partner",
                                verbose_name="in the app of",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "device",
                        "verbose_name_plural": "devices",
                    },
                ),
                migrations.CreateModel(
                    name="PartnerApp",
                    fields=[],
                    options={
                        "verbose_name": "partner app",
                        "verbose_name_plural": "partner apps",
                        "proxy": True,
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=("registry.partner",),
                ),
                migrations.CreateModel(
                    name="PartnerUse",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("day", models.DateField(verbose_name="day")),
                        ("what", models.CharField(max_length=40, verbose_name="what")),
                        ("shard", models.PositiveSmallIntegerField()),
                        ("count", models.PositiveIntegerField(verbose_name="count")),
                        (
                            "partner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="registry.partner",
                                verbose_name="partner app",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "use by a partner app",
                        "verbose_name_plural": "use by partner apps",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("partner", "day", "what", "shard"), name="one_count_of_a_shard"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Period",
                    fields=[
                        (
                            "what",
                            models.CharField(max_length=20, primary_key=True, serialize=False, verbose_name="what"),
                        ),
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
                migrations.CreateModel(
                    name="PolicyVersion",
                    fields=[
                        ("number", models.AutoField(primary_key=True, serialize=False, verbose_name="number")),
                        ("title", models.CharField(max_length=80, verbose_name="title")),
                        ("effective_on", models.DateField(verbose_name="in force from")),
                        ("rules", models.JSONField(verbose_name="rules")),
                        (
                            "reverify_days",
                            models.PositiveSmallIntegerField(default=30, verbose_name="phone check every … days"),
                        ),
                        (
                            "due_earliest",
                            models.PositiveSmallIntegerField(
                                default=21, verbose_name="due date at the earliest after … days"
                            ),
                        ),
                        (
                            "due_latest",
                            models.PositiveSmallIntegerField(
                                default=30, verbose_name="due date at the latest after … days"
                            ),
                        ),
                        ("grace_days", models.PositiveSmallIntegerField(default=7, verbose_name="days of grace")),
                        (
                            "renewal_opens_days",
                            models.PositiveSmallIntegerField(default=7, verbose_name="renewal opens … days before"),
                        ),
                        (
                            "outage_extension_days",
                            models.PositiveSmallIntegerField(
                                default=14, verbose_name="extension in an outage, days at most"
                            ),
                        ),
                        (
                            "floor_from",
                            models.DateField(
                                blank=True,
                                help_text="From this day on a pass must have been made under this version. At least 7 days after publishing.",
                                null=True,
                                verbose_name="older passes end on",
                            ),
                        ),
                        (
                            "citizen_notice_ko",
                            models.TextField(
                                blank=True, db_default="", default="", max_length=600, verbose_name="in Korean"
                            ),
                        ),
                        (
                            "citizen_notice_en",
                            models.TextField(
                                blank=True, db_default="", default="", max_length=600, verbose_name="in English"
                            ),
                        ),
                        (
                            "venue_notice_ko",
                            models.TextField(
                                blank=True, db_default="", default="", max_length=600, verbose_name="in Korean"
                            ),
                        ),
                        (
                            "venue_notice_en",
                            models.TextField(
                                blank=True, db_default="", default="", max_length=600, verbose_name="in English"
                            ),
                        ),
                        ("revision", models.PositiveIntegerField(db_default=1, default=1, editable=False)),
                        ("published_at", models.DateTimeField(editable=False, null=True, verbose_name="published at")),
                        (
                            "approver",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="approved by",
                            ),
                        ),
                        (
                            "author",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="author",
                            ),
                        ),
                        (
                            "back_to",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="registry.policyversion",
                                verbose_name="back to the rules of",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "policy version",
                        "verbose_name_plural": "policy versions",
                        "ordering": ["-effective_on", "-number"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("approver__isnull", True),
                                    models.Q(("approver", models.F("author")), _negated=True),
                                    _connector="OR",
                                ),
                                name="approver_is_not_author",
                                violation_error_message="A second person must publish it.",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("published_at__isnull", False)),
                                fields=("effective_on",),
                                name="one_published_policy_per_day",
                                violation_error_message="Another published version begins on this day.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("due_earliest__gte", 1),
                                    ("due_earliest__lte", models.F("due_latest")),
                                    ("due_latest__lte", models.F("reverify_days")),
                                ),
                                name="due_window_fits_the_interval",
                                violation_error_message="The due window must lie within the interval of the phone check.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("grace_days__lte", 14),
                                    ("outage_extension_days__lte", 31),
                                    ("reverify_days__lte", 60),
                                ),
                                name="strips_reach_at_most_a_quarter",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PolicyPreview",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("revision", models.PositiveIntegerField()),
                        ("taken_at", models.DateTimeField(verbose_name="taken at")),
                        ("last_record", models.BigIntegerField()),
                        ("records", models.PositiveBigIntegerField()),
                        ("bases", models.JSONField(default=list)),
                        ("people", models.JSONField(default=list)),
                        ("venues", models.JSONField(default=list)),
                        ("phones", models.PositiveBigIntegerField(null=True)),
                        (
                            "version",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="preview",
                                to="registry.policyversion",
                                verbose_name="version",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "policy preview",
                        "verbose_name_plural": "policy previews",
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalPolicyVersion",
                    fields=[
                        ("number", models.IntegerField(blank=True, db_index=True, verbose_name="number")),
                        ("title", models.CharField(max_length=80, verbose_name="title")),
                        ("effective_on", models.DateField(verbose_name="in force from")),
                        ("rules", models.JSONField(verbose_name="rules")),
                        (
                            "reverify_days",
                            models.PositiveSmallIntegerField(default=30, verbose_name="phone check every … days"),
                        ),
                        (
                            "due_earliest",
                            models.PositiveSmallIntegerField(
                                default=21, verbose_name="due date at the earliest after … days"
                            ),
                        ),
                        (
                            "due_latest",
                            models.PositiveSmallIntegerField(
                                default=30, verbose_name="due date at the latest after … days"
                            ),
                        ),
                        ("grace_days", models.PositiveSmallIntegerField(default=7, verbose_name="days of grace")),
                        (
                            "renewal_opens_days",
                            models.PositiveSmallIntegerField(default=7, verbose_name="renewal opens … days before"),
                        ),
                        (
                            "outage_extension_days",
                            models.PositiveSmallIntegerField(
                                default=14, verbose_name="extension in an outage, days at most"
                            ),
                        ),
                        (
                            "floor_from",
                            models.DateField(
                                blank=True,
                                help_text="From this day on a pass must have been made under this version. At least 7 days after publishing.",
                                null=True,
                                verbose_name="older passes end on",
                            ),
                        ),
                        (
                            "citizen_notice_ko",
                            models.TextField(
                                blank=True, db_default="", default="", max_length=600, verbose_name="in Korean"
                            ),
                        ),
                        (
                            "citizen_notice_en",
                            models.TextField(
                                blank=True, db_default="", default="", max_length=600, verbose_name="in English"
                            ),
                        ),
                        (
                            "venue_notice_ko",
                            models.TextField(
                                blank=True, db_default="", default="", max_length=600, verbose_name="in Korean"
                            ),
                        ),
                        (
                            "venue_notice_en",
                            models.TextField(
                                blank=True, db_default="", default="", max_length=600, verbose_name="in English"
                            ),
                        ),
                        ("revision", models.PositiveIntegerField(db_default=1, default=1, editable=False)),
                        ("published_at", models.DateTimeField(editable=False, null=True, verbose_name="published at")),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                            ),
                        ),
                        (
                            "approver",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="approved by",
                            ),
                        ),
                        (
                            "author",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="author",
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "back_to",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="registry.policyversion",
                                verbose_name="back to the rules of",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical policy version",
                        "verbose_name_plural": "historical policy versions",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Provider",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.SlugField(max_length=40, unique=True, verbose_name="name")),
                        (
                            "kind",
                            models.CharField(
                                choices=[("http", "Generic HTTP"), ("twilio", "Twilio"), ("solapi", "SOLAPI")],
                                max_length=10,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "settings",
                            models.CharField(
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
                        ("enabled", models.BooleanField(default=True, verbose_name="enabled")),
                        (
                            "weight",
                            models.PositiveSmallIntegerField(
                                default=100,
                                validators=[django.core.validators.MaxValueValidator(1000)],
                                verbose_name="weight",
                            ),
                        ),
                        ("health", models.FloatField(default=1.0, editable=False, verbose_name="health")),
                        ("health_at", models.DateTimeField(editable=False, null=True)),
                        (
                            "health_why",
                            models.CharField(blank=True, editable=False, max_length=80, verbose_name="last trouble"),
                        ),
                        ("probed_at", models.DateTimeField(editable=False, null=True)),
                    ],
                    options={
                        "verbose_name": "SMS provider",
                        "verbose_name_plural": "SMS providers",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("settings__startswith", "SMS_")), name="settings_are_for_providers"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("health__gte", 0), ("health__lte", 1)), name="health_is_a_share"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Message",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        (
                            "phone",
                            registry.fields.EncryptedTextField(
                                null=True, purpose="message.phone", verbose_name="phone"
                            ),
                        ),
                        ("phone_index", models.BinaryField()),
                        (
                            "text",
                            registry.fields.EncryptedTextField(null=True, purpose="message.text", verbose_name="text"),
                        ),
                        (
                            "purpose",
                            models.CharField(
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
                        (
                            "status",
                            models.CharField(
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
                        ("created_at", models.DateTimeField(verbose_name="created at")),
                        ("not_after", models.DateTimeField(verbose_name="of use until")),
                        ("next_try_at", models.DateTimeField(verbose_name="next try at")),
                        ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="tries")),
                        (
                            "tried",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.BigIntegerField(), default=list, editable=False, size=None
                            ),
                        ),
                        (
                            "refused_by",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.BigIntegerField(), default=list, editable=False, size=None
                            ),
                        ),
                        ("taken_at", models.DateTimeField(null=True, verbose_name="taken by the provider at")),
                        ("delivered_at", models.DateTimeField(null=True, verbose_name="arrived at")),
                        (
                            "provider_reference",
                            models.CharField(blank=True, max_length=80, verbose_name="provider's reference"),
                        ),
                        ("error", models.CharField(blank=True, max_length=200, verbose_name="last error")),
                        (
                            "provider",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                to="registry.provider",
                                verbose_name="provider",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "SMS",
                        "verbose_name_plural": "SMS outbox",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status__in", ["queued", "sending"])),
                                fields=["next_try_at"],
                                name="message_due",
                            ),
                            models.Index(fields=["-created_at"], name="message_newest"),
                            models.Index(fields=["phone_index", "-created_at"], name="message_number"),
                            models.Index(fields=["status", "-created_at"], name="message_status"),
                            models.Index(
                                condition=models.Q(("purpose", "code"), _negated=True),
                                fields=["purpose", "-created_at"],
                                name="message_purpose",
                            ),
                            models.Index(
                                condition=models.Q(
                                    ("status__in", ["sent", "undelivered", "failed"]), ("text__isnull", False)
                                ),
                                fields=["not_after"],
                                name="message_text_kept",
                            ),
                            models.Index(
                                condition=models.Q(("provider_reference", ""), _negated=True),
                                fields=["provider", "provider_reference"],
                                name="message_reference",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status__in", ["delivered", "dropped"]), _negated=True),
                                    ("text__isnull", True),
                                    _connector="OR",
                                ),
                                name="text_is_erased_when_done",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status__in", ["sent", "delivered"]), _negated=True),
                                    ("taken_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="sent_message_was_taken",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Reminder",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("phone_check", "Phone check due"), ("pass_ends", "Pass ends")],
                                max_length=20,
                                verbose_name="kind",
                            ),
                        ),
                        ("on", models.DateField(verbose_name="about the day")),
                        ("days_before", models.PositiveSmallIntegerField(verbose_name="days before")),
                        ("send_at", models.DateTimeField(verbose_name="to be sent at")),
                        ("done_at", models.DateTimeField(null=True, verbose_name="done at")),
                        (
                            "citizen",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="reminders",
                                to="registry.citizen",
                                verbose_name="person",
                            ),
                        ),
                        (
                            "message",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="registry.message",
                                verbose_name="SMS",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "reminder",
                        "verbose_name_plural": "reminders",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("done_at__isnull", True)), fields=["send_at"], name="reminder_waits"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("citizen", "kind", "on", "days_before"), name="reminded_once_of_a_date"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Request",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("correction", "Something on record is wrong"),
                                    ("number", "Somebody else has taken my number"),
                                    ("refusal", "I was not let in at a door"),
                                    ("erasure", "Erase what you hold about me"),
                                    ("compared", "Your records were compared"),
                                ],
                                max_length=20,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "text",
                            registry.fields.EncryptedTextField(
                                blank=True, purpose="request.text", verbose_name="request"
                            ),
                        ),
                        (
                            "reference",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=8, verbose_name="reference"
                            ),
                        ),
                        ("opened_at", models.DateTimeField(verbose_name="opened at")),
                        ("taken_at", models.DateTimeField(blank=True, null=True, verbose_name="taken at")),
                        (
                            "answer",
                            registry.fields.EncryptedTextField(
                                blank=True, null=True, purpose="request.answer", verbose_name="answer"
                            ),
                        ),
                        ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed at")),
                        (
                            "citizen",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="requests",
                                to="registry.citizen",
                                verbose_name="person",
                            ),
                        ),
                        (
                            "closed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="closed by",
                            ),
                        ),
                        (
                            "taken_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="taken by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "request",
                        "verbose_name_plural": "requests",
                        "indexes": [
                            models.Index(fields=["-opened_at"], name="request_newest"),
                            models.Index(
                                condition=models.Q(("closed_at__isnull", True)),
                                fields=["opened_at"],
                                name="request_waits",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("closed_at__isnull", True)),
                                fields=("citizen", "kind"),
                                name="one_open_request_of_a_kind",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("closed_at__isnull", True), ("answer__isnull", False), _connector="OR"
                                ),
                                name="closed_request_has_an_answer",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RevealRule",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "an_hour",
                            models.PositiveSmallIntegerField(
                                default=30,
                                validators=[
                                    django.core.validators.MinValueValidator(1),
                                    django.core.validators.MaxValueValidator(1000),
                                ],
                                verbose_name="fields within an hour",
                            ),
                        ),
                        (
                            "a_day",
                            models.PositiveSmallIntegerField(
                                default=120,
                                validators=[
                                    django.core.validators.MinValueValidator(1),
                                    django.core.validators.MaxValueValidator(5000),
                                ],
                                verbose_name="fields within 24 hours",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "limit of showing personal fields",
                        "verbose_name_plural": "limit of showing personal fields",
                        "constraints": [
                            models.CheckConstraint(condition=models.Q(("pk", 1)), name="one_reveal_rule"),
                            models.CheckConstraint(
                                condition=models.Q(("a_day__gte", models.F("an_hour")), ("an_hour__gte", 1)),
                                name="a_day_takes_what_an_hour_takes",
                                violation_error_message="Within 24 hours at least as many as within an hour.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Review",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("possibly_same", "Possibly the same person"),
                                    ("number_claimed", "Number claimed by another person"),
                                ],
                                max_length=20,
                                verbose_name="kind",
                            ),
                        ),
                        ("opened_at", models.DateTimeField(verbose_name="opened at")),
                        ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed at")),
                        ("answer", models.TextField(blank=True, verbose_name="what was found")),
                        ("taken_at", models.DateTimeField(blank=True, null=True, verbose_name="taken at")),
                        (
                            "citizen",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="reviews",
                                to="registry.citizen",
                                verbose_name="person",
                            ),
                        ),
                        (
                            "closed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="closed by",
                            ),
                        ),
                        (
                            "other",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="registry.citizen",
                                verbose_name="person on record",
                            ),
                        ),
                        (
                            "taken_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="taken by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "item to look at",
                        "verbose_name_plural": "items to look at",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("closed_at__isnull", True)),
                                fields=["opened_at"],
                                name="review_waits",
                            ),
                            models.Index(fields=["opened_at"], name="review_oldest"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("closed_at__isnull", True)),
                                fields=("kind", "citizen", "other"),
                                name="one_open_review_per_pair",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("citizen", models.F("other")), _negated=True),
                                name="review_is_of_two_people",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Revocation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("since", models.DateTimeField(verbose_name="since")),
                        ("reason", models.TextField(verbose_name="reason")),
                        ("paper", models.BooleanField(default=False, verbose_name="paper pass as well")),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="by",
                            ),
                        ),
                        (
                            "citizen",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="revocations",
                                to="registry.citizen",
                                verbose_name="person",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "revocation",
                        "verbose_name_plural": "revocations",
                        "indexes": [models.Index(fields=["since"], name="revocation_since")],
                    },
                ),
                migrations.CreateModel(
                    name="SafeNumber",
                    fields=[
                        (
                            "text",
                            models.CharField(
                                max_length=6, primary_key=True, serialize=False, verbose_name="safe number"
                            ),
                        ),
                        (
                            "phone",
                            registry.fields.EncryptedTextField(purpose="safe_number.phone", verbose_name="phone"),
                        ),
                        ("phone_index", models.BinaryField()),
                        ("issued_at", models.DateTimeField(verbose_name="issued at")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="ended at")),
                        (
                            "held_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="registry.citizen",
                                verbose_name="held by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "safe number",
                        "verbose_name_plural": "safe numbers",
                        "indexes": [models.Index(fields=["-issued_at"], name="safe_number_newest")],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at__isnull", True)),
                                fields=("phone_index",),
                                name="one_safe_number_per_number",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SavedFilter",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("desk", models.CharField(max_length=60, verbose_name="list")),
                        ("name", models.CharField(max_length=40, verbose_name="name")),
                        ("query", models.CharField(max_length=1000, verbose_name="filter")),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="saved_filters",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="user",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "saved filter",
                        "verbose_name_plural": "saved filters",
                        "ordering": ["name"],
                        "constraints": [
                            models.UniqueConstraint(fields=("user", "desk", "name"), name="one_saved_filter_of_a_name")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Spent",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("day", models.DateField()),
                        ("shard", models.PositiveSmallIntegerField()),
                        ("count", models.PositiveIntegerField(default=0)),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("day", "shard"), name="one_count_a_shard")],
                    },
                ),
                migrations.CreateModel(
                    name="Spreading",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
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
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="by",
                            ),
                        ),
                        (
                            "outage",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="spreadings",
                                to="registry.outage",
                                verbose_name="outage",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "spreading of due dates",
                        "verbose_name_plural": "spreadings of due dates",
                        "ordering": ["-started_at"],
                    },
                ),
                migrations.CreateModel(
                    name="Tally",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
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
                        (
                            "provider",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="tallies",
                                to="registry.provider",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("minute", "provider", "what", "detail", "shard"), name="one_tally_a_shard"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PassRecord",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("vaccination", "Vaccination"),
                                    ("pcr_negative", "Negative PCR test"),
                                    ("recovery", "Recovery"),
                                    ("exemption", "Medical exemption"),
                                ],
                                max_length=20,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "day",
                            models.DateField(
                                help_text="Day of the dose, of release from isolation, or from which the exemption holds.",
                                verbose_name="day",
                            ),
                        ),
                        ("dose", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="dose")),
                        ("result_at", models.DateTimeField(blank=True, null=True, verbose_name="time of the result")),
                        ("immunodeficiency", models.BooleanField(default=False, verbose_name="for immunodeficiency")),
                        ("issuer", models.CharField(max_length=80, verbose_name="issued by")),
                        ("certificate_number", models.CharField(max_length=40, verbose_name="certificate number")),
                        ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                        (
                            "revoked_at",
                            models.DateTimeField(blank=True, editable=False, null=True, verbose_name="revoked at"),
                        ),
                        (
                            "revoke_reason",
                            models.TextField(blank=True, editable=False, verbose_name="reason for revoking"),
                        ),
                        (
                            "citizen",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="records",
                                to="registry.citizen",
                                verbose_name="person",
                            ),
                        ),
                        (
                            "imported_in",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                to="registry.import",
                                verbose_name="import",
                            ),
                        ),
                        (
                            "vaccine",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                to="registry.vaccine",
                                verbose_name="vaccine",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "pass record",
                        "verbose_name_plural": "pass records",
                        "indexes": [
                            models.Index(fields=["certificate_number"], name="record_certificate"),
                            models.Index(
                                condition=models.Q(("imported_in__isnull", False)),
                                fields=["imported_in", "id"],
                                name="record_import",
                            ),
                            models.Index(
                                condition=models.Q(("revoked_at__isnull", True)), fields=["day"], name="record_day"
                            ),
                            models.Index(
                                condition=models.Q(("kind", "vaccination"), _negated=True),
                                fields=["kind", "-id"],
                                name="record_kind",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("revoked_at__isnull", True)),
                                fields=("issuer", "certificate_number"),
                                name="certificate_number_is_unique_per_issuer",
                                violation_error_message="This issuer has already used this certificate number.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind", "vaccination"), _negated=True),
                                    models.Q(("dose__gte", 1), ("vaccine__isnull", False)),
                                    _connector="OR",
                                ),
                                name="vaccination_has_vaccine_and_dose",
                                violation_error_message="A vaccination needs the vaccine and the number of the dose.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("kind", "vaccination"),
                                    models.Q(("dose__isnull", True), ("vaccine__isnull", True)),
                                    _connector="OR",
                                ),
                                name="only_vaccination_has_vaccine",
                                violation_error_message="Only a vaccination has a vaccine and a dose.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind", "pcr_negative"), ("result_at__isnull", False)),
                                    models.Q(
                                        models.Q(("kind", "pcr_negative"), _negated=True), ("result_at__isnull", True)
                                    ),
                                    _connector="OR",
                                ),
                                name="pcr_has_time_of_result",
                                violation_error_message="A PCR test, and nothing else, has the time of its result.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalPassRecord",
                    fields=[
                        ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("vaccination", "Vaccination"),
                                    ("pcr_negative", "Negative PCR test"),
                                    ("recovery", "Recovery"),
                                    ("exemption", "Medical exemption"),
                                ],
                                max_length=20,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "day",
                            models.DateField(
                                help_text="Day of the dose, of release from isolation, or from which the exemption holds.",
                                verbose_name="day",
                            ),
                        ),
                        ("dose", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="dose")),
                        ("result_at", models.DateTimeField(blank=True, null=True, verbose_name="time of the result")),
                        ("immunodeficiency", models.BooleanField(default=False, verbose_name="for immunodeficiency")),
                        ("issuer", models.CharField(max_length=80, verbose_name="issued by")),
                        ("certificate_number", models.CharField(max_length=40, verbose_name="certificate number")),
                        ("created_at", models.DateTimeField(blank=True, editable=False, verbose_name="created at")),
                        (
                            "revoked_at",
                            models.DateTimeField(blank=True, editable=False, null=True, verbose_name="revoked at"),
                        ),
                        (
                            "revoke_reason",
                            models.TextField(blank=True, editable=False, verbose_name="reason for revoking"),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        ("history_change_reason", models.CharField(max_length=100, null=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                            ),
                        ),
                        (
                            "citizen",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="registry.citizen",
                                verbose_name="person",
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "vaccine",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="registry.vaccine",
                                verbose_name="vaccine",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical pass record",
                        "verbose_name_plural": "historical pass records",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Verification",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        (
                            "phone",
                            registry.fields.EncryptedTextField(purpose="verification.phone", verbose_name="phone"),
                        ),
                        ("phone_index", models.BinaryField()),
                        ("address_index", models.BinaryField()),
                        ("started_at", models.DateTimeField(verbose_name="started at")),
                        ("tries_left", models.PositiveSmallIntegerField(default=5, verbose_name="tries left")),
                        ("confirmed_at", models.DateTimeField(null=True, verbose_name="confirmed at")),
                        (
                            "partner",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="registry.partner",
                                verbose_name="partner app",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "phone check",
                        "verbose_name_plural": "phone checks",
                        "indexes": [
                            models.Index(fields=["phone_index", "started_at"], name="verification_number"),
                            models.Index(fields=["-started_at"], name="verification_newest"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Code",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("hash", models.BinaryField()),
                        ("phone_index", models.BinaryField()),
                        ("address_index", models.BinaryField()),
                        ("prefix_index", models.BinaryField(null=True)),
                        ("created_at", models.DateTimeField()),
                        (
                            "message",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="code",
                                to="registry.message",
                            ),
                        ),
                        (
                            "verification",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="codes",
                                to="registry.verification",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["phone_index", "created_at"], name="code_number"),
                            models.Index(fields=["address_index", "created_at"], name="code_address"),
                            models.Index(fields=["prefix_index", "-created_at"], name="code_prefix"),
                        ],
                    },
                ),
            ],
        ),
    ]
