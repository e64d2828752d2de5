"""The second person: asked by one, granted by another, done exactly then."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from registry import approvals
from registry.errors import DomainError
from registry.models import Approval, Citizen, Event, Role, Tag
from tests.factories import CitizenFactory
from tests.registry.clerks import desk_of, make_clerk

pytestmark = pytest.mark.django_db


class TooLate(DomainError):
    message = "The train has left."


@pytest.fixture(autouse=True)
def deeds(monkeypatch):
    """A deed that moves a person to another region, unless told that it cannot."""
    monkeypatch.setattr(approvals, "DEEDS", {})

    def person_in_words(approval):
        return str(Citizen.objects.get(pk=approval.target_key))

    @approvals.deed("move", title="Move a person", permission="registry.change_citizen", describe=person_in_words)
    def move(approval, decider, now):
        if approval.values["region"] == "00000":
            raise TooLate
        Citizen.objects.filter(pk=approval.target.split(":")[1]).update(region=approval.values["region"])


@pytest.fixture
def asker():
    return make_clerk(Role.REGISTRAR, username="asker")


@pytest.fixture
def second():
    return make_clerk(Role.REGISTRAR, username="second")


@pytest.fixture
def person():
    return CitizenFactory(region="11110")


def asked(person, asker, region="11680", **more):
    now = more.pop("now", timezone.now())
    return approvals.ask("move", target=person, values={"region": region}, by=asker, reason="이사", now=now, **more)


def test_it_does_the_deed_when_a_second_person_grants_it(person, asker, second):
    approval = asked(person, asker)
    assert list(approvals.waiting_for(second, timezone.now())) == [approval]
    approvals.grant(approval, by=second, now=timezone.now(), words="주소 확인")
    person.refresh_from_db()
    assert (person.region, approval.state, approval.decider) == ("11680", Approval.State.GRANTED, second)
    tags = Event.objects.filter(target=f"approval:{approval.pk}").order_by("pk").values_list("tag", "actor")
    assert list(tags) == [(Tag.APPROVAL_ASKED, asker.pk), (Tag.APPROVAL_GRANTED, second.pk)]


def test_it_refuses_who_asked_and_so_does_the_database(person, asker):
    approval = asked(person, asker)
    assert not approvals.waiting_for(asker, timezone.now())
    with pytest.raises(approvals.OwnRequest):
        approvals.grant(approval, by=asker, now=timezone.now())
    with pytest.raises(IntegrityError, match="decider_is_not_requester"), transaction.atomic():
        Approval.objects.filter(pk=approval.pk).update(state="granted", decider=asker, decided_at=timezone.now())


def test_it_refuses_whose_role_may_not(person, asker):
    approval = asked(person, asker)
    with pytest.raises(approvals.NotYours):
        approvals.grant(approval, by=make_clerk(Role.VENUE_OFFICER), now=timezone.now())


def test_it_does_nothing_when_refused_or_taken_back(person, asker, second):
    approvals.refuse(asked(person, asker), by=second, now=timezone.now(), words="근거 없음")
    again = asked(person, asker)
    with pytest.raises(approvals.NotYours):
        approvals.withdraw(again, by=second, now=timezone.now())
    approvals.withdraw(again, by=asker, now=timezone.now())
    with pytest.raises(approvals.NoLongerOpen):
        approvals.grant(again, by=second, now=timezone.now())
    person.refresh_from_db()
    assert person.region == "11110"


def test_it_stays_open_when_the_deed_itself_cannot_be_done(person, asker, second):
    approval = asked(person, asker, region="00000")
    with pytest.raises(TooLate):
        approvals.grant(approval, by=second, now=timezone.now())
    approval = Approval.objects.get()
    assert approval.is_open(timezone.now())
    assert not Event.objects.filter(tag=Tag.APPROVAL_GRANTED).exists()


def test_it_is_asked_once_until_it_ends(person, asker, second):
    now = timezone.now()
    asked(person, asker, now=now - timedelta(days=6))
    with pytest.raises(approvals.AlreadyAsked):
        asked(person, second, now=now)
    later = now + timedelta(days=2)
    assert asked(person, second, now=later).is_open(later)


def test_its_desk_lists_what_waits_for_me_and_does_it_at_a_button(person, asker, second):
    approval = asked(person, asker)
    desk = desk_of(second)
    listing = desk.get(reverse("admin:registry_approval_changelist"))
    assert [row.pk for row in listing.context["cl"].result_list] == [approval.pk]
    grant = reverse("admin:registry_approval_grant", args=[approval.pk])
    assert desk_of(asker).get(grant).status_code == 403
    assert desk_of(make_clerk(Role.VENUE_OFFICER)).get(grant).status_code in (403, 404)
    assert desk.post(grant, {"words": ""}).status_code == 302
    person.refresh_from_db()
    assert person.region == "11680"


def test_its_list_asks_no_more_of_the_database_however_many_wait(asker, second, django_assert_max_num_queries):
    desk, listing = desk_of(second), reverse("admin:registry_approval_changelist")
    asked(CitizenFactory(), asker)
    desk.get(listing)
    with CaptureQueriesContext(connection) as one:
        desk.get(listing)
    for _n in range(5):
        asked(CitizenFactory(), asker)
    with django_assert_max_num_queries(len(one)):
        assert len(desk.get(listing).context["cl"].result_list) == 6


def test_its_desk_goes_on_without_what_is_of_a_deed_no_longer_known(person, asker):
    approval = asked(person, asker)
    Approval.objects.filter(pk=approval.pk).update(deed="abolished")
    listing = desk_of(asker).get(reverse("admin:registry_approval_changelist"), {"which": "mine"})
    assert listing.status_code == 200 and not listing.context["cl"].result_list


def test_its_desk_says_what_is_lacking_also_where_nothing_at_all_was_sent(person, asker, second):
    approval = asked(person, asker)
    answer = desk_of(second).post(reverse("admin:registry_approval_refuse", args=[approval.pk]), {})
    assert "words" in answer.context["form"].errors
