from django.db import migrations

PART = 20_000  # records, and a commit after each part, so that nobody waits for long
FILL = """
    UPDATE registry_passrecord r SET region = c.region FROM registry_citizen c
    WHERE c.id = r.citizen_id AND r.id > %s AND r.id <= %s AND r.region <> c.region"""


def fill(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM registry_passrecord")
        [last] = cursor.fetchone()
        for start in range(0, last, PART):
            cursor.execute(FILL, [start, start + PART])


class Migration(migrations.Migration):
    """Records of before know the region as well. Done again, it takes up what is left."""

    atomic = False

    dependencies = [("registry", "0006_records_know_the_region")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
