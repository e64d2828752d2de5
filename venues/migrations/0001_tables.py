import uuid

import django.core.validators
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import config.tables
import registry.fields
import venues.fields
import venues.models.places


class Migration(migrations.Migration):
    replaces = [
        ("venues", "0001_facts"),
        ("venues", "0002_onboarding"),
        ("venues", "0003_scanner_state"),
        ("venues", "0004_assumed_stay"),
        ("venues", "0005_paper_lists"),
        ("venues", "0006_posters"),
        ("venues", "0007_changes_of_name"),
        ("venues", "0008_same_place"),
        ("venues", "0009_lists_of_places"),
    ]

    initial = True

    dependencies = [
        ("registry", "0002_tables"),
    ]

    operations = [
        config.tables.CreateTables(
            tables=[
                migrations.CreateModel(
                    name="Account",
                    fields=[
                        (
                            "user",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="account",
                                serialize=False,
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="user",
                            ),
                        ),
                        ("name", registry.fields.EncryptedTextField(purpose="account.name", verbose_name="name")),
                        ("phone", registry.fields.EncryptedTextField(purpose="account.phone", verbose_name="phone")),
                        ("phone_index", models.BinaryField(unique=True)),
                        ("proven_at", models.DateTimeField(verbose_name="number proven at")),
                        ("terms", models.CharField(max_length=10, verbose_name="version of the terms")),
                        ("agreed_at", models.DateTimeField(verbose_name="agreed at")),
                    ],
                    options={
                        "verbose_name": "portal account",
                        "verbose_name_plural": "portal accounts",
                    },
                ),
                migrations.CreateModel(
                    name="Operator",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=80, verbose_name="name")),
                        (
                            "business_number",
                            models.CharField(
                                blank=True,
                                max_length=12,
                                null=True,
                                unique=True,
                                validators=[venues.models.places.validate_business_number],
                                verbose_name="business registration number",
                            ),
                        ),
                        ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                        ("has_venue", models.BooleanField(db_default=False, default=False, editable=False)),
                        (
                            "people",
                            models.ManyToManyField(
                                related_name="operators",
                                through="venues.Staff",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="staff",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "operator",
                        "verbose_name_plural": "operators",
                        "indexes": [
                            models.Index(fields=["name"], name="operator_name", opclasses=["varchar_pattern_ops"]),
                            models.Index(
                                condition=models.Q(("has_venue", False)), fields=["-id"], name="operator_without_venue"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Category",
                    fields=[
                        (
                            "code",
                            models.CharField(max_length=20, primary_key=True, serialize=False, verbose_name="code"),
                        ),
                        ("name_ko", models.CharField(max_length=60, verbose_name="name in Korean")),
                        ("name_en", models.CharField(max_length=60, verbose_name="name in English")),
                        ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
                        (
                            "stay",
                            models.PositiveSmallIntegerField(
                                db_default=60,
                                default=60,
                                help_text="Minutes, 10 to 600, where neither exits are scanned nor the owner has set another.",
                                validators=[
                                    django.core.validators.MinValueValidator(10),
                                    django.core.validators.MaxValueValidator(600),
                                ],
                                verbose_name="assumed stay",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "venue category",
                        "verbose_name_plural": "venue categories",
                        "ordering": ["position"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("stay__range", (10, 600))), name="category_stay_in_range"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Application",
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
                                    ("venue", "New venue"),
                                    ("category", "Change of category"),
                                    ("name", "Change of name"),
                                ],
                                default="venue",
                                max_length=10,
                                verbose_name="kind",
                            ),
                        ),
                        ("operator_name", models.CharField(max_length=80, verbose_name="name of the operator")),
                        (
                            "business_number",
                            models.CharField(
                                blank=True,
                                max_length=12,
                                validators=[venues.models.places.validate_business_number],
                                verbose_name="business registration number",
                            ),
                        ),
                        ("proof", models.CharField(blank=True, max_length=120, verbose_name="other proof")),
                        ("venue_name", models.CharField(max_length=80, verbose_name="name of the venue")),
                        ("region", models.CharField(max_length=5, verbose_name="region")),
                        ("address", models.CharField(max_length=160, verbose_name="address")),
                        ("capacity", models.PositiveIntegerField(null=True, verbose_name="capacity")),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("waiting", "Waiting for the agency"),
                                    ("asked", "Question to the owner"),
                                    ("approved", "Approved"),
                                    ("rejected", "Rejected"),
                                    ("withdrawn", "Withdrawn"),
                                ],
                                default="waiting",
                                max_length=10,
                                verbose_name="status",
                            ),
                        ),
                        ("sent_at", models.DateTimeField(verbose_name="sent at")),
                        ("decided_at", models.DateTimeField(null=True, verbose_name="decided at")),
                        (
                            "applicant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="applications",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="applicant",
                            ),
                        ),
                        (
                            "decided_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="decided by",
                            ),
                        ),
                        (
                            "category",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                to="venues.category",
                                verbose_name="category",
                            ),
                        ),
                        (
                            "operator",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="venues.operator",
                                verbose_name="operator",
                            ),
                        ),
                        (
                            "venue",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="applications",
                                to="venues.venue",
                                verbose_name="venue",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "application",
                        "verbose_name_plural": "applications",
                        "indexes": [
                            models.Index(fields=["-sent_at"], name="application_newest"),
                            models.Index(fields=["status", "sent_at"], name="application_status"),
                            models.Index(fields=["region"], name="application_region"),
                            models.Index(fields=["business_number"], name="application_number"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("kind", "venue"), ("venue__isnull", False), _connector="OR"),
                                name="change_of_category_names_its_venue",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("kind__in", ["category", "name"]), ("status__in", ["waiting", "asked"])
                                ),
                                fields=("venue", "kind"),
                                name="one_open_change_of_a_kind_per_venue",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("decided_at__isnull", True), ("status__in", ["waiting", "asked"])),
                                    models.Q(
                                        ("decided_at__isnull", False),
                                        ("status__in", ["approved", "rejected", "withdrawn"]),
                                    ),
                                    _connector="OR",
                                ),
                                name="decided_application_has_its_time",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoricalCategoryRule",
                    fields=[
                        ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                        ("asks", models.BooleanField(default=True, verbose_name="asks for a pass")),
                        ("asks_from", models.DateField(blank=True, null=True, verbose_name="from")),
                        ("asks_until", models.DateField(blank=True, null=True, verbose_name="until")),
                        (
                            "alone",
                            models.BooleanField(default=False, verbose_name="a guest without a pass may sit alone"),
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
                            "category",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="venues.category",
                                verbose_name="category",
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
                            "policy",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="registry.policyversion",
                                verbose_name="policy",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical category rule",
                        "verbose_name_plural": "historical category rules",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalOperator",
                    fields=[
                        ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                        ("name", models.CharField(max_length=80, verbose_name="name")),
                        (
                            "business_number",
                            models.CharField(
                                blank=True,
                                db_index=True,
                                max_length=12,
                                null=True,
                                validators=[venues.models.places.validate_business_number],
                                verbose_name="business registration number",
                            ),
                        ),
                        ("created_at", models.DateTimeField(blank=True, editable=False, verbose_name="created at")),
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
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical operator",
                        "verbose_name_plural": "historical operators",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="HistoricalVenue",
                    fields=[
                        ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                        ("name", models.CharField(max_length=80, verbose_name="name")),
                        ("region", models.CharField(max_length=5, verbose_name="region")),
                        ("address", models.CharField(blank=True, max_length=160, verbose_name="address")),
                        (
                            "capacity",
                            models.PositiveIntegerField(
                                blank=True, help_text="People at a time.", null=True, verbose_name="capacity"
                            ),
                        ),
                        ("hours", models.JSONField(blank=True, default=dict, verbose_name="opening hours")),
                        (
                            "stay",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                help_text="Minutes; empty: as in the category.",
                                null=True,
                                validators=[
                                    django.core.validators.MinValueValidator(10),
                                    django.core.validators.MaxValueValidator(600),
                                ],
                                verbose_name="assumed stay",
                            ),
                        ),
                        (
                            "scans_exits",
                            models.BooleanField(db_default=False, default=False, verbose_name="exits are scanned"),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("suspended", "Suspended"),
                                    ("closed", "Closed by the owner"),
                                ],
                                default="open",
                                editable=False,
                                max_length=10,
                                verbose_name="status",
                            ),
                        ),
                        ("created_at", models.DateTimeField(blank=True, editable=False, verbose_name="created at")),
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
                            "category",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="venues.category",
                                verbose_name="category",
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
                            "operator",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="venues.operator",
                                verbose_name="operator",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical venue",
                        "verbose_name_plural": "historical venues",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="PairingTries",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("address_index", models.BinaryField()),
                        ("window", models.DateTimeField()),
                        ("tries", models.PositiveIntegerField(default=0)),
                    ],
                    options={
                        "indexes": [models.Index(fields=["window"], name="pairing_tries_window")],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("address_index", "window"), name="one_row_per_address_and_window"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PosterTries",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key_index", models.BinaryField()),
                        ("window", models.DateTimeField()),
                        ("tries", models.PositiveIntegerField(default=0)),
                    ],
                    options={
                        "indexes": [models.Index(fields=["window"], name="poster_tries_window")],
                        "constraints": [
                            models.UniqueConstraint(fields=("key_index", "window"), name="one_row_per_key_and_window")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Remark",
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
                                    ("question", "Question of the agency"),
                                    ("answer", "Answer of the owner"),
                                    ("reason", "Reason"),
                                ],
                                max_length=10,
                                verbose_name="kind",
                            ),
                        ),
                        ("text", models.TextField(verbose_name="text")),
                        ("at", models.DateTimeField(verbose_name="at")),
                        (
                            "application",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="remarks",
                                to="venues.application",
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "remark",
                        "verbose_name_plural": "remarks",
                        "ordering": ["at", "pk"],
                    },
                ),
                migrations.CreateModel(
                    name="Staff",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "role",
                            models.CharField(
                                choices=[("owner", "Owner"), ("manager", "Manager"), ("door", "Door")],
                                default="owner",
                                max_length=10,
                                verbose_name="role",
                            ),
                        ),
                        (
                            "operator",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="staff",
                                to="venues.operator",
                                verbose_name="operator",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="user",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "staff member",
                        "verbose_name_plural": "staff",
                        "constraints": [
                            models.UniqueConstraint(fields=("operator", "user"), name="one_part_per_user_and_operator")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Venue",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=80, verbose_name="name")),
                        ("region", models.CharField(max_length=5, verbose_name="region")),
                        ("address", models.CharField(blank=True, max_length=160, verbose_name="address")),
                        (
                            "capacity",
                            models.PositiveIntegerField(
                                blank=True, help_text="People at a time.", null=True, verbose_name="capacity"
                            ),
                        ),
                        ("hours", models.JSONField(blank=True, default=dict, verbose_name="opening hours")),
                        (
                            "stay",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                help_text="Minutes; empty: as in the category.",
                                null=True,
                                validators=[
                                    django.core.validators.MinValueValidator(10),
                                    django.core.validators.MaxValueValidator(600),
                                ],
                                verbose_name="assumed stay",
                            ),
                        ),
                        (
                            "scans_exits",
                            models.BooleanField(db_default=False, default=False, verbose_name="exits are scanned"),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("suspended", "Suspended"),
                                    ("closed", "Closed by the owner"),
                                ],
                                default="open",
                                editable=False,
                                max_length=10,
                                verbose_name="status",
                            ),
                        ),
                        ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                        (
                            "category",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                to="venues.category",
                                verbose_name="category",
                            ),
                        ),
                        (
                            "operator",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="venues",
                                to="venues.operator",
                                verbose_name="operator",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "venue",
                        "verbose_name_plural": "venues",
                        "indexes": [
                            models.Index(fields=["name"], name="venue_name"),
                            models.Index(fields=["region"], name="venue_region"),
                            models.Index(
                                condition=models.Q(("status", "open"), _negated=True),
                                fields=["status", "-id"],
                                name="venue_status",
                            ),
                            models.Index(
                                models.F("region"), venues.fields.PlainColumn("address"), name="venue_same_address"
                            ),
                            models.Index(models.F("region"), venues.fields.PlainColumn("name"), name="venue_same_name"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("stay", None), ("stay__range", (10, 600)), _connector="OR"),
                                name="venue_stay_in_range",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Scanner",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=40, verbose_name="name")),
                        ("token_hash", models.BinaryField(unique=True)),
                        ("paired_at", models.DateTimeField(verbose_name="paired at")),
                        ("seen_at", models.DateTimeField(null=True, verbose_name="last seen at")),
                        ("revoked_at", models.DateTimeField(null=True, verbose_name="revoked at")),
                        (
                            "received",
                            registry.fields.BigIntegerMultiRangeField(db_default=models.Value("{}"), editable=False),
                        ),
                        (
                            "state",
                            models.JSONField(
                                db_default=models.Value({}, models.JSONField()),
                                default=dict,
                                verbose_name="what it told of itself",
                            ),
                        ),
                        ("told_at", models.DateTimeField(null=True)),
                        ("gap_since", models.DateTimeField(null=True)),
                        (
                            "by_hand",
                            models.BooleanField(db_default=False, default=False, verbose_name="for lists on paper"),
                        ),
                        (
                            "paired_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="paired by",
                            ),
                        ),
                        (
                            "replaces",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="replaced_by",
                                to="venues.scanner",
                                verbose_name="took the place of",
                            ),
                        ),
                        (
                            "venue",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="scanners",
                                to="venues.venue",
                                verbose_name="venue",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "scanner",
                        "verbose_name_plural": "scanners",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("by_hand", True)),
                                fields=("venue",),
                                name="one_scanner_for_paper_per_venue",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Poster",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.PositiveIntegerField(verbose_name="number")),
                        ("code", models.CharField(max_length=1024, verbose_name="code")),
                        ("made_at", models.DateTimeField(verbose_name="made at")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="ended at")),
                        (
                            "made_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="made by",
                            ),
                        ),
                        (
                            "venue",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="posters",
                                to="venues.venue",
                                verbose_name="venue",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "poster",
                        "verbose_name_plural": "posters",
                        "constraints": [
                            models.UniqueConstraint(fields=("venue", "number"), name="one_poster_per_number"),
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at__isnull", True)),
                                fields=("venue",),
                                name="one_good_poster_per_venue",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PairingCode",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("scanner_name", models.CharField(max_length=40, verbose_name="name of the scanner")),
                        ("code_index", models.BinaryField(unique=True)),
                        ("expires_at", models.DateTimeField()),
                        ("used_at", models.DateTimeField(null=True)),
                        (
                            "made_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "replaces",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="venues.scanner",
                            ),
                        ),
                        (
                            "venue",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, to="venues.venue", verbose_name="venue"
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="CategoryRule",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("asks", models.BooleanField(default=True, verbose_name="asks for a pass")),
                        ("asks_from", models.DateField(blank=True, null=True, verbose_name="from")),
                        ("asks_until", models.DateField(blank=True, null=True, verbose_name="until")),
                        (
                            "alone",
                            models.BooleanField(default=False, verbose_name="a guest without a pass may sit alone"),
                        ),
                        (
                            "category",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="rules",
                                to="venues.category",
                                verbose_name="category",
                            ),
                        ),
                        (
                            "policy",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="category_rules",
                                to="registry.policyversion",
                                verbose_name="policy",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "category rule",
                        "verbose_name_plural": "category rules",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("policy", "category"), name="one_rule_per_policy_and_category"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("asks_from__isnull", True),
                                    ("asks_until__isnull", True),
                                    ("asks_from__lte", models.F("asks_until")),
                                    _connector="OR",
                                ),
                                name="category_rule_days_in_order",
                                violation_error_message="The first day must not lie after the last.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Document",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        (
                            "kind",
                            models.CharField(
                                choices=[("image", "Photo"), ("pdf", "PDF")], max_length=10, verbose_name="kind"
                            ),
                        ),
                        ("size", models.PositiveIntegerField(verbose_name="size")),
                        ("at", models.DateTimeField(verbose_name="at")),
                        (
                            "application",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="documents",
                                to="venues.application",
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "document",
                        "verbose_name_plural": "documents",
                        "indexes": [models.Index(fields=["at"], name="document_age")],
                    },
                ),
                migrations.CreateModel(
                    name="Invitation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "role",
                            models.CharField(
                                choices=[("manager", "Manager"), ("door", "Door")], max_length=10, verbose_name="role"
                            ),
                        ),
                        ("phone", registry.fields.EncryptedTextField(purpose="invitation.phone", verbose_name="phone")),
                        ("token_hash", models.BinaryField(unique=True)),
                        ("created_at", models.DateTimeField(verbose_name="created at")),
                        ("expires_at", models.DateTimeField(verbose_name="good until")),
                        ("used_at", models.DateTimeField(null=True)),
                        ("withdrawn_at", models.DateTimeField(null=True)),
                        (
                            "made_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "used_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "operator",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="invitations",
                                to="venues.operator",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "invitation",
                        "verbose_name_plural": "invitations",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("role__in", ["manager", "door"])), name="nobody_is_invited_as_owner"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PaperList",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.UUIDField(editable=False, unique=True)),
                        ("digest", models.BinaryField()),
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
            ],
        ),
    ]
