from django.db import migrations, transaction

PART = 2_000  # records, and a commit after each part, so that nobody waits for long
HOLD = """
    SELECT FROM registry_citizen WHERE id IN (SELECT citizen_id FROM registry_passrecord WHERE id > %s AND id <= %s)
    ORDER BY id FOR KEY SHARE"""  # people before records, as all do who hold both
FILL = """
    UPDATE registry_passrecord r SET region = c.region FROM registry_citizen c
    WHERE c.id = r.citizen_id AND r.id > %s AND r.id <= %s AND r.region <> c.region"""


def fill(apps, schema_editor):
    alias = schema_editor.connection.alias
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM registry_passrecord")
        [last] = cursor.fetchone()
        for start in range(0, last, PART):
            with transaction.atomic(using=alias):
                cursor.execute(HOLD, [start, start + PART])
                cursor.execute(FILL, [start, start + PART])


class Migration(migrations.Migration):
    """Records of before know the region as well. Done again, it takes up what is left."""

    atomic = False

    dependencies = [("registry", "0008_records_move_with_the_person")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
