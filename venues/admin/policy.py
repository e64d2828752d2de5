"""The policy desk: a version with its categories, compared, previewed, published by two, taken back; the calendar."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextInputWidget

from registry import vault
from registry.admin.desk import DayInput, ReasonForm, evidence, posted
from registry.admin.meanwhile import TOKEN, MeanwhileInline
from registry.admin.policy import PolicyVersionAdmin
from registry.errors import DomainError
from registry.models import Approval, Job, PolicyPreview, PolicyVersion
from registry.policymaking import preview, publishing, words
from venues import category_rules, policies, policy_calendar, policy_figures
from venues.models import Category, CategoryRule


class CategoryFormSet(BaseInlineFormSet):
    """The days of a draft's categories, checked as publishing does."""

    def clean(self) -> None:
        super().clean()
        filled = [form for form in self.forms if not form.errors and form.instance.category_id]
        if not self.instance.effective_on:
            return
        by_rule = {id(form.instance): form for form in filled}
        for rule, problem in category_rules.problems(self.instance, [form.instance for form in filled]):
            by_rule[id(rule)].add_error(None, problem)


class CategoryRuleForm(MeanwhileInline):
    def noted(self) -> PolicyVersion:
        return self.instance.policy


class CategoryRuleInline(TabularInline):
    """Which categories ask for a pass under the policy: a row for each, made with the draft."""

    model = CategoryRule
    form = CategoryRuleForm
    formset = CategoryFormSet
    verbose_name_plural = _("Which venues ask for a pass")
    readonly_fields = ("category",)
    extra = max_num = 0
    can_delete = False
    hide_title = True

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("category").order_by("category__position")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Where they may be changed, with what tells whether another clerk did so meanwhile."""
        shown = ("category", "asks", "asks_from", "asks_until", "alone")
        return (*shown, TOKEN) if self.has_change_permission(request, obj) else shown

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and obj.published_at)


class FloorForm(ReasonForm):
    day = forms.DateField(label=capfirst(_("older passes end on")), widget=DayInput)
    field_order = ("day", "reason")


class BackForm(forms.Form):
    title = forms.CharField(label=capfirst(_("title")), max_length=80, widget=UnfoldAdminTextInputWidget)
    effective_on = forms.DateField(label=capfirst(_("in force from")), widget=DayInput)


admin.site.unregister(PolicyVersion)


@admin.register(PolicyVersion)
class PolicyWithCategoriesAdmin(PolicyVersionAdmin):
    """The registry's policy page with the rules of the categories, which are this app's."""

    inlines = (CategoryRuleInline,)
    actions_list = ("calendar",)
    actions_detail = ("publish", "end_older", "go_back")
    change_form_outer_before_template = "admin/registry/policyversion/standing.html"
    change_form_outer_after_template = "admin/registry/policyversion/effects.html"

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj else ()  # a new draft gets them from the policy in force

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.preview)
        return [path("<int:number>/preview/", view, name="registry_policyversion_preview"), *super().get_urls()]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if not change:
            category_rules.copy_from_policy_in_force(form.instance, timezone.localdate())

    def response_post_save_add(self, request: HttpRequest, obj: PolicyVersion) -> HttpResponseRedirect:
        """To the draft's page, where the copied categories stand, and on to its preview."""
        return HttpResponseRedirect(self.page_of(obj))

    response_post_save_change = response_post_save_add

    # --- what the page of a version shows around the form

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        version = self.get_object(request, object_id)
        around = standing(version) if version else {}
        return super().change_view(request, object_id, form_url, (extra_context or {}) | around)

    def preview(self, request: HttpRequest, number: int) -> HttpResponse:
        """Ask for the preview of a draft."""
        version = self.fetch(request, str(number))
        if request.method != "POST" or not self.has_change_permission(request, version):
            raise PermissionDenied
        policies.begin_preview(version, now=timezone.now(), **evidence(request))
        return HttpResponseRedirect(self.page_of(version) + "#preview")

    # --- deeds

    def has_publish_permission(self, request: HttpRequest, object_id: str) -> bool:
        return self.may(request, policies.MAY)

    def offers(self, deed: str, row: PolicyVersion) -> bool:
        return (row.published_at is None) == (deed == "publish")

    @action(description=_("Ask for publishing"), icon="publish", permissions=["publish"])
    def publish(self, request: HttpRequest, object_id: str) -> HttpResponse:
        version = self.fetch(request, object_id)
        return self.ask(
            request,
            version,
            ReasonForm(posted(request)),
            title=_("Ask for publishing"),
            text=_(
                "“{title}” comes into force on {day}. From then on it decides what every record means. A second "
                "person, not the author, publishes it in the inbox of approvals."
            ).format(title=version.title, day=date_format(version.effective_on)),
            button=_("Ask for publishing"),
            do=lambda values: self._publish(request, version, values),  # type: ignore[func-returns-value]
            done=_("A second person is asked. The request stands in the inbox of approvals."),
        )

    def _publish(self, request: HttpRequest, version: PolicyVersion, values: dict[str, Any]) -> None:
        policies.ask_to_publish(version, reason=values["reason"], now=timezone.now(), **evidence(request))

    @action(description=_("End older passes"), icon="event_busy", permissions=["publish"])
    def end_older(self, request: HttpRequest, object_id: str) -> HttpResponse:
        version = self.fetch(request, object_id)
        now = timezone.now()
        soonest = max(version.effective_on, vault.today(now) + publishing.FLOOR_NOTICE)
        phones = preview.phones(version, soonest, now=now)
        return self.ask(
            request,
            version,
            FloorForm(posted(request), initial={"day": version.floor_from or soonest}),
            title=_("End older passes"),
            text=_(
                "From the day on, scanners call a pass outdated that was made before this version. {phones} phones "
                "hold one that reaches {day}; each has to be opened with a network before the day. A day sooner "
                "than in a week leaves people no time: it is for emergencies. A second person has to grant it."
            ).format(phones=f"{phones:,}", day=date_format(soonest)),
            button=_("Ask a second person"),
            do=lambda values: self._end_older(request, version, values),  # type: ignore[func-returns-value]
            done=_("A second person is asked. The request stands in the inbox of approvals."),
        )

    def _end_older(self, request: HttpRequest, version: PolicyVersion, values: dict[str, Any]) -> None:
        day, reason = values["day"], values["reason"]
        policies.ask_for_floor(version, day, reason=reason, now=timezone.now(), **evidence(request))

    @action(description=_("Back to these rules"), icon="history", permissions=["publish"])
    def go_back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        old = self.fetch(request, object_id)
        tomorrow = vault.today(timezone.now()) + timedelta(days=1)
        title = gettext("Back to version {version}").format(version=old)[:80]
        return self.ask(
            request,
            old,
            BackForm(posted(request), initial={"title": title, "effective_on": tomorrow}),
            title=_("Back to these rules"),
            text=_(
                "A new draft takes over the rules and the categories of this version, and its preview begins at once. "
                "It is published as any other; no record is changed."
            ),
            button=_("Make the draft"),
            do=lambda values: self._go_back(request, old, values),
            done=_("The draft is made. Its preview is under way; then ask for publishing."),
        )

    def _go_back(self, request: HttpRequest, old: PolicyVersion, values: dict[str, Any]) -> HttpResponse:
        draft = policies.go_back_to(old, now=timezone.now(), **values, **evidence(request))
        return HttpResponseRedirect(self.page_of(draft))

    @action(description=_("Calendar"), icon="calendar_month", permissions=["view"], url_path="calendar")
    def calendar(self, request: HttpRequest) -> HttpResponse:
        """What is in force when, a year at a time."""
        today = vault.today(timezone.now())
        asked = request.GET.get("year", "")
        year = int(asked) if asked.isascii() and asked.isdigit() and 2000 <= int(asked) <= 2999 else today.year
        context = self.admin_site.each_context(request) | {
            "title": gettext("Calendar of policies"), "opts": self.opts, "year": year, "today": today,
            "media": self.media, "back": reverse("admin:registry_policyversion_changelist"), **of_year(year),
        }  # fmt: skip
        return TemplateResponse(request, "admin/registry/policyversion/calendar.html", context)


