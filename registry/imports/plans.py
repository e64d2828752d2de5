"""How PostgreSQL plans what an import asks of it, until the transaction ends.

A plan made while the registry was small would be kept, and read all of it for every row later on; that is as true of
PostgreSQL's own look at a reference. Statements of ours ask for thousands of rows, and are planned each time; a
reference is looked at for each row, and planned once, along the key.
"""

from django.db.backends.utils import CursorWrapper

# To compile them takes longer than to run them.
_EACH_TIME = "SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL jit = off; SET LOCAL work_mem = '64MB'"
_ONCE = """
    DISCARD PLANS; SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off;
    SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED;
    SET LOCAL plan_cache_mode = DEFAULT; SET LOCAL enable_seqscan = DEFAULT"""


def make_each_time(cursor: CursorWrapper) -> None:
    cursor.execute(_EACH_TIME)


def check_references(cursor: CursorWrapper) -> None:
    """Have what was written looked at now, and not at the commit."""
    cursor.execute(_ONCE)
