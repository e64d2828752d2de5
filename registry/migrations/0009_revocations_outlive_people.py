import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0008_sms_failover"),
    ]

    operations = [
        migrations.AlterField(
            model_name="revocation",
            name="citizen",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="revocations",
                to="registry.citizen",
                verbose_name="person",
            ),
        ),
    ]
