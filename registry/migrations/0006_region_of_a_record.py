from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry", "0005_users_of_a_region")]

    operations = [
        migrations.AddField(
            model_name="passrecord",
            name="region",
            field=models.CharField(db_default="", default="", editable=False, max_length=5, verbose_name="region"),
        ),
    ]
