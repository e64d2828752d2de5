import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import registry.fields


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0012_records_by_day"),
    ]

    operations = [
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
            },
        ),
        migrations.CreateModel(
            name="JobFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
            },
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(fields=["-asked_at"], name="job_newest"),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(condition=models.Q(("state", "under_way")), fields=["asked_at"], name="job_unfinished"),
        ),
        migrations.AddConstraint(
            model_name="job",
            constraint=models.CheckConstraint(
                condition=models.Q(("state", "under_way"), ("finished_at__isnull", False), _connector="XOR"),
                name="job_ends_with_a_moment",
            ),
        ),
        migrations.AddConstraint(
            model_name="jobfile",
            constraint=models.UniqueConstraint(fields=("job", "role"), name="one_file_of_a_role"),
        ),
    ]
