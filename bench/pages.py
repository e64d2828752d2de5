"""What clerks ask the desk for, so that every list, search and page of figures is measured, and none needs naming here:
lists are found in the site, in each of the ways that they offer. Pages that are no list are named below.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

REGION = "11680"
CHOICES = 6  # of each filter
SECOND = "page 2"  # asked for where there is one in both: elsewhere the desk leads back to the first
BUSY = "가상"  # what made-up venues are called


@dataclass(frozen=True, slots=True)
class Ask:
    """A page of the desk: its address, by POST where there is a form, and the region of the clerk who asks."""

    address: str
    form: dict[str, str] = field(default_factory=dict)
    region: str = ""


Asks = dict[str, Ask]  # by a name that is the same in both registries; its first word is the list that it belongs to


def client(region: str) -> Any:
    """A superuser with a second factor, of the whole country or bound to a region."""
    from django.test import Client
    from django_otp import DEVICE_ID_SESSION_KEY
    from django_otp.plugins.otp_totp.models import TOTPDevice

    from registry.models import User

    user, _made = User.objects.get_or_create(
        username=f"bench-{region}", defaults={"is_staff": True, "is_superuser": True, "region": region}
    )
    device, _made = TOTPDevice.objects.get_or_create(user=user, name="bench", defaults={"confirmed": True})
    made = Client(headers={"host": "localhost"})
    made.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = made.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
    return made


def asks(whole: Any, bound: Any, today: date) -> Asks:
    """Everything, as a clerk of the whole country and one of a region ask for it."""
    found = {"home": Ask("/admin/"), "home of a region": Ask("/admin/", region=REGION)}
    found |= _lists(whole, bound) | _people(whole) | _venues(today) | _log(today) | _figures(today)
    return found


# --- lists


def _lists(whole: Any, bound: Any) -> Asks:
    from django.contrib import admin

    found: Asks = {}
    for model, desk in sorted(admin.site._registry.items(), key=lambda item: item[0]._meta.label):
        name = str(model._meta.model_name)
        address = f"/admin/{model._meta.app_label}/{name}/"
        shown, of_region = _shown(whole.get(address)), _shown(bound.get(address))
        for title, query in _ways(shown, desk, whole):
            found[f"{name} {title}"] = Ask(address + query)
            narrowed = shown and str(shown.root_queryset.query) != str(of_region.root_queryset.query)
            if narrowed and (title != SECOND or of_region.multi_page):
                found[f"{name} {title}, of a region"] = Ask(address + query, region=REGION)
        if shown and shown.list_display_links and shown.result_list:
            row = str(shown.url_for_result(shown.result_list[0]))
            found[f"{name} row"] = Ask(row)
            found[f"{name} history"] = Ask(row.replace("/change/", "/history/"))
    return found


def _shown(answer: Any) -> Any:
    """The list that a page shows; None where it is another page."""
    return (getattr(answer, "context_data", None) or {}).get("cl")


def _ways(shown: Any, desk: Any, asking: Any) -> Iterator[tuple[str, str]]:
    """The ways a list is asked for: a name and what stands behind the "?"."""
    yield "list", ""
    if shown is None:
        return
    if shown.multi_page:
        yield SECOND, "?p=2"
    for spec in shown.filter_specs:
        for number, choice in enumerate(_choices(spec, shown)):
            yield f"filter {spec.title} {number}", choice
    for number in range(1, len(shown.list_display) + 1):
        if shown.list_display[number - 1] in shown.model_admin.get_sortable_by(asking):
            yield f"order {number}", f"?o={number}"
            yield f"order -{number}", f"?o=-{number}"
    if desk.search_fields:
        yield "search", "?" + urlencode({"q": _term(desk)})
        yield "search without answer", "?q=zzzzzz"


def _choices(spec: Any, shown: Any) -> list[str]:
    found = [choice.get("query_string") for choice in spec.choices(shown) if not choice.get("selected")]
    return [query for query in found if query][:CHOICES]


def _term(desk: Any) -> str:
    """What the newest row says in the field that is searched."""
    path = str(desk.search_fields[0]).lstrip("=^@").removesuffix("__startswith").removesuffix("__exact")
    value = desk.model._default_manager.order_by("-pk").values_list(path, flat=True).first()
    return str(value or BUSY)


# --- one person, one venue


def _people(whole: Any) -> Asks:
    """Found in each of the ways that the desk has, and looked at."""
    from django.urls import reverse

    from registry.models import Citizen, SafeNumber

    person = Citizen.objects.filter(verified_at__isnull=False, guardian=None, records__isnull=False).order_by("pk")[0]
    safe = SafeNumber.objects.order_by("pk")[0]
    search = reverse("admin:registry_citizen_search")
    texts = {
        "phone": {"text": str(person.phone)},
        "name and birth date": {"text": f"{person.name} {person.birth}"},
        "safe number": {"text": safe.text, "reason": "bench"},
        "nobody": {"text": "010-9999-9999"},
        "nobody by name": {"text": "없는사람 1990-01-01"},
    }
    found = {f"people search by {how}": Ask(search, form) for how, form in texts.items()}
    found |= {
        f"people {title}": Ask(reverse(f"admin:registry_citizen_{name}", args=[person.pk]))
        for title, name in (
            ("person", "change"), ("timeline", "timeline"), ("merge", "merge"), ("erase", "erase"),
            ("show", "show_name"),
        )
    }  # fmt: skip
    found["people add a record"] = Ask(reverse("admin:registry_passrecord_add") + f"?citizen={person.pk}")
    found["waiting list"] = Ask(reverse("admin:registry_waiting"))
    if whole.get(found["waiting list"].address).context_data["newer"]:
        found[f"waiting {SECOND}"] = Ask(reverse("admin:registry_waiting") + "?page=1")
    found["waiting of nobody"] = Ask(reverse("admin:registry_waiting") + "?whose=nobodys")
    found["waiting of a region"] = Ask(reverse("admin:registry_waiting"), region=REGION)
    return found


def _venues(today: date) -> Asks:
    """The one with most entries, how it is found, and its day."""
    from django.urls import reverse

    from venues.models import Venue

    venue = Venue.objects.filter(name__startswith=BUSY).order_by("pk")[0]
    entries, yesterday = reverse("admin:checkins_entry_changelist"), str(today - timedelta(days=1))

    def of(**query: Any) -> str:
        return f"{entries}?{urlencode(query)}"

    operators = {"app_label": "venues", "model_name": "venue", "field_name": "operator", "term": venue.operator.name}
    users = {"app_label": "venues", "model_name": "staff", "field_name": "user", "term": "made-owner-00000"}
    return {
        "place venue": Ask(reverse("admin:venues_venue_change", args=[venue.pk])),
        "place what was done": Ask(reverse("admin:venues_venue_deeds", args=[venue.pk])),
        "place history": Ask(reverse("admin:venues_venue_history", args=[venue.pk])),
        "place find an operator": Ask(reverse("admin:autocomplete") + "?" + urlencode(operators)),
        "place find a user": Ask(reverse("admin:autocomplete") + "?" + urlencode(users)),
        "entry list": Ask(of(venue=venue.pk)),
        "entry list of a day": Ask(of(venue=venue.pk, day=yesterday)),
        "entry page 3": Ask(of(venue=venue.pk, day=yesterday, page=2)),
        "entry find the venue": Ask(of(venue=BUSY, day=yesterday)),
        "entry find the venue, of a region": Ask(of(venue=BUSY, day=yesterday), region=REGION),
        "entry venue by name": Ask(of(venue=venue.name, day=yesterday)),
    }


# --- the access log, and pages of figures


def _log(today: date) -> Asks:
    from django.urls import reverse

    from registry.models import Event, Tag

    log = reverse("admin:registry_event_changelist")
    event = Event.objects.filter(tag=Tag.PERSON_REVEALED).order_by("-at").select_related("actor")[0]
    who = event.actor.username if event.actor else ""
    day, tag = str(today - timedelta(days=3)), Tag.PERSON_REVEALED.value
    queries: dict[str, dict[str, str]] = {
        "by whose": {"q": event.target},
        "by key": {"q": event.target.partition(":")[2]},
        "by a word": {"q": "가상의"},
        "by two words": {"q": "가상의 사유"},
        "by clerk": {"who": who},
        "by clerk and deed": {"who": who, "tag": tag},
        "by deed": {"tag": tag},
        "by a deed that is rare": {"tag": Tag.PEOPLE_MERGED.value},
        "by days": {"at_from": day, "at_to": day},
        "by days long ago": {"at_to": str(today - timedelta(days=700))},
        "by all of it": {"who": who, "tag": tag, "at_from": day, "q": "가상의"},
    }
    found = {f"log {how}": Ask(f"{log}?{urlencode(query)}") for how, query in queries.items()}
    last = today.replace(day=1) - timedelta(days=1)
    return found | {
        "months list": Ask(reverse("admin:registry_monthreview_changelist")),
        "months this": Ask(reverse("admin:audit_month", args=[today.year, today.month])),
        "months last": Ask(reverse("admin:audit_month", args=[last.year, last.month])),
    }


def _figures(today: date) -> Asks:
    """Not among them: the two pages that count, before a deed, what it would do to the whole registry (spreading due
    dates, ending older passes)."""
    from django.urls import reverse

    return {
        "figures roles": Ask(reverse("admin:roles")),
        "figures calendar of policies": Ask(reverse("admin:registry_policyversion_calendar")),
        "figures destroyed in a month": Ask(
            reverse("admin:registry_period_certificate", args=[today.year, today.month])
        ),
        "figures retry SMS": Ask(reverse("admin:registry_provider_retry_all")),
        "figures SMS budget": Ask(reverse("admin:registry_provider_set_budget")),
    }
