"""The gate, for the service desk: how many may begin, how many requests go in at once, and how crowded it is now.

It stands here and not in `gate`, which knows nothing of clerks and of what is kept of their deeds.
"""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from gate.models import GateSettings, check_limits
from gate.process import lookout, room
from gate.views import COLOURS, wait_text
from registry import audit
from registry.admin.desk import DeskAdmin, evidence
from registry.models import Partner, Tag

CLASSES = {
    "scan": _("Scanners: uploads, manifest, revocations"),
    "pass": _("Passes on phones"),
    "news": _("Phones that ask whether their pass has changed"),
    "verify": _("Phone checks"),
    "finish": _("Codes given back"),
    "receipts": _("Receipts of SMS providers"),
    "labs": _("Labs and hospitals that push records"),
    "apps": _("Partner apps whose key is not known"),
    "portal": _("Venue owners and scanner pages"),
    "desk": _("Desks"),
    "rest": _("Start page and API description"),
}
LIMIT = "limit_"
FACTS = ("rate", "polls", "minutes")


class GateForm(forms.ModelForm):
    """With a field for each class, empty where its usual limit holds."""

    class Meta:
        model = GateSettings
        fields = FACTS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in settings.GATE_LIMITS:
            field = self.fields.get(LIMIT + name)
            if field:
                field.initial = self.instance.limits.get(name)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        given = {name: cleaned.get(LIMIT + name) for name in settings.GATE_LIMITS}
        limits = {name: limit for name, limit in given.items() if limit}
        check_limits(limits)
        self.instance.limits = limits
        return cleaned


def _limit_field(name: str) -> forms.IntegerField:
    usual = settings.GATE_LIMITS[name]
    return forms.IntegerField(
        label=CLASSES.get(name, name),
        required=False,
        min_value=1,
        widget=UnfoldAdminIntegerFieldWidget({"placeholder": str(usual)}),
        help_text=format_lazy(_("Usually {usual}"), usual=usual),
    )


GateForm.declared_fields.update({LIMIT + name: _limit_field(name) for name in settings.GATE_LIMITS})


@admin.register(GateSettings)
class GateAdmin(DeskAdmin):
    of_the_country = True
    form = GateForm
    readonly_fields = ("crowd", "in_force", "refused", "measured", "limits_in_force")
    fieldsets = (
        (_("Now"), {"fields": ("crowd", "in_force", "refused")}),
        (_("Waiting room"), {"fields": ("rate", "polls", "minutes", "measured")}),
        (
            _("Requests at once, in each process"),
            {
                "fields": tuple(LIMIT + name for name in settings.GATE_LIMITS),
                "description": _("What comes beyond is told at once to come again in a few seconds. Empty: as usual."),
            },
        ),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """With the limits in words for whom may not change them."""
        sets = super().get_fieldsets(request, obj)
        if self.has_change_permission(request, obj):
            return sets
        [*first, (title, options)] = sets
        return [*first, (title, options | {"fields": ("limits_in_force",)})]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """There is one gate, so its page is the list."""
        page = self.to_only_row(request)
        GateSettings.objects.get_or_create(pk=1)
        return page

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: GateSettings, form: Any, change: bool) -> None:
        before = GateSettings.objects.get(pk=obj.pk)
        obj.renew(timezone.now())
        old, new = _told(before), _told(obj)
        changed: dict[str, Any] = {name: [old[name], new[name]] for name in new if old[name] != new[name]}
        audit.record(Tag.GATE_CHANGED, target=obj, **evidence(request), **changed)
        transaction.on_commit(lambda: lookout().apply(obj.rules))

    @display(description=_("congestion of the phone check"))
    def crowd(self, row: GateSettings) -> str:
        lookout().tend()
        place, waiting = room().now_coming(), round(lookout().ahead.waiting)
        if not waiting:
            return str(COLOURS[place.colour][0])
        return gettext("%(colour)s: %(number)s waiting, %(wait)s") % {
            "colour": COLOURS[place.colour][0], "number": waiting, "wait": wait_text(place.wait_s),
        }  # fmt: skip

    @display(description=_("rates in force"))
    def in_force(self, row: GateSettings) -> str:
        rules, now = row.rules, lookout().rate
        told = gettext("%(rate)s people and %(polls)s questions a second") % {
            "rate": _rate(rules.rate), "polls": _rate(rules.polls),
        }  # fmt: skip
        if now >= lookout().rules.rate:
            return told
        fewer = gettext("just now %(now)s people, as those who were let in find no place") % {"now": _rate(now)}
        return f"{told}; {fewer}"

    @display(description=_("turned away this hour"))
    def refused(self, row: GateSettings) -> str:
        counts = lookout().refused_this_hour
        apps = {app.traffic_class: app.name for app in Partner.objects.apps()}
        names = CLASSES | apps
        return ", ".join(f"{names.get(name, name)}: {count}" for name, count in counts.items()) or gettext("nobody")

    @display(description=_("limits"))
    def limits_in_force(self, row: GateSettings) -> str:
        told = [(CLASSES.get(name, name), row.limits.get(name, usual)) for name, usual in settings.GATE_LIMITS.items()]
        return format_html_join(mark_safe("<br>"), "{}: {}", told)

    @display(description=_("measured on this machine"))
    def measured(self, row: GateSettings) -> str:
        if row.measured_at is None:
            return gettext("not yet; until then %(rate)s people and %(polls)s questions a second") % {
                "rate": _rate(row.measured_rate), "polls": _rate(row.measured_polls),
            }  # fmt: skip
        return gettext("%(rate)s people and %(polls)s questions a second, on %(day)s") % {
            "rate": _rate(row.measured_rate), "polls": _rate(row.measured_polls),
            "day": date_format(timezone.localdate(row.measured_at)),
        }  # fmt: skip


def _rate(number: float) -> str:
    """As it is read at a glance: one decimal under ten, where there is one, and none above."""
    whole = number >= 10 or number == round(number)
    return number_format(number, 0 if whole else 1, force_grouping=True)


def _told(row: GateSettings) -> dict[str, Any]:
    """What a clerk can change, for the access log."""
    return {name: getattr(row, name) for name in FACTS} | {"limits": row.limits}
