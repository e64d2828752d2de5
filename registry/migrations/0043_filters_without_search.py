"""What was searched for, which may be a name or a number, is taken out of saved filters."""

from urllib.parse import parse_qsl, urlencode

from django.db import migrations


def leave_out(apps, schema_editor):
    saved = apps.get_model("registry", "SavedFilter")
    for row in saved.objects.filter(query__regex="(^|&)q="):
        kept = urlencode([(key, value) for key, value in parse_qsl(row.query) if key != "q"])
        saved.objects.filter(pk=row.pk).update(query=kept) if kept else row.delete()


class Migration(migrations.Migration):
    dependencies = [("registry", "0042_register_of_leavings")]

    operations = [migrations.RunPython(leave_out, migrations.RunPython.noop)]
