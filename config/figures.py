"""How the service does, in numbers: for `/metrics` (Prometheus) and `/health/deep`, both for holders of METRICS_TOKEN.

Each figure is cheap (an index, a handful of rows, no count over a large table) and says nothing of anybody. A figure
with a `limit` is healthy up to it; deploy/alerts.yml wakes somebody by the same names.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import redis
from django.conf import settings
from django.db.models import Max, Min
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from checkins.log import partitions, retention
from checkins.models import Destruction
from config import health
from gate.process import lookout
from registry import figures, vault
from registry.models import Approval, DayKey, Job, Message, Outage, SigningKey

QUEUES = ("sms", "log", "desk")
COUNTED_AT_MOST = 10_000
What = figures.What

Values = dict[str, float]
"""By the value of the figure's label; one figure without a label under "". """


@dataclass(frozen=True, slots=True)
class Figure:
    """What it is called, what it tells, how it is read at a moment, and from where on it is unhealthy.

    `most` and `least` are the bounds of health, both included; `label` names what there are several of.
    """

    name: str
    help: str
    read: Callable[[datetime], Values]
    label: str = ""
    most: float | None = None
    least: float | None = None

    def is_well(self, values: Values) -> bool:
        return all(
            (self.most is None or value <= self.most) and (self.least is None or value >= self.least)
            for value in values.values()
        )


def _up(now: datetime) -> Values:
    return {name: float(health.answers(name)) for name in ("default", "vault")} | {"redis": float(_redis_answers())}


def _redis_answers() -> bool:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1, retry=None) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def _queues(now: datetime) -> Values:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1, retry=None) as client:
            return {queue: float(client.llen(queue)) for queue in QUEUES}
    except redis.RedisError:
        return {}


def _age(moment: datetime | None, now: datetime) -> float:
    return max((now - moment).total_seconds(), 0.0) if moment else 0.0


def _oldest_sms(now: datetime) -> Values:
    return {"": _age(Message.objects.due(now).aggregate(at=Min("next_try_at"))["at"], now)}


def _sms_waiting(now: datetime) -> Values:
    return {"": float(Message.objects.due(now)[:COUNTED_AT_MOST].count())}


def _oldest_job(now: datetime) -> Values:
    rows = Job.objects.unfinished().values_list("worked_at", "asked_at")
    return {"": max((_age(worked or asked, now) for worked, asked in rows), default=0.0)}


def _partitions_ahead(now: datetime) -> Values:
    return {"": _days_in_a_row(set(partitions.attached()), now)}


def _day_keys_ahead(now: datetime) -> Values:
    today = vault.today(now)
    return {"": _days_in_a_row(set(DayKey.objects.filter(day__gte=today).values_list("day", flat=True)), now)}


def _signing_days_ahead(now: datetime) -> Values:
    last = SigningKey.objects.filter(withdrawn_at__isnull=True).aggregate(last=Max("signs_until"))["last"]
    return {"": float((last - vault.today(now)).days) if last else 0.0}


def _days_in_a_row(days: set[object], now: datetime) -> float:
    """How many days after today there are without a gap; -1 where today itself lacks."""
    day, count = vault.today(now), -1
    while day in days:
        day, count = day + timedelta(days=1), count + 1
    return float(count)


def _since_destruction(now: datetime) -> Values:
    return {"": _age(Destruction.objects.aggregate(at=Max("done_at"))["at"], now)}


def _destructions_due(now: datetime) -> Values:
    return {"": float(len(retention.due(vault.today(now))))}


def _found(what: What) -> Callable[[datetime], Values]:
    """By the last look through; none where there was none."""

    def read(now: datetime) -> Values:
        noted = figures.last_noted(what)
        return {"": float(noted.number)} if noted else {}

    return read


def _since_look(what: What) -> Callable[[datetime], Values]:
    def read(now: datetime) -> Values:
        noted = figures.last_noted(what)
        return {"": _age(noted.counted_at, now)} if noted else {}

    return read


def _outages(now: datetime) -> Values:
    return {"": float(Outage.objects.filter(closed_at__isnull=True).count())}


def _approvals(now: datetime) -> Values:
    return {"": float(Approval.objects.open(now).count())}


def _refused(now: datetime) -> Values:
    counts = lookout().refused_this_hour
    return {name: float(counts.get(name, 0)) for name in settings.GATE_LIMITS}


FIGURES = (
    Figure("munjigi_up", "Whether a part answers.", _up, label="part", least=1),
    Figure("munjigi_queue_length", "Tasks that wait in a queue.", _queues, label="queue", most=1000),
    Figure("munjigi_sms_oldest_unsent_seconds", "How long the oldest SMS that is due waits.", _oldest_sms, most=30),
    Figure("munjigi_sms_waiting", "SMS that are due, counted up to ten thousand.", _sms_waiting, most=5000),
    Figure("munjigi_job_oldest_idle_seconds", "How long an unfinished job has lain idle.", _oldest_job, most=120),
    Figure("munjigi_partitions_ahead_days", "Days of the log after today that are ready.", _partitions_ahead, least=3),
    Figure("munjigi_day_keys_ahead_days", "Days after today whose key is there.", _day_keys_ahead, least=60),
    Figure("munjigi_signing_days_ahead", "Days after today that a key may sign.", _signing_days_ahead, least=60),
    Figure("munjigi_last_destruction_seconds", "Since a day of the log was destroyed.", _since_destruction),
    Figure("munjigi_destructions_due", "Days of the log that are over and not destroyed.", _destructions_due, most=0),
    Figure("munjigi_log_findings", "What the last check of the log found.", _found(What.LOG_FINDINGS), most=0),
    Figure("munjigi_log_checked_seconds", "Since the log was checked (check_log).", _since_look(What.LOG_FINDINGS)),
    Figure("munjigi_audit_findings", "What verify_audit found in the access log.", _found(What.AUDIT_FINDINGS), most=0),
    Figure("munjigi_audit_verified_seconds", "Since it was proven (verify_audit).", _since_look(What.AUDIT_FINDINGS)),
    Figure("munjigi_outages_open", "Declared outages of the phone check.", _outages),
    Figure("munjigi_approvals_open", "Deeds that wait for a second person.", _approvals),
    Figure("munjigi_refused_this_hour", "Requests turned away by the gate this hour.", _refused, label="class"),
)  # fmt: skip


class Figures(Collector):
    """The figures as Prometheus takes them. What cannot be read is left out: `munjigi_up` tells why."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for figure, values in read_all():
            family = GaugeMetricFamily(figure.name, figure.help, labels=[figure.label] if figure.label else None)
            for label, value in values.items():
                family.add_metric([label] if figure.label else [], value)
            yield family


def read_all() -> Iterator[tuple[Figure, Values]]:
    """Each figure with its values now; those whose database is away have none."""
    from django.utils import timezone

    from registry.errors import DATABASE_AWAY, VaultUnavailable

    now = timezone.now()
    for figure in FIGURES:
        try:
            yield figure, figure.read(now)
        except (*DATABASE_AWAY, VaultUnavailable):
            yield figure, {}
