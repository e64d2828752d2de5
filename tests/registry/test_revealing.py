"""How many personal fields a clerk may have shown, and what is said and kept when it is too many."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from registry.citizens import revealing
from registry.citizens.revealing import Field
from registry.models import Event, RevealRule, Role, Tag
from tests.factories import CitizenFactory
from tests.registry.clerks import desk_of, make_clerk

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk():
    RevealRule.objects.update_or_create(pk=1, defaults={"an_hour": 2, "a_day": 3})
    return make_clerk(Role.REGISTRAR)


def show(clerk, person, *, later=timedelta(0)):
    return revealing.reveal(person, Field.NAME, by=clerk, reason="by letter", now=timezone.now() + later)


def test_it_refuses_past_the_limit_of_an_hour_and_says_when_the_next_is_possible(clerk):
    person = CitizenFactory()
    assert [show(clerk, person), show(clerk, person)] == ["홍길동", "홍길동"]
    with pytest.raises(revealing.TooManyReveals) as refused:
        show(clerk, person)
    assert refused.value.extra["minutes"] in (59, 60)
    tried = Event.objects.get(tag=Tag.REVEAL_REFUSED)
    assert (tried.actor, tried.target, tried.detail) == (clerk, f"citizen:{person.pk}", {"field": "name"})


def test_it_counts_each_clerk_alone_over_an_hour_and_over_a_day(clerk):
    person, other = CitizenFactory(), make_clerk(Role.REGISTRAR, username="other")
    for _time in range(2):
        show(clerk, person)
    assert show(other, person) == "홍길동"
    assert show(clerk, person, later=timedelta(minutes=61)) == "홍길동"
    with pytest.raises(revealing.TooManyReveals):
        show(clerk, person, later=timedelta(minutes=62))
    assert show(clerk, person, later=timedelta(hours=25)) == "홍길동"


def test_the_page_says_it_and_shows_nothing(clerk):
    client, page = desk_of(clerk), reverse("admin:registry_citizen_show_phone", args=[CitizenFactory().pk])
    texts = [client.post(page, {"reason": "by letter"}).content.decode() for _time in range(3)]
    assert ["010-0000-" in text for text in texts] == [True, True, False]
    assert "2" in texts[2] and Event.objects.filter(tag=Tag.REVEAL_REFUSED).count() == 1


def test_the_service_desk_sets_the_limit_and_nobody_else(clerk):
    page = reverse("admin:registry_revealrule_change", args=[1])
    service = desk_of(make_clerk(Role.SERVICE, username="service"))
    assert service.post(page, {"an_hour": 50, "a_day": 40}).context["errors"]
    service.post(page, {"an_hour": 50, "a_day": 200})
    rule = RevealRule.objects.get()
    assert (rule.an_hour, rule.a_day) == (50, 200)
    told = Event.objects.get(tag=Tag.REVEAL_RULE_CHANGED).detail
    assert told == {"before": {"an_hour": 2, "a_day": 3}, "after": {"an_hour": 50, "a_day": 200}}
    assert desk_of(clerk).get(page).status_code == 403
    assert desk_of(make_clerk(Role.AUDITOR, username="auditor")).post(page, {}).status_code == 403
