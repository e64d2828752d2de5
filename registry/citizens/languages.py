"""In which language a citizen is written to."""

from django.db import transaction

from registry import audit
from registry.models import Citizen, Tag


@transaction.atomic
def choose(citizen: Citizen, language: str) -> None:
    """Text messages come in this language from now on. Doing it twice is one deed."""
    if Citizen.objects.filter(pk=citizen.pk).exclude(language=language).update(language=language):
        audit.record(Tag.LANGUAGE_CHANGED, by=None, target=citizen, language=language)
