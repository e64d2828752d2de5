"""Wiring: settings, addresses, Celery, and the servers that the demo and the tests bring along."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
