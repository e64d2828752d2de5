"""A process with a PostgreSQL of its own and no Redis: upload, take the server away, upload, bring it back, upload."""

import os
import sys
import time
from pathlib import Path
from typing import Any

from config.local import embedded

# Without CARELESS: `kill -9` must not lose what was answered with "stored".
server = embedded.start_postgres(Path(sys.argv[1]), embedded.new_password(), options={"fsync": "off"})
os.environ |= {"DATABASE_URL": server.url("munjigi"), "VAULT_DATABASE_URL": server.url("munjigi_vault")}


def upload(door: Any, scan: Any) -> Any:
    from django.db import close_old_connections

    answer = door.post(scan)
    close_old_connections()  # as the end of a request does; the test client leaves it out
    return answer


def story() -> str:
    import django

    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from registry import seeding as registry_seeding
    from tests.checkins.conftest import Door, person
    from venues import seeding as venues_seeding

    for database in ("default", "vault"):
        call_command("migrate", database=database, verbosity=0)
    registry_seeding.seed(today_policy=True)
    venues_seeding.seed(today_policy=True)
    door, said = Door(), []
    first, second = (person().scan(seq, timezone.now()) for seq in (1, 2))
    for step, scan in ((None, first), (server.kill, second), (server.restart, second)):
        if step:
            step()
        answer = upload(door, scan)
        for _ in range(10):  # the pool finds its way back within seconds; a scanner comes again
            if step != server.restart or answer.status_code != 503:
                break
            time.sleep(int(answer["Retry-After"]) / 2)
            answer = upload(door, scan)
        body = answer.json()
        said.append(f"{answer.status_code} {body['code'] if 'code' in body else body['answers'][0]['answer']}")
    return ", ".join([*said, f"{door.entries.count()} rows"])


try:
    print(story())
finally:
    server.stop()
