"""Saving the filter of a list, and forgetting it."""

from typing import Any

from django import forms
from django.apps import apps
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from registry.admin.desk import clerk
from registry.clerks import saved_filters
from registry.errors import DomainError


class SaveForm(forms.Form):
    desk = forms.CharField(max_length=60)
    name = forms.CharField(max_length=40)
    query = forms.CharField(max_length=4000, required=False)


def address_of(desk: str) -> str:
    """The address of a list, by "app.model". Raises NoReverseMatch."""
    return reverse(f"admin:{desk.replace('.', '_')}_changelist")


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep the filter of a list that this clerk may see, and go back to it."""
    form = SaveForm(request.POST)
    desk = _desk_of(request)
    query = QueryDict(request.POST.get("query", "")[:4000])
    if not form.is_valid():
        messages.error(request, _("Give the filter a name of at most 40 letters."))
    else:
        try:
            saved = saved_filters.save(clerk(request), desk, name=form.cleaned_data["name"], query=query)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(
                request, _("Saved. “{name}” stands above this list and on your first page.").format(name=saved.name)
            )
            if query.get(saved_filters.SEARCH):
                messages.warning(request, _("What you searched for is not saved with it: it may name a person."))
    kept = saved_filters.kept_of(query)
    return HttpResponseRedirect(address_of(desk) + (f"?{kept}" if kept else ""))


def _desk_of(request: HttpRequest) -> str:
    """The list that was named. Raises Http404 where there is none, PermissionDenied where it is not this clerk's."""
    try:
        model = apps.get_model(request.POST.get("desk", ""))
        address_of(model._meta.label_lower)
    except (LookupError, ValueError, NoReverseMatch):
        raise Http404 from None
    if not clerk(request).has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}"):
        raise PermissionDenied
    return str(model._meta.label_lower)


@require_POST
def forget(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove one of this clerk's own; another's is not there."""
    saved = get_object_or_404(saved_filters.of(clerk(request)), pk=pk)
    saved.delete()
    messages.success(request, _("“{name}” is removed.").format(name=saved.name))
    return HttpResponseRedirect(address_of(saved.desk))


def of_list(request: HttpRequest, desk: str) -> dict[str, Any]:
    """What a list shows of them: this clerk's, which of them is in use, and what could be saved now."""
    kept = saved_filters.kept_of(request.GET)
    mine = list(saved_filters.of(clerk(request)).filter(desk=desk))
    return {"saved_filters": mine, "filter_now": kept, "saved_desk": desk}


def of_home(request: HttpRequest) -> list[dict[str, str]]:
    """This clerk's filters of all lists that are still theirs to see."""
    found = []
    for saved in saved_filters.of(clerk(request)).order_by("desk", "name"):
        try:
            model = apps.get_model(saved.desk)
            address = address_of(saved.desk)
        except (LookupError, ValueError, NoReverseMatch):  # the list is no more
            continue
        if clerk(request).has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}"):
            desk = str(model._meta.verbose_name_plural)
            found.append({"name": saved.name, "desk": desk, "address": f"{address}?{saved.query}"})
    return found
