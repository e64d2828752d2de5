"""Policy versions: drafts are edited, published ones stand as they are. What two people do is in venues/admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from registry import policy
from registry.admin.desk import HistoryAdmin, clerk
from registry.admin.policy_form import PHONE_CHECK, PolicyForm, fieldsets
from registry.errors import DomainError
from registry.models import PolicyVersion
from registry.policymaking import publishing, words


@admin.register(PolicyVersion)
class PolicyVersionAdmin(HistoryAdmin):
    of_the_country = True
    form = PolicyForm
    compressed_fields = False  # several short fields stand in a row, their names above them
    list_display = ("number", "title", "effective_on", "state", "author", "approver", "published_at")
    list_select_related = ("author", "approver")
    list_display_links = ("number", "title")
    sortable_by = ()
    when_empty = _("No policy yet. Add a draft; a second person publishes it.")
    readonly_fields = (
        "author",
        "approver",
        "published_at",
        "rules_in_words",
        "citizens_read",
        "venues_read",
        "back_to",
    )

    def get_fieldsets(self, request: HttpRequest, obj: PolicyVersion | None = None) -> Any:
        """A draft is a form; what cannot be changed is told in words."""
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets()
        return (
            (None, {"fields": ("title", ("effective_on", "floor_from"), "back_to")}),
            (_("What makes a pass valid"), {"fields": ("rules_in_words",)}),
            (_("Phone check"), PHONE_CHECK),
            (_("Notices"), {"fields": ("citizens_read", "venues_read")}),
            (_("Publishing"), {"fields": (("author", "approver", "published_at"),)}),
        )

    @display(
        description=_("state"),
        label={"in_force": "success", "coming": "info", "past": "default", "draft": "warning"},
    )
    def state(self, version: PolicyVersion) -> tuple[str, Any]:
        today = timezone.localdate()
        if not version.published_at:
            return "draft", _("Draft")
        if version.effective_on > today:
            return "coming", _("Coming")
        now = next((one.pk for one in policy.published() if one.effective_on <= today), None)
        return ("in_force", _("In force")) if now == version.pk else ("past", _("Past"))

    @display(description=_("rules"))
    def rules_in_words(self, version: PolicyVersion) -> str:
        told = words.rules(policy.rules_of(version)).items()
        rows = format_html_join("", "<dt>{}</dt><dd>{}</dd>", ((subject, sentence) for subject, sentence in told))
        return format_html('<dl class="desk-facts">{}</dl>', rows)

    @display(description=_("notice for citizens"))
    def citizens_read(self, version: PolicyVersion) -> str:
        return _both(version.citizen_notice_ko, version.citizen_notice_en)

    @display(description=_("notice for venues"))
    def venues_read(self, version: PolicyVersion) -> str:
        return _both(version.venue_notice_ko, version.venue_notice_en)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new draft starts from the rules in force."""
        try:
            now = policy.in_force_on(timezone.localdate())
        except DomainError:
            return {}
        return {name: getattr(now, name) for name in publishing.COPIED}

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and obj.published_at)

    def save_model(self, request: HttpRequest, obj: PolicyVersion, form: Any, change: bool) -> None:
        """Who writes last is the author: somebody else must publish what they wrote."""
        obj.author = clerk(request)
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if change:
            publishing.changed(form.instance)


def _both(korean: str, english: str) -> str:
    if not korean and not english:
        return "–"
    return format_html('<p lang="ko">{}</p><p lang="en">{}</p>', korean, english)
