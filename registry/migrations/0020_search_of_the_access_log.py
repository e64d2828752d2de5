import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.contrib.postgres.search import SearchVector
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # evidence is written meanwhile

    dependencies = [
        ("registry", "0019_month_reviews"),
    ]

    operations = [
        # What a clerk did, newest first; deeds of citizens and of the system itself, which are most, are not in it.
        AddIndexConcurrently(
            model_name="event",
            index=models.Index(
                condition=models.Q(("actor__isnull", False)), fields=["actor", "-at"], name="event_actor"
            ),
        ),
        # Words of reasons, which clerks alone give.
        AddIndexConcurrently(
            model_name="event",
            index=GinIndex(
                SearchVector("reason", config="simple"),
                condition=models.Q(("reason", ""), _negated=True),
                name="event_reason",
            ),
        ),
        migrations.AlterField(
            model_name="event",
            name="actor",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="who",
            ),
        ),
    ]
