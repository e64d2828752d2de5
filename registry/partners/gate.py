"""Partner apps as the gate knows them: a class of traffic each, told by the hash of the key."""

from datetime import datetime

from django.db import transaction

from gate.callers import Caller
from gate.models import GateSettings, check_limits
from gate.process import lookout
from registry.models import Partner


def callers() -> dict[str, Caller]:
    """Every open app by what its key hashes to (hex), and by what the key before does."""
    found: dict[str, Caller] = {}
    for app in Partner.objects.open().apps():
        caller = Caller(app.traffic_class, app.places, app.per_minute)
        keys = (app.key_hash, app.former_key_hash)
        found |= {bytes(digest).hex(): caller for digest in keys if digest is not None}
    return found


def check_places(app: Partner) -> None:
    """Raises ValidationError where the app's places and those of all others would take every thread of a process."""
    row = GateSettings.objects.filter(pk=1).first() or GateSettings(pk=1)
    check_limits({**row.rules.limits, app.traffic_class: app.places})


def tell(now: datetime) -> None:
    """Have every process go by the apps as they are now, within five seconds of the commit."""
    row, _made = GateSettings.objects.select_for_update().get_or_create(pk=1)
    row.renew(now)
    transaction.on_commit(lambda: lookout().apply(row.rules))
