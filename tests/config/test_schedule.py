"""The beat calls only tasks that there are."""

from config.celery import app


def test_every_task_of_the_schedule_exists():
    app.loader.import_default_modules()
    for name, entry in app.conf.beat_schedule.items():
        assert entry["task"] in app.tasks, name
