import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import config.tables
import registry.fields


class Migration(migrations.Migration):
    replaces = [
        ("checkins", "0001_facts"),
        ("checkins", "0003_reasons_of_counts"),
        ("checkins", "0004_refusals"),
        ("checkins", "0006_figures_of_destructions"),
        ("checkins", "0007_legal_holds"),
        ("checkins", "0008_hour_counts_by_day"),
        ("checkins", "0009_traces"),
        ("checkins", "0010_hour_counts_by_verdict"),
        ("checkins", "0011_sightings_of_traces"),
        ("checkins", "0012_hour_counts_of_a_region"),
    ]

    initial = True

    dependencies = [
        ("venues", "0001_tables"),
    ]

    operations = [
        config.tables.CreateTables(
            tables=[
                migrations.CreateModel(
                    name="Entry",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "day",
                                "subject",
                                "t",
                                "venue",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("day", models.DateField(verbose_name="day")),
                        ("subject", models.BinaryField(verbose_name="pseudonym")),
                        ("venue", models.BigIntegerField(verbose_name="venue")),
                        ("scanner", models.BigIntegerField(verbose_name="scanner")),
                        ("seq", models.BigIntegerField(null=True, verbose_name="sequence number")),
                        ("t", models.BigIntegerField(verbose_name="second of the proof")),
                        ("seen_at", models.DateTimeField(verbose_name="seen at")),
                        ("received_at", models.DateTimeField(verbose_name="received at")),
                        (
                            "method",
                            models.CharField(
                                choices=[
                                    ("qr", "QR code"),
                                    ("paper", "Paper pass"),
                                    ("hand", "By hand"),
                                    ("poster", "Poster"),
                                    ("group", "Group"),
                                ],
                                max_length=10,
                                verbose_name="method",
                            ),
                        ),
                        (
                            "direction",
                            models.CharField(
                                choices=[("in", "In"), ("out", "Out")], max_length=3, verbose_name="direction"
                            ),
                        ),
                        ("flags", models.SmallIntegerField(default=0, verbose_name="flags")),
                    ],
                    options={
                        "verbose_name": "entry",
                        "verbose_name_plural": "entries",
                        "db_table": "checkins_entry",
                        "managed": False,
                    },
                ),
                migrations.CreateModel(
                    name="DeadLetter",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("seq", models.BigIntegerField(verbose_name="sequence number")),
                        ("at", models.DateTimeField(verbose_name="scanned at")),
                        ("reason", models.CharField(max_length=20, verbose_name="reason")),
                        ("received_at", models.DateTimeField(verbose_name="received at")),
                        (
                            "scanner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, to="venues.scanner", verbose_name="scanner"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "refused scan",
                        "verbose_name_plural": "refused scans",
                        "indexes": [models.Index(fields=["-received_at"], name="dead_letter_newest")],
                        "constraints": [
                            models.UniqueConstraint(fields=("scanner", "seq"), name="one_dead_letter_per_scan")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Destruction",
                    fields=[
                        ("day", models.DateField(primary_key=True, serialize=False, verbose_name="day")),
                        ("intended_at", models.DateTimeField(verbose_name="refused from")),
                        ("key_deleted_at", models.DateTimeField(null=True, verbose_name="key deleted at")),
                        ("detached_at", models.DateTimeField(null=True, verbose_name="detached at")),
                        ("dropped_at", models.DateTimeField(null=True, verbose_name="dropped at")),
                        ("done_at", models.DateTimeField(null=True, verbose_name="done at")),
                        (
                            "cause",
                            models.CharField(
                                choices=[
                                    ("nightly", "by the nightly run, the period being over"),
                                    ("replayed", "after a restore, by the register of destroyed days"),
                                ],
                                db_default="nightly",
                                default="nightly",
                                max_length=10,
                                verbose_name="destroyed",
                            ),
                        ),
                        ("counted", models.PositiveBigIntegerField(null=True, verbose_name="entries counted")),
                        ("size", models.PositiveBigIntegerField(null=True, verbose_name="size in bytes")),
                        (
                            "key_fingerprint",
                            models.CharField(
                                blank=True,
                                db_default="",
                                default="",
                                max_length=32,
                                verbose_name="fingerprint of the key",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "destroyed day",
                        "verbose_name_plural": "destroyed days",
                        "ordering": ["-day"],
                    },
                ),
                migrations.CreateModel(
                    name="Finding",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        ("body", registry.fields.EncryptedTextField(purpose="trace.finding")),
                        ("notified_at", models.DateTimeField(null=True)),
                        (
                            "message",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="registry.message",
                            ),
                        ),
                        (
                            "trace",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="findings",
                                to="checkins.trace",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("trace", "number"), name="one_finding_of_a_number")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HourCount",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("day", models.DateField(verbose_name="day")),
                        ("hour", models.PositiveSmallIntegerField(verbose_name="hour")),
                        ("verdict", models.CharField(max_length=12, verbose_name="verdict")),
                        (
                            "method",
                            models.CharField(
                                choices=[
                                    ("qr", "QR code"),
                                    ("paper", "Paper pass"),
                                    ("hand", "By hand"),
                                    ("poster", "Poster"),
                                    ("group", "Group"),
                                ],
                                max_length=10,
                                verbose_name="method",
                            ),
                        ),
                        (
                            "direction",
                            models.CharField(
                                choices=[("in", "In"), ("out", "Out")], max_length=3, verbose_name="direction"
                            ),
                        ),
                        ("admitted", models.BooleanField(verbose_name="admitted")),
                        (
                            "reason",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("no_phone", "The phone is off, broken or left behind"),
                                    ("no_network", "The pass needs a network that is missing"),
                                    ("unreadable", "The code cannot be read"),
                                    ("other_proof", "Another proof was shown"),
                                    ("other", "Another reason"),
                                    ("card", "The card does not fit"),
                                ],
                                db_default="",
                                default="",
                                max_length=12,
                                verbose_name="reason",
                            ),
                        ),
                        ("count", models.PositiveIntegerField(verbose_name="count")),
                        (
                            "venue",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, to="venues.venue", verbose_name="venue"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "hour count",
                        "verbose_name_plural": "hour counts",
                        "indexes": [
                            models.Index(fields=["day", "id"], name="hour_count_day"),
                            models.Index(
                                condition=models.Q(("verdict", "PASS"), _negated=True),
                                fields=["verdict", "-day", "-id"],
                                name="hour_count_verdict_day",
                            ),
                            models.Index(
                                condition=models.Q(("verdict", "PASS"), _negated=True),
                                fields=["venue", "verdict"],
                                name="hour_count_venue_verdict",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("venue", "day", "hour", "verdict", "method", "direction", "admitted", "reason"),
                                name="one_count_per_hour",
                            ),
                            models.CheckConstraint(condition=models.Q(("hour__lte", 23)), name="hour_of_a_day"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LegalHold",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("first_day", models.DateField(verbose_name="first day")),
                        ("last_day", models.DateField(verbose_name="last day")),
                        ("case_number", models.CharField(max_length=40, verbose_name="case number")),
                        ("reason", models.TextField(verbose_name="reason")),
                        ("until", models.DateField(verbose_name="kept through")),
                        ("asked_at", models.DateTimeField(verbose_name="asked at")),
                        ("granted_at", models.DateTimeField(null=True, verbose_name="granted at")),
                        ("released_at", models.DateTimeField(null=True, verbose_name="released at")),
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
                            "released_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="released by",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "legal hold",
                        "verbose_name_plural": "legal holds",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("first_day__lte", models.F("last_day"))),
                                name="hold_ends_behind_start",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("granted_by__isnull", True),
                                    models.Q(("granted_by", models.F("asked_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="hold_is_granted_by_another",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Refusal",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("seq", models.BigIntegerField(null=True, verbose_name="sequence number")),
                        ("at", models.DateTimeField(verbose_name="scanned at")),
                        ("verdict", models.CharField(max_length=12, verbose_name="verdict")),
                        (
                            "reason",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("no_phone", "The phone is off, broken or left behind"),
                                    ("no_network", "The pass needs a network that is missing"),
                                    ("unreadable", "The code cannot be read"),
                                    ("other_proof", "Another proof was shown"),
                                    ("other", "Another reason"),
                                    ("card", "The card does not fit"),
                                ],
                                max_length=12,
                                verbose_name="reason",
                            ),
                        ),
                        ("reference", models.CharField(max_length=8, verbose_name="reference")),
                        (
                            "scanner",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                to="venues.scanner",
                                verbose_name="scanner",
                            ),
                        ),
                        (
                            "venue",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                to="venues.venue",
                                verbose_name="venue",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "refusal",
                        "verbose_name_plural": "refusals",
                        "indexes": [
                            models.Index(fields=["reference"], name="refusal_reference"),
                            models.Index(fields=["venue", "-at"], name="refusal_venue_newest"),
                            models.Index(fields=["-at"], name="refusal_newest"),
                            models.Index(fields=["verdict", "-at"], name="refusal_verdict"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("scanner", "seq"), name="one_refusal_per_scan")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Sightings",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        ("body", registry.fields.EncryptedTextField(purpose="trace.sightings")),
                        (
                            "trace",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="sightings",
                                to="checkins.trace",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("trace", "number"), name="one_stretch_of_a_number")
                        ],
                    },
                ),
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
                        "indexes": [models.Index(fields=["-asked_at"], name="trace_newest")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("granted_by__isnull", True),
                                    models.Q(("granted_by", models.F("asked_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="trace_is_granted_by_another",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("citizen__isnull", False), ("kind", "person"), ("venue__isnull", True)),
                                    models.Q(("citizen__isnull", True), ("kind", "venue"), ("venue__isnull", False)),
                                    _connector="OR",
                                ),
                                name="trace_is_of_a_person_or_a_venue",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("since__lt", models.F("until"))), name="trace_has_a_window"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("found_at__isnull", True), ("granted_by__isnull", False), _connector="OR"
                                ),
                                name="trace_found_was_granted",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Undone",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("seq", models.BigIntegerField(verbose_name="sequence number")),
                        ("by_seq", models.BigIntegerField(verbose_name="taken back by number")),
                        ("at", models.DateTimeField(verbose_name="scanned at")),
                        ("verdict", models.CharField(blank=True, max_length=12, verbose_name="verdict")),
                        (
                            "method",
                            models.CharField(
                                choices=[
                                    ("qr", "QR code"),
                                    ("paper", "Paper pass"),
                                    ("hand", "By hand"),
                                    ("poster", "Poster"),
                                    ("group", "Group"),
                                ],
                                max_length=10,
                                verbose_name="method",
                            ),
                        ),
                        (
                            "direction",
                            models.CharField(
                                choices=[("in", "In"), ("out", "Out")], max_length=3, verbose_name="direction"
                            ),
                        ),
                        ("admitted", models.BooleanField(verbose_name="admitted")),
                        ("people", models.PositiveSmallIntegerField(verbose_name="people")),
                        ("taken", models.BooleanField(verbose_name="was counted")),
                        ("received_at", models.DateTimeField(verbose_name="received at")),
                        (
                            "scanner",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                to="venues.scanner",
                                verbose_name="scanner",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "scan taken back",
                        "verbose_name_plural": "scans taken back",
                        "indexes": [models.Index(fields=["-received_at"], name="undone_newest")],
                        "constraints": [
                            models.UniqueConstraint(fields=("scanner", "seq"), name="one_undoing_per_scan")
                        ],
                    },
                ),
            ],
        ),
    ]
