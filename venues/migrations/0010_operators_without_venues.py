from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

# Kept by whoever writes the SQL, and never taken back: not by who saves an operator that was read before the venue came.
KEEP = """
CREATE FUNCTION venues_operator_has_venue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE venues_operator SET has_venue = true WHERE id = NEW.operator_id AND NOT has_venue;
    RETURN NULL;
END $$;
CREATE TRIGGER operator_has_venue AFTER INSERT OR UPDATE OF operator_id ON venues_venue
    FOR EACH ROW EXECUTE FUNCTION venues_operator_has_venue();
CREATE FUNCTION venues_operator_had_venue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.has_venue := true;
    RETURN NEW;
END $$;
CREATE TRIGGER operator_had_venue BEFORE UPDATE ON venues_operator
    FOR EACH ROW WHEN (OLD.has_venue AND NOT NEW.has_venue) EXECUTE FUNCTION venues_operator_had_venue();
"""
KEEP_NO_MORE = """
DROP TRIGGER operator_has_venue ON venues_venue;
DROP FUNCTION venues_operator_has_venue();
DROP TRIGGER operator_had_venue ON venues_operator;
DROP FUNCTION venues_operator_had_venue();
"""
PART = 10_000
FILL = """
    UPDATE venues_operator o SET has_venue = true
    WHERE o.id > %s AND o.id <= %s AND NOT has_venue
        AND EXISTS (SELECT FROM venues_venue v WHERE v.operator_id = o.id)"""


def fill(apps, schema_editor):
    """Part by part, each in a transaction of its own; the trigger keeps what comes meanwhile."""
    last = apps.get_model("venues", "Operator").objects.aggregate(last=models.Max("pk"))["last"] or 0
    for first in range(0, last, PART):
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(FILL, [first, first + PART])


class Migration(migrations.Migration):
    """Operators who have no venue yet are found without looking at every venue."""

    atomic = False  # venues are read and written meanwhile

    dependencies = [("venues", "0009_lists_of_places")]

    operations = [
        migrations.AddField(
            model_name="operator",
            name="has_venue",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.RunSQL(KEEP, KEEP_NO_MORE),
        migrations.RunPython(fill, migrations.RunPython.noop),
        AddIndexConcurrently(
            "operator",
            models.Index(condition=models.Q(("has_venue", False)), fields=["-id"], name="operator_without_venue"),
        ),
    ]
