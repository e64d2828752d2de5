from django.db import migrations

# `seq` is the number of the scan, so that the very scan can be taken back; none for what no scanner told.
FORWARD = """
CREATE TABLE checkins_entry (
    venue bigint NOT NULL,
    scanner bigint NOT NULL,
    t bigint NOT NULL,
    seen_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    day date NOT NULL,
    flags smallint NOT NULL DEFAULT 0,
    subject bytea NOT NULL,
    method varchar(10) NOT NULL,
    direction varchar(3) NOT NULL,
    seq bigint,
    CONSTRAINT one_entry_per_proof PRIMARY KEY (day, subject, t, venue),
    CONSTRAINT subject_is_16_bytes CHECK (octet_length(subject) = 16),
    CONSTRAINT method_is_known CHECK (method IN ('qr', 'paper', 'hand', 'poster', 'group')),
    CONSTRAINT direction_is_known CHECK (direction IN ('in', 'out'))
) PARTITION BY RANGE (day);
CREATE INDEX entry_venue_seen ON checkins_entry (venue, seen_at);
"""


class Migration(migrations.Migration):
    """The log, partitioned by day (checkins/log/partitions.py). No foreign keys, no default partition."""

    replaces = [("checkins", "0002_log"), ("checkins", "0005_numbers_in_the_log")]

    dependencies = [("checkins", "0001_tables")]

    operations = [migrations.RunSQL(FORWARD, "DROP TABLE checkins_entry")]
