"""The access log: who looked at or changed what, when, from where and why, in words and by index."""

from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, RangeDateFilter
from unfold.contrib.filters.admin.text_filters import TextFilter
from unfold.decorators import display

from registry.admin.desk import Listed, ReadOnlyAdmin, clerk, moment
from registry.evidence import reading
from registry.models import Event, Tag, User


class WhoFilter(TextFilter):
    """By the user name of whoever did it."""

    title = _("who (user name)")
    parameter_name = "who"

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        name = (self.value() or "").strip()
        if not name:
            return queryset
        user = User.objects.filter(username=name).only("pk").first()  # its key leads to the index, its name would not
        return queryset.filter(actor=user.pk) if user else queryset.none()


class DayFilter(RangeDateFilter):
    """From a day through another, both of Seoul. A day that is none narrows nothing."""

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        since, through = (self._day(end) for end in ("from", "to"))
        if since:
            queryset = queryset.filter(at__gte=since)
        return queryset.filter(at__lt=through + timedelta(days=1)) if through else queryset

    def _day(self, end: str) -> datetime | None:
        given = str(self.used_parameters.get(f"{self.parameter_name}_{end}") or "")
        try:
            day = parse_date(given.strip().replace(".", "-"))
        except ValueError:
            return None
        return timezone.make_aware(datetime.combine(day, time())) if day else None


class TagFilter(DropdownFilter):
    """What was done, in order of its words."""

    title = _("what")
    parameter_name = "tag"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return sorted(((tag.value, str(tag.label)) for tag in Tag), key=lambda pair: pair[1])

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(tag=self.value()) if self.value() else queryset


class Named(Listed):
    """A list of rows with a `target`, named in one go as `about`."""

    result_list: Any

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows: list[Any] = list(self.result_list)
        known = reading.about({row.target for row in rows}, clerk(request))
        for row in rows:
            row.about = known[row.target]
        self.result_list = rows


def log_of(**narrowed: str) -> str:
    """The address of the log, narrowed: who, tag, at_from, at_to, q."""
    return reverse("admin:registry_event_changelist") + "?" + urlencode(narrowed)


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("moment", "tag", "who", "address", "whose", "reason", "more")
    list_filter = (WhoFilter, TagFilter, ("at", DayFilter))
    search_fields = ("reason",)
    search_help_text = _("Words of the reason, or whose: a person's key or “venue:12”")
    when_empty = _("Nothing in the log fits. Take a filter away, or choose other days.")
    ordering = ("-at",)
    sortable_by = ()
    fields = ("moment", "tag", "who", "address", "whose", "all_about", "reason", "more")
    readonly_fields = ("moment", "who", "whose", "all_about", "more")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[Named]:
        return Named

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        """Users apart: joined, all of them may be read for the newest, whom the statistics do not know yet."""
        return super().get_queryset(request).prefetch_related("actor")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return (reading.search(queryset, search_term) if search_term.strip() else queryset), False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Event | None:
        event = super().get_object(request, object_id, from_field)
        if event is not None:
            event.about = reading.about([event.target], clerk(request))[event.target]
        return event

    @display(description=_("at"))
    def moment(self, event: Event) -> str:
        return moment(event.at)

    @display(description=_("who"))
    def who(self, event: Event) -> str:
        if event.actor is None:
            return str(_("citizen or system"))
        return format_html(
            '<a class="text-link" href="{}">{}</a>', log_of(who=event.actor.username), event.actor.username
        )

    @display(description=_("of what"))
    def whose(self, event: Event) -> str:
        """Its page for whoever may open it; else everything that the log has of it."""
        about: reading.About = event.about  # type: ignore[attr-defined]
        return format_html('<a class="text-link" href="{}">{}</a>', about.page or log_of(q=event.target), about.words)

    @display(description=_("all of it"))
    def all_about(self, event: Event) -> str:
        return format_html('<a class="text-link" href="{}">{}</a>', log_of(q=event.target), _("Everything about this"))

    @display(description=_("detail"))
    def more(self, event: Event) -> str:
        told = reading.detail_in_words(event.detail, event.target)
        return "; ".join(f"{label}: {value}" for label, value in told) or "–"
