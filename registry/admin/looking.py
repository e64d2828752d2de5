"""Looking at a person: one field in clear for a reason, what happened and who looked, and the phone that is lost."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from registry.admin.desk import ReasonForm, evidence, posted
from registry.citizens import devices, people, revealing, timeline
from registry.citizens.revealing import Field


class Looking:
    """Mixed into the people desk."""

    admin_site: Any
    opts: Any
    fetch: Any
    ask: Any
    page_of: Any

    fields_shown = ("show_name", "show_birth_date", "show_phone")

    def looking_urls(self) -> list[Any]:
        block = self.admin_site.admin_view(self.block_device)
        name = "registry_citizen_block_device"
        return [path("<uuid:object_id>/devices/<uuid:device_id>/block/", block, name=name)]

    def has_show_permission(self, request: HttpRequest, object_id: str) -> bool:
        return request.user.has_perm("registry.change_citizen")

    @action(description=_("Show the name"), icon="person", permissions=["show"])
    def show_name(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._show(request, object_id, Field.NAME)

    @action(description=_("Show the birth date"), icon="cake", permissions=["show"])
    def show_birth_date(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._show(request, object_id, Field.BIRTH)

    @action(description=_("Show the number"), icon="call", permissions=["show"])
    def show_phone(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._show(request, object_id, Field.PHONE)

    def _show(self, request: HttpRequest, object_id: str, field: Field) -> HttpResponse:
        citizen = self.fetch(request, object_id)

        def do(values: dict[str, Any]) -> HttpResponse:
            value = revealing.reveal(citizen, field, reason=values["reason"], now=timezone.now(), **evidence(request))
            context = self.admin_site.each_context(request) | {
                "title": field.label, "label": field.label, "value": value, "object": citizen, "opts": self.opts,
                "back": self.page_of(citizen),
            }  # fmt: skip
            return TemplateResponse(request, "admin/registry/citizen/revealed.html", context)

        return self.ask(
            request,
            citizen,
            ReasonForm(posted(request)),
            title=_("Show one field: {field}").format(field=field.label),
            text=_("It is shown once. That you looked, at what and why, is kept, and the person can ask who it was."),
            button=_("Show"),
            do=do,
        )

    def has_timeline_permission(self, request: HttpRequest, object_id: str) -> bool:
        return request.user.has_perm("registry.view_citizen")

    @action(description=_("Timeline"), icon="history", permissions=["timeline"])
    def timeline(self, request: HttpRequest, object_id: str) -> HttpResponse:
        citizen = self.fetch(request, object_id)
        people.see(citizen, **evidence(request))
        group = next((one for one in timeline.Group if one == request.GET.get("show")), None)
        page = timeline.of(citizen, now=timezone.now(), group=group, before=request.GET.get("before", ""))
        here = {"show": group.value} if group else {}
        context = self.admin_site.each_context(request) | {
            "title": gettext("Timeline"), "object": citizen, "opts": self.opts, "page": page, "group": group,
            "groups": [("", gettext("All")), *timeline.Group.choices], "back": self.page_of(citizen),
            "older": page.older and "?" + urlencode(here | {"before": page.older}),
            "newest": request.GET.get("before") and "?" + urlencode(here),
        }  # fmt: skip
        return TemplateResponse(request, "admin/registry/citizen/timeline.html", context)

    def block_device(self, request: HttpRequest, object_id: UUID, device_id: UUID) -> HttpResponse:
        """For a lost phone."""
        if not self.has_show_permission(request, str(object_id)):
            raise PermissionDenied
        citizen = self.fetch(request, str(object_id))
        device = get_object_or_404(citizen.devices, pk=device_id)
        return self.ask(
            request,
            citizen,
            ReasonForm(posted(request)),
            title=_("Block the phone"),
            text=_(
                "For a lost phone. What it holds is refused at the doors within minutes, also the passes it carries "
                "for others, and it gets no new one. The number is checked anew on another phone. Paper stays good. "
                "What a partner's app holds on the same phone is a line of its own: block that too."
            ),
            button=_("Block"),
            do=lambda values: devices.block(  # type: ignore[func-returns-value]
                device, reason=values["reason"], now=timezone.now(), **evidence(request)
            ),
            done=_("The phone is blocked."),
        )


def block_link(device: Any) -> str:
    return reverse("admin:registry_citizen_block_device", args=[device.citizen_id, device.pk])
