"""Policy versions: drafts are edited, a second person publishes, published ones stand as they are."""

import json
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextareaWidget

from registry import policy
from registry.admin.desk import ConfirmForm, HistoryAdmin, clerk, evidence
from registry.errors import DomainError
from registry.models import PolicyVersion
from registry.validity import Rules


class ReadableJSON(json.JSONEncoder):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"indent": 2, "ensure_ascii": False})


class PolicyForm(forms.ModelForm):
    rules = forms.JSONField(
        label=_("Rules"),
        encoder=ReadableJSON,
        widget=UnfoldAdminTextareaWidget({"rows": 12, "spellcheck": "false", "class": "font-mono"}),
        help_text=_(
            "Days after the event from and until which it counts, null: no end; pcr_hours in hours; exempt_born_from: "
            "who is born on or after this date needs no record (null: nobody)."
        ),
        error_messages={"invalid": _("This is not JSON. Check commas, quotes and brackets.")},
    )

    class Meta:
        model = PolicyVersion
        fields = (
            "title", "effective_on", "floor_from", "rules", "reverify_days", "due_earliest", "due_latest", "grace_days",
            "renewal_opens_days", "outage_extension_days",
        )  # fmt: skip

    def clean_rules(self) -> Any:
        try:
            Rules.from_json(self.cleaned_data["rules"])
        except DomainError as error:
            raise forms.ValidationError(str(error)) from error
        return self.cleaned_data["rules"]


@admin.register(PolicyVersion)
class PolicyVersionAdmin(HistoryAdmin):
    form = PolicyForm
    list_display = ("number", "title", "effective_on", "state", "author", "approver", "published_at")
    list_select_related = ("author", "approver")
    list_display_links = ("number", "title")
    sortable_by = ()
    actions_detail = ("publish",)
    readonly_fields = ("author", "approver", "published_at")
    fieldsets = (
        (None, {"fields": ("title", ("effective_on", "floor_from"))}),
        (_("What makes a pass valid"), {"fields": ("rules",)}),
        (
            _("Phone check"),
            {
                "fields": (
                    ("reverify_days", "due_earliest", "due_latest"),
                    ("grace_days", "renewal_opens_days", "outage_extension_days"),
                )
            },
        ),
        (_("Publishing"), {"fields": (("author", "approver", "published_at"),)}),
    )

    @display(description=_("state"), label={"published": "success", "draft": "warning"})
    def state(self, version: PolicyVersion) -> tuple[str, Any]:
        return ("published", _("Published")) if version.published_at else ("draft", _("Draft"))

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new draft starts from the rules in force."""
        try:
            now = policy.in_force_on(timezone.localdate())
        except DomainError:
            return {}
        copied = (
            "rules", "reverify_days", "due_earliest", "due_latest", "grace_days", "renewal_opens_days",
            "outage_extension_days",
        )  # fmt: skip
        return {name: getattr(now, name) for name in copied}

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and obj.published_at)

    def save_model(self, request: HttpRequest, obj: PolicyVersion, form: Any, change: bool) -> None:
        """Who writes last is the author: somebody else must publish what they wrote."""
        obj.author = clerk(request)
        super().save_model(request, obj, form, change)

    def has_publish_permission(self, request: HttpRequest, object_id: str) -> bool:
        return self.has_change_permission(request)

    def offers(self, deed: str, row: PolicyVersion) -> bool:
        return row.published_at is None

    @action(description=_("Publish"), icon="publish", permissions=["publish"])
    def publish(self, request: HttpRequest, object_id: str) -> HttpResponse:
        version = self.fetch(request, object_id)
        return self.ask(
            request,
            version,
            ConfirmForm(request.POST) if request.method == "POST" else ConfirmForm(),
            title=_("Publish the policy"),
            text=_(
                "“{title}” comes into force on {day}. From then on it decides what every record means. "
                "The author cannot publish it."
            ).format(title=version.title, day=version.effective_on),
            button=_("Publish"),
            do=lambda values: policy.publish(version, now=timezone.now(), **evidence(request)),  # type: ignore[func-returns-value]
            done=_("The policy is published."),
        )
