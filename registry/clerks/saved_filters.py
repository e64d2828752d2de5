"""Filters that a clerk keeps under a name, each for one list and for nobody else."""

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from registry.errors import DomainError
from registry.models import SavedFilter, User

MOST = 20  # of one list
LONGEST = 1000  # characters, as the row takes
LEFT_OUT = {"p", "all", "e", "_popup", "_to_field"}  # where in the list one is, and how it was come to


class TooMany(DomainError):
    code = "too_many_filters"
    message = _("This list has as many saved filters as fit. Remove one first.")


class NothingToSave(DomainError):
    code = "nothing_to_save"
    message = _("This list has no filter, search or order that could be saved. Choose one first.")


def of(user: User) -> QuerySet[SavedFilter]:
    """This clerk's own."""
    return SavedFilter.objects.filter(user=user)


def kept_of(query: QueryDict) -> str:
    """What of an address is worth keeping: filters, search and order, always written in the same way; "" for none."""
    kept = QueryDict(mutable=True)
    for key in sorted(query.keys() - LEFT_OUT):
        kept.setlist(key, [value for value in query.getlist(key) if value])
    return kept.urlencode()


def save(user: User, desk: str, *, name: str, query: QueryDict) -> SavedFilter:
    """Keep it under the name, in the place of one that has it. Raises NothingToSave, TooMany."""
    kept = kept_of(query)
    if not kept or len(kept) > LONGEST:
        raise NothingToSave
    mine = of(user).filter(desk=desk)
    if not mine.filter(name=name).exists() and mine.count() >= MOST:
        raise TooMany
    saved, _made = SavedFilter.objects.update_or_create(user=user, desk=desk, name=name, defaults={"query": kept})
    return saved
