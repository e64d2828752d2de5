"""The venues' work in the background: one line each, may run twice."""

from celery import shared_task
from django.utils import timezone

from venues import documents
from venues.posters import limits


@shared_task
def destroy_documents() -> None:
    """Destroy proofs that have served; what a call leaves the next one takes."""
    documents.destroy_old(timezone.now())


@shared_task
def forget_poster_tries() -> None:
    limits.forget(timezone.now())
