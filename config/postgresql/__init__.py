"""Django's PostgreSQL, with a pool that knows when nobody is there."""
