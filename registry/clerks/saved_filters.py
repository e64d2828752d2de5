"""Filters that a clerk keeps under a name, each for one list and for nobody else."""

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from registry.errors import DomainError
from registry.models import SavedFilter, User

MOST = 20  # of one list
LONGEST = 1000  # characters, as the row takes
SEARCH = "q"  # what was typed, which may be somebody's name or number: it is kept nowhere
LEFT_OUT = {"p", "all", "e", "_popup", "_to_field", SEARCH}  # where in the list one is, and how it was come to


class TooMany(DomainError):
    code = "too_many_filters"
    message = _("This list has as many saved filters as fit. Remove one first.")


class NothingToSave(DomainError):
    code = "nothing_to_save"
    message = _("This list has no filter or order that could be saved. Choose one first.")


class OnlySearched(DomainError):
    code = "only_searched"
    message = _("What you searched for is not saved: it may name a person. Choose a filter or an order as well.")


def of(user: User) -> QuerySet[SavedFilter]:
    """This clerk's own."""
    return SavedFilter.objects.filter(user=user)


def kept_of(query: QueryDict) -> str:
    """What of an address is worth keeping: filters and order, always written in the same way; "" for none."""
    kept = QueryDict(mutable=True)
    for key in sorted(query.keys() - LEFT_OUT):
        kept.setlist(key, [value for value in query.getlist(key) if value])
    return kept.urlencode()


def save(user: User, desk: str, *, name: str, query: QueryDict) -> SavedFilter:
    """Keep it under the name, in the place of one that has it, without what was searched for. Raises NothingToSave,
    OnlySearched, TooMany."""
    kept = kept_of(query)
    if not kept and query.get(SEARCH):
        raise OnlySearched
    if not kept or len(kept) > LONGEST:
        raise NothingToSave
    mine = of(user).filter(desk=desk)
    if not mine.filter(name=name).exists() and mine.count() >= MOST:
        raise TooMany
    saved, _made = SavedFilter.objects.update_or_create(user=user, desk=desk, name=name, defaults={"query": kept})
    return saved
