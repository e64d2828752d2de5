"""Celery: three queues, a static schedule, tasks that may run twice."""

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

NICE = 5

app = Celery("munjigi")
app.conf.update(
    broker_url=os.environ.get("REDIS_URL"),
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,  # a try a second (worker.py): the usual hundred would end it after two minutes
    broker_transport_options={"socket_timeout": 2, "socket_connect_timeout": 1, "visibility_timeout": 600},
    task_publish_retry=False,  # the sweepers are the truth; enqueueing only hastens them
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_time_limit=600,
    task_soft_time_limit=540,
    task_default_queue="desk",
    task_routes={
        "registry.tasks.send_*": "sms",
        "registry.tasks.sweep_*": "sms",
        "checkins.*": "log",
        "registry.tasks.seal_evidence": "log",
    },
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    worker_consumer="config.worker:Consumer",
    timezone="Asia/Seoul",
    beat_schedule={
        "sweep-sms": {"task": "registry.tasks.sweep_sms", "schedule": 3.0, "options": {"expires": 3}},
        "watch-outages": {"task": "registry.tasks.watch_outages", "schedule": 15.0, "options": {"expires": 15}},
        "spread-due-dates": {"task": "registry.tasks.spread_due_dates", "schedule": 10.0, "options": {"expires": 10}},
        "remind": {"task": "registry.tasks.remind", "schedule": 15.0, "options": {"expires": 15}},
        "plan-reminders": {"task": "registry.tasks.plan_reminders", "schedule": crontab(hour="6,9,12,15", minute="5")},
        "sweep-jobs": {"task": "registry.tasks.sweep_jobs", "schedule": 3.0, "options": {"expires": 3}},
        "seal-evidence": {"task": "registry.tasks.seal_evidence", "schedule": 1.0, "options": {"expires": 1}},
        "sweep-mail": {"task": "registry.tasks.sweep_mail", "schedule": 5.0, "options": {"expires": 5}},
        "tell-audit-head": {"task": "registry.tasks.tell_audit_head", "schedule": crontab(minute="2")},
        "count-access": {"task": "registry.tasks.count_access", "schedule": crontab(minute="27")},
        "destroy-evidence": {"task": "registry.tasks.destroy_evidence", "schedule": crontab(hour="3", minute="42")},
        "keep-leavings": {"task": "registry.tasks.keep_leavings", "schedule": 15.0, "options": {"expires": 15}},
        "bury-leavings": {"task": "registry.tasks.bury_leavings", "schedule": crontab(minute="27")},
        "make-keys": {"task": "registry.tasks.make_keys", "schedule": crontab(minute="7")},
        "forget-checks": {"task": "registry.tasks.forget_checks", "schedule": crontab(minute="22")},
        "count-figures": {"task": "registry.tasks.count_figures", "schedule": crontab(minute="*/15")},
        "count-checks": {"task": "registry.tasks.count_checks", "schedule": 60.0, "options": {"expires": 60}},
        "count-entries": {"task": "checkins.tasks.count_entries", "schedule": 60.0, "options": {"expires": 60}},
        "make-partitions": {"task": "checkins.tasks.make_partitions", "schedule": crontab(minute="12")},
        "destroy-documents": {"task": "venues.tasks.destroy_documents", "schedule": crontab(minute="32")},
        "forget-poster-tries": {"task": "venues.tasks.forget_poster_tries", "schedule": crontab(minute="37")},
        # Nightly, and again every hour: what a pause left behind is caught up by the next call.
        "wipe-traces": {"task": "checkins.tasks.wipe_traces", "schedule": crontab(minute="*/15")},
        "expire-log": {"task": "checkins.tasks.expire_log", "schedule": crontab(minute="17")},
    },
)
app.autodiscover_tasks()


@worker_init.connect
def _yield_to_web(**_kwargs: Any) -> None:
    """Whoever looks at a page waits; what is done behind it may take a moment longer on a machine that has both."""
    os.nice(NICE)


@worker_init.connect
def _check_databases(**_kwargs: Any) -> None:
    from config.identity import bury_the_dead, refuse_swapped

    refuse_swapped()
    bury_the_dead()
