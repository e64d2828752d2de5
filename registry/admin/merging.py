"""Two people who are one: who else it may be, both side by side without a personal value, which one stays."""

from collections.abc import Callable
from itertools import chain
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminRadioSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from registry import regions
from registry.admin.desk import ReasonForm, evidence, posted
from registry.citizens import merging, people, requests
from registry.citizens.names import name_key
from registry.errors import DomainError
from registry.models import Citizen, FormerIdentity, Review

OFFERED = 10
ALIKE = {True: _("same"), False: _("differs"), None: ""}


class MergeForm(ReasonForm):
    stays = forms.ChoiceField(label=_("Who stays"), widget=UnfoldAdminRadioSelectWidget)
    told = forms.CharField(
        label=_("Answer to the citizen"),
        max_length=requests.LONGEST,
        required=False,
        widget=UnfoldAdminTextareaWidget({"rows": 3}),
        help_text=_("Empty: none. It is read in the wallet, and an SMS says that it is there."),
    )
    field_order = ("stays", "reason", "told")

    def __init__(self, *args: Any, pair: tuple[Citizen, Citizen], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sides = zip(pair, (gettext("left"), gettext("right")), strict=True)
        self.fields["stays"].choices = [(str(one.pk), f"{one} ({side})") for one, side in sides]  # type: ignore[attr-defined]
        self.fields["stays"].initial = str(max(pair, key=lambda one: one.records.count()).pk)
        self.fields["reason"].widget.attrs.pop("autofocus", None)


class OtherForm(forms.Form):
    text = forms.CharField(
        label=_("The other person"),
        max_length=100,
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off", "autofocus": True, "spellcheck": "false"}),
        help_text=_("Mobile number (010-0000-1234), or name and birth date (홍길동 1990-01-01)."),
    )


class Merging:
    """Mixed into the people desk."""

    admin_site: Any
    media: Any
    opts: Any
    fetch: Any
    ask: Any
    page_of: Any
    get_queryset: Any

    def merging_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.merge_with)
        name = "registry_citizen_merge_with"
        return [path("<uuid:object_id>/merge/<uuid:other_id>/", view, name=name)]

    def has_merge_permission(self, request: HttpRequest, object_id: str) -> bool:
        return request.user.has_perm("registry.change_citizen")

    def has_part_permission(self, request: HttpRequest, object_id: str) -> bool:
        """Only where somebody was merged: elsewhere there is nothing to part."""
        key = _uuid(object_id)
        merged = key is not None and FormerIdentity.objects.filter(citizen=key).exists()
        return merged and self.has_merge_permission(request, object_id)

    @action(description=_("Merge with another person"), icon="merge", permissions=["merge"])
    def merge(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Who the other is: typed, or one of those who look alike."""
        citizen = self.fetch(request, object_id)
        form = OtherForm(posted(request))
        offered = self._alike(request, citizen)
        if request.method == "POST" and form.is_valid():
            try:
                found = [one for one in people.search(form.cleaned_data["text"], **evidence(request)) if one != citizen]
            except DomainError as error:
                form.add_error("text", str(error))
            else:
                if len(found) == 1:
                    return HttpResponseRedirect(_pair_page(citizen, found[0]))
                if not found:
                    form.add_error("text", _("Nobody else found. Please check what you typed."))
                offered = found
        context = self.admin_site.each_context(request) | {
            "title": gettext("Merge with another person"), "object": citizen, "form": form, "opts": self.opts,
            "media": self.media, "back": self.page_of(citizen),
            "offered": [(one, _pair_page(citizen, one)) for one in offered],
        }  # fmt: skip
        return TemplateResponse(request, "admin/registry/citizen/merge.html", context)

    def _alike(self, request: HttpRequest, citizen: Citizen) -> list[Citizen]:
        """Who has the same name and birth date, or the same number, or stands beside the person in an open item."""
        same = [Q(name_index=bytes(citizen.name_index))]
        if citizen.phone_index:
            same.append(Q(phone_index=bytes(citizen.phone_index)))
        keys: list[Any] = [Citizen.objects.filter(each).values_list("pk", flat=True)[: OFFERED + 1] for each in same]
        keys += [
            Review.objects.open().filter(citizen=citizen).values_list("other", flat=True),
            Review.objects.open().filter(other=citizen).values_list("citizen", flat=True),
        ]
        near = set(chain.from_iterable(keys)) - {citizen.pk}  # one after another, each by its index
        return list(self.get_queryset(request).filter(pk__in=near).order_by("created_at")[:OFFERED])

    def merge_with(self, request: HttpRequest, object_id: UUID, other_id: UUID) -> HttpResponse:
        """Both side by side; choosing who stays, and why, makes them one."""
        if not self.has_merge_permission(request, str(object_id)):
            raise PermissionDenied
        if object_id == other_id:
            raise Http404
        pair = (self.fetch(request, str(object_id)), self.fetch(request, str(other_id)))
        form = MergeForm(posted(request), pair=pair)
        if request.method == "POST" and form.is_valid():
            stays, goes = pair if form.cleaned_data["stays"] == str(object_id) else reversed(pair)
            try:
                values = {name: form.cleaned_data[name] for name in ("reason", "told")}
                merging.merge(stays, goes, now=timezone.now(), **values, **evidence(request))
            except DomainError as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, _("They are one person now. The other’s pass has ended."))
                return HttpResponseRedirect(self.page_of(stays))
        elif request.method == "GET":
            for one in pair:
                people.see(one, **evidence(request))
        context = self.admin_site.each_context(request) | {
            "title": gettext("Two who are one?"), "rows": compared(*pair), "form": form,
            "sides": [(gettext("left"), self.page_of(pair[0])), (gettext("right"), self.page_of(pair[1]))],
            "number": merging.number_from(*pair).masked_phone, "twice": merging.twice(*pair), "opts": self.opts,
            "media": self.media, "back": self.page_of(pair[0]),
        }  # fmt: skip
        return TemplateResponse(request, "admin/registry/citizen/merge_with.html", context)

    @action(description=_("Part again"), icon="call_split", permissions=["part"])
    def part(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The latest merging is undone; those before it after that."""
        citizen = self.fetch(request, object_id)
        former = citizen.former.order_by("-merged_at").first()
        if former is None:
            raise Http404
        text = gettext(
            "The merging of {at} is undone: the other person is back with their own records and requests. Nobody keeps "
            "a pass; both check their number anew. Records added since stay here."
        ).format(at=date_format(timezone.localtime(former.merged_at), "DATETIME_FORMAT"))

        def do(values: dict[str, Any]) -> HttpResponse:
            back = merging.part(former, reason=values["reason"], now=timezone.now(), **evidence(request))
            return HttpResponseRedirect(self.page_of(back))

        return self.ask(
            request, citizen, ReasonForm(posted(request)), title=_("Part again"), text=text, button=_("Part"),
            do=do, done=_("They are two people again. This is the one that had gone."),
        )  # fmt: skip


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _pair_page(one: Citizen, other: Citizen) -> str:
    return reverse("admin:registry_citizen_merge_with", args=[one.pk, other.pk])


def compared(one: Citizen, other: Citizen) -> list[tuple[Any, Any, Any, Any]]:
    """What each is by, and whether it is the same: label, left, right, and a word where that can be said."""
    same_name = name_key(one.name, one.birth_date) == name_key(other.name, one.birth_date)
    same_number = None if not (one.phone and other.phone) else one.phone == other.phone
    facts: list[tuple[Any, Callable[[Citizen], Any], bool | None]] = [
        (_("Name"), lambda person: person.masked_name, same_name),
        (_("Born in"), lambda person: person.birth[:4], None),
        (_("Birth date"), lambda person: "–", one.birth == other.birth),
        (_("Number"), lambda person: person.masked_phone or "–", same_number),
        (_("Number checked"), lambda person: _day(person.verified_at), None),
        (_("Region"), lambda person: regions.called(person.region) or "–", None),
        (_("Registered"), lambda person: _day(person.created_at), None),
        (_("Pass records"), _records, None),
        (_("Phones that hold the pass"), lambda person: person.devices.filter(ended_at=None).count(), None),
        (_("Paper passes"), lambda person: person.paper_passes.count(), None),
        (_("Requests"), lambda person: person.requests.count(), None),
        (_("Carries"), lambda person: person.wards.count(), None),
    ]
    return [(label, fact(one), fact(other), ALIKE[alike]) for label, fact, alike in facts]


def _day(at: Any) -> str:
    return date_format(timezone.localtime(at)) if at else "–"


def _records(person: Citizen) -> str:
    """By kind, with the doses: "Vaccination 1, 2; Recovery"."""
    lines = [
        f"{record.get_kind_display()} {record.dose or ''}".strip()
        for record in person.records.filter(revoked_at=None).order_by("day")
    ]
    return ", ".join(lines) or "–"