def standing(version: PolicyVersion) -> dict[str, Any]:
    """Where a version stands on its way: what is wrong, how it differs from the one before, what its preview found."""
    now = timezone.now()
    others = PolicyVersion.objects.published().exclude(pk=version.pk).filter(effective_on__lt=version.effective_on)
    before = others.order_by("-effective_on").first()
    found = PolicyPreview.objects.filter(version=version).select_related("version").first()
    running = Job.objects.filter(kind=policies.PREVIEW, values__version=version.pk).order_by("-asked_at").first()
    waits = Approval.objects.of(f"policyversion:{version.pk}").open(now).first()
    return {
        "version": version,
        "before": before,
        "changes": words.compare(in_words(before), in_words(version)) if before else [],
        "found": found,
        "stale": found and not version.published_at and preview.stale(found, version, now=now),
        "days": policy_figures.days(found) if found else [],
        "affected": policy_figures.categories(found) if found else [],
        "job": running if running and (running.is_under_way or running.error) else None,
        "waits": waits,
        "refusal": "" if version.published_at else _refusal(version),
    }


def _refusal(version: PolicyVersion) -> str:
    """Why a draft cannot be published as it stands; "" where it can."""
    try:
        publishing.check(version, now=timezone.now())
        category_rules.check(version)
    except DomainError as error:
        return str(error)
    return ""


def in_words(version: PolicyVersion) -> dict[Any, str]:
    return words.version(version) | category_rules.in_words(version)


def of_year(year: int) -> dict[str, Any]:
    """The rows of the calendar."""
    rows = PolicyVersion.objects.published().order_by("effective_on")
    versions = [policy_calendar.Version(row.number, row.title, row.effective_on) for row in rows]
    columns = policy_calendar.months(date(year, 1, 1))
    by_category: dict[str, dict[int, Any]] = {}
    for rule in CategoryRule.objects.filter(policy__in=[version.number for version in versions]):
        by_category.setdefault(rule.category_id, {})[rule.policy_id] = _asked_by(rule)
    return {
        "columns": columns,
        "versions": policy_calendar.of_versions(versions, columns),
        "categories": [
            (category, policy_calendar.of_category(versions, by_category.get(category.pk, {}), columns))
            for category in Category.objects.all()
        ],
    }


def _asked_by(rule: CategoryRule) -> Any:
    return lambda day: ("alone" if rule.alone else "pass") if rule.asks_on(day) else None
