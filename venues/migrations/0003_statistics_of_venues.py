from django.db import migrations

# Without a count of each region PostgreSQL takes it for larger than it is, and reads a whole table for its few rows.
COUNTED = "ALTER TABLE venues_venue ALTER COLUMN region SET STATISTICS 500"
AS_USUAL = "ALTER TABLE venues_venue ALTER COLUMN region SET STATISTICS -1"


class Migration(migrations.Migration):
    """How many venues each of some 250 regions has is known to the planner, from the next ANALYZE on."""

    replaces = [("venues", "0011_statistics_of_regions")]

    dependencies = [("venues", "0002_operators_with_venues")]

    operations = [migrations.RunSQL(COUNTED, AS_USUAL)]
