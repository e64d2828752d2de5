"""The service desk for SMS: how the providers do and what share each gets, the budget, what waits, what was given up.
Numbers masked, texts never shown."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextareaWidget, UnfoldBooleanSwitchWidget

from registry.admin import sms_figures
from registry.admin.desk import ConfirmForm, DeskAdmin, ReadOnlyAdmin, evidence, posted
from registry.callers import client_address
from registry.models import Budget, Message, Provider
from registry.models.people import mask_phone
from registry.sms import budget, outbox, providers

STATES = {
    "sent": "success", "delivered": "success", "queued": "info", "sending": "info", "undelivered": "danger",
    "dropped": "warning", "failed": "danger",
}  # fmt: skip


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "masked_phone", "purpose", "state", "tries", "taken_at", "provider", "trouble")
    when_empty = _("No SMS was asked for yet.")
    list_select_related = ("provider",)
    list_filter = ("status", "purpose", "provider")
    ordering = ("-created_at",)
    sortable_by = ()
    actions_detail = ("retry",)
    fields = (
        "masked_phone", "purpose", "status", "created_at", "not_after", "next_try_at", "tries", "taken_at",
        "delivered_at", "provider", "provider_reference", "trouble",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("text")

    @display(description=_("phone"))
    def masked_phone(self, message: Message) -> str:
        return mask_phone(message.phone) if message.phone else ""

    @display(description=_("status"), label=STATES)
    def state(self, message: Message) -> tuple[str, Any]:
        return message.status, message.get_status_display()

    @display(description=_("last error"))
    def trouble(self, message: Message) -> str:
        return sms_figures.reason(message.error)

    def has_retry_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        may = request.user.has_perm("registry.change_provider")
        if object_id is None or not may:
            return may
        message = self.get_object(request, object_id)
        return message is not None and Message.objects.retriable(timezone.now()).filter(pk=message.pk).exists()

    @action(description=_("Try again"), icon="replay", permissions=["retry"])
    def retry(self, request: HttpRequest, object_id: str) -> HttpResponse:
        message = self.fetch(request, object_id)

        def do(_cleaned: dict[str, Any]) -> None:
            tell_retried(request, outbox.retry(Message.objects.filter(pk=message.pk), **of(request)))

        return self.ask(
            request, message, ConfirmForm(posted(request)), title=_("Try this SMS again"),
            text=_("It is offered to all providers anew, with the same text."), button=_("Try again"), do=do,
        )  # fmt: skip


def of(request: HttpRequest) -> dict[str, Any]:
    """Who retries, from where, and when."""
    return evidence(request) | {"now": timezone.now()}


def tell_retried(request: HttpRequest, count: int) -> None:
    text = ngettext("%(n)d SMS is tried again.", "%(n)d SMS are tried again.", count) % {"n": count}
    messages.success(request, text) if count else messages.warning(request, gettext("None is of use any more."))


class AdjustForm(forms.Form):
    enabled = forms.BooleanField(label=capfirst(_("enabled")), required=False, widget=UnfoldBooleanSwitchWidget)
    weight = forms.IntegerField(
        label=capfirst(_("weight")), min_value=0, max_value=1000, widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("Its share against the weights of the others; 0 sends nothing."),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=UnfoldAdminTextareaWidget({"rows": 2}),
        help_text=_("It is kept in the access log."),
    )  # fmt: skip


class BudgetForm(forms.ModelForm):
    class Meta:
        model = Budget
        fields = ("daily", "reminder_share", "prefix_ten_minutes", "prefix_day")
        widgets = dict.fromkeys(fields, UnfoldAdminIntegerFieldWidget)
        help_texts = {
            "daily": _("When it is spent no code is sent until midnight; passes stay good."),
            "prefix_ten_minutes": _("Against those who have codes sent to numbers in a row. 0: no limit."),
            "prefix_day": _("0: no limit."),
        }


@admin.register(Provider)
class ProviderAdmin(DeskAdmin):
    of_the_country = True
    list_display = ("name", "kind", "switched", "weight", "share", "state")
    when_empty = _("No provider yet. Without one no SMS leaves: add it here and its keys in the settings.")
    ordering = ("name",)
    sortable_by = ()
    list_before_template = "admin/registry/provider/overview.html"
    actions_list = ("set_budget", "retry_all")
    actions_detail = ("adjust",)

    def page_of(self, obj: Any) -> str:
        return reverse("admin:registry_provider_changelist")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """How much it sends is changed with a reason, by `adjust`."""
        return ("name", "kind", "settings") if obj else ("name", "kind", "settings", "enabled", "weight")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        providers.tell(obj, **evidence(request))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        may = {"may_change": self.has_change_permission(request), "title": gettext("SMS")}
        return super().changelist_view(request, (extra_context or {}) | sms_figures.overview(timezone.now()) | may)

    @display(description=_("enabled"), label={"on": "success", "off": "danger"})
    def switched(self, provider: Provider) -> tuple[str, Any]:
        return ("on", _("On")) if provider.enabled else ("off", _("Off"))

    @display(description=_("gets of new SMS"))
    def share(self, provider: Provider) -> str:
        return f"{sms_figures.share_of(provider, timezone.now())} %"

    @display(description=_("health"))
    def state(self, provider: Provider) -> str:
        return sms_figures.in_words(provider, timezone.now())

    @action(description=_("Switch or change weight"), icon="tune", permissions=["change"])
    def adjust(self, request: HttpRequest, object_id: str) -> HttpResponse:
        provider = self.fetch(request, object_id)
        now = {"enabled": provider.enabled, "weight": provider.weight}

        def do(cleaned: dict[str, Any]) -> None:
            providers.change(provider, **cleaned, **evidence(request))

        return self.ask(
            request, provider, AdjustForm(posted(request), initial=now), title=_("Switch or change weight"),
            text=_("SMS that wait go by the providers that are on, at once."), button=_("Save"), do=do,
            done=_("Changed."),
        )  # fmt: skip

    @action(description=_("Budget"), icon="savings", permissions=["change"])
    def set_budget(self, request: HttpRequest) -> HttpResponse:
        row = budget.rule()
        form: Any = BudgetForm(posted(request), instance=row)

        def do(_cleaned: dict[str, Any]) -> None:
            budget.change(row, by=evidence(request)["by"], address=client_address(request))

        desk = Provider(name=gettext("SMS"))
        text = _("It counts SMS that are asked for, by Seoul days.")
        return self.ask(
            request, desk, form, title=_("SMS budget"), text=text, button=_("Save"), do=do, done=_("Changed.")
        )

    @action(description=_("Try given-up SMS again"), icon="replay", permissions=["change"])
    def retry_all(self, request: HttpRequest) -> HttpResponse:
        waiting = Message.objects.retriable(timezone.now())
        count = waiting[: sms_figures.MOST_COUNTED].count()

        def do(_cleaned: dict[str, Any]) -> None:
            tell_retried(request, outbox.retry(waiting, **of(request)))

        text = ngettext(
            "%(n)d SMS was given up and is still of use.", "%(n)d SMS were given up and are still of use.", count
        )
        if count == sms_figures.MOST_COUNTED:
            text = gettext("%(n)d SMS or more were given up and are still of use.")
        return self.ask(
            request, Provider(name=gettext("SMS")), ConfirmForm(posted(request)),
            title=_("Try given-up SMS again"), text=text % {"n": count}, button=_("Try again"), do=do,
        )  # fmt: skip
