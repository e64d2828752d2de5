"""What desks of partners share: the key that is shown once, and deeds that a closed partner does not offer."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from registry.admin.desk import DeskAdmin
from registry.models import Partner

EVIDENCE = ("key_made_at", "made_by")
CLOSED = ("closed_at", "close_reason")


class PartnerDesk(DeskAdmin):
    """Of one kind of partner; adding one leads to its key."""

    kind: Partner.Kind
    key_template: str
    ordering = ("name",)
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).filter(kind=self.kind)

    @display(description=_("open"), boolean=True)
    def is_open(self, partner: Partner) -> bool:
        return partner.closed_at is None

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and obj.closed_at)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Adding has one button, since it leads to the key."""
        more = {"show_save_and_continue": False} if kwargs.get("add") else {}
        return super().render_change_form(request, context | more, *args, **kwargs)

    def response_add(self, request: HttpRequest, obj: Partner, post_url_continue: str | None = None) -> HttpResponse:
        return self.show_key(request, obj, obj.made_key)  # type: ignore[attr-defined]

    def show_key(self, request: HttpRequest, partner: Partner, key: str) -> HttpResponse:
        """The key, this once."""
        context = self.admin_site.each_context(request) | {
            "title": gettext("The key of {name}").format(name=partner.name), "key": key, "opts": self.opts,
            "media": self.media, "back": self.page_of(partner),
        }  # fmt: skip
        return render(request, self.key_template, context)

    def has_deed_permission(self, request: HttpRequest, object_id: str) -> bool:
        return self.may(request, f"registry.change_{self.opts.model_name}")

    def offers(self, deed: str, row: Partner) -> bool:
        return row.closed_at is None
