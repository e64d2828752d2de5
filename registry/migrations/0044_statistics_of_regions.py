from django.db import migrations

# Without a count of each region PostgreSQL takes it for larger than it is, and reads a whole table for its few rows.
COUNTED = "ALTER TABLE registry_citizen ALTER COLUMN region SET STATISTICS 500"
AS_USUAL = "ALTER TABLE registry_citizen ALTER COLUMN region SET STATISTICS -1"


class Migration(migrations.Migration):
    """How many people each of some 250 regions has is known to the planner, from the next ANALYZE on."""

    atomic = False  # each statement holds its lock for itself; neither holds up who reads or writes

    dependencies = [("registry", "0043_filters_without_search")]

    operations = [
        migrations.RunSQL(COUNTED, AS_USUAL),
        migrations.RunSQL("ANALYZE registry_citizen (region)", migrations.RunSQL.noop),
    ]
