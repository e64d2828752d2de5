"""A number that a new person claims, and how a clerk gives it back."""

import pytest
from django.urls import reverse
from django.utils import timezone

from registry import vault
from registry.models import Citizen, Consent, Device, Event, Message, Review, Revocation, Role, SafeNumber, Tag
from registry.phone import claims, safe_numbers
from tests.factories import CitizenFactory, PassRecordFactory
from tests.registry.clerks import desk_of, make_clerk
from tests.registry.crowds import at_once
from tests.registry.phones import Phone

pytestmark = pytest.mark.django_db
NUMBER, E164 = "01000002101", "+821000002101"


@pytest.fixture
def old(simulator):
    """A phone that holds a pass with records by this number."""
    PassRecordFactory(citizen=CitizenFactory(name="김수진", birth="1985-03-02", phone=E164))
    phone = Phone(simulator, NUMBER, name="김수진", birth_date="1985-03-02")
    assert phone.prove().json()["days"][0]["pass"] == 1
    return phone


@pytest.fixture
def new(simulator, old):
    """Somebody else, with a code sent to the same number."""
    phone = Phone(simulator, NUMBER, name="박새로", birth_date="1990-05-05")
    phone.begin()
    return phone


def holder() -> Citizen:
    return next(person for person in Citizen.objects.all() if person.name == "김수진")


def test_it_asks_before_a_number_with_a_holder_is_taken_and_the_code_stays_good(new):
    code = new.receive()
    refused = new.confirm(code)
    assert (refused.status_code, refused.json()["code"]) == (409, "does_not_fit")
    assert "김" not in refused.json()["detail"]
    assert (new.status()["tries_left"], Citizen.objects.count(), Review.objects.count()) == (4, 1, 0)
    assert Device.objects.active().count() == 1 and not Revocation.objects.exists()
    assert new.confirm(code, name="김수진", birth_date="1985-03-02").status_code == 200


def test_who_got_the_number_cannot_try_out_who_had_it_before(new):
    code = new.receive()
    for day in range(1, 6):
        assert new.confirm(code, name="김수진", birth_date=f"1985-04-{day:02d}").json()["code"] == "does_not_fit"
    assert new.confirm(code, name="김수진", birth_date="1985-03-02").json()["code"] == "no_tries_left"


def test_it_says_so_only_after_the_right_code(new):
    code = new.receive()
    wrong = new.confirm(f"{(int(code) + 1) % 1_000_000:06d}", claim=True)
    assert wrong.json()["code"] == "wrong_code"


def test_whoever_claims_gets_a_pass_without_records_and_the_old_pass_ends(old, new):
    safe = old.signed_post("/api/v1/pass/safe-number").json()["safe_number"]
    answer = new.confirm(new.receive(), claim=True, consent="2026-11")
    body = answer.json()
    assert (answer.status_code, body["days"][0]["pass"], body["masked_name"]) == (200, 0, "박*로")
    assert body["review"] is False, "no record is in question: the wallet says where to tell of a missing one"
    ended = holder()
    assert (ended.phone, ended.phone_index, ended.phone_since, ended.verified_at, ended.due_on) == (None,) * 5
    refused = old.signed_post("/api/v1/pass/strips", {"day_keys": old.day_keys()})
    assert refused.json()["code"] == "unknown_device"
    assert Revocation.objects.get().citizen == ended
    claimant = Device.objects.active().get().citizen
    review = Review.objects.get()
    assert (review.kind, review.citizen, review.other) == (Review.Kind.NUMBER_CLAIMED, claimant, ended)
    assert {event.target for event in Event.objects.filter(tag=Tag.NUMBER_CLAIMED)} == {
        f"citizen:{ended.pk}",
        f"citizen:{claimant.pk}",
    }
    assert Message.objects.filter(purpose="notice").count() == 1
    assert Consent.objects.get().version == "2026-11"
    assert new.signed_post("/api/v1/pass/safe-number").json()["safe_number"] != safe
    assert [person.pk for person in safe_numbers.open_(safe, by=make_clerk(Role.REGISTRAR), reason="x")] == [ended.pk]


def test_whoever_claims_with_a_name_on_record_is_told_that_a_clerk_looks(old, new):
    PassRecordFactory(citizen=CitizenFactory(name="박새로", birth="1990-05-05", phone=None))
    assert new.confirm(new.receive(), claim=True).json()["review"] is True
    assert set(Review.objects.values_list("kind", flat=True)) == {"number_claimed", "possibly_same"}
    assert new.prove().json()["review"] is True


def test_the_code_stays_good_where_the_pass_cannot_be_made(new):
    code = new.receive()
    assert new.confirm(code, claim=True, day_keys={}).json()["code"] == "bad_key"
    assert holder().phone == E164 and not Review.objects.exists()
    assert new.confirm(code, claim=True).status_code == 200


def test_it_asks_nothing_where_nobody_has_proven_the_number(simulator):
    on_record = PassRecordFactory(citizen=CitizenFactory(name="이기록", phone=E164)).citizen
    answer = Phone(simulator, NUMBER, name="박새로").prove().json()
    assert answer["review"] is True
    assert Review.objects.get().kind == Review.Kind.POSSIBLY_SAME
    on_record.refresh_from_db()
    assert on_record.phone == E164


def test_a_number_may_be_claimed_again_and_again(simulator, old):
    for n, name in enumerate(("박하나", "박둘", "박셋")):
        phone = Phone(simulator, NUMBER, name=name)
        phone.begin(REMOTE_ADDR=f"192.0.2.{n}")
        assert phone.confirm(phone.receive(), claim=True).status_code == 200
    assert Device.objects.active().get().citizen.name == "박셋"
    assert Citizen.objects.filter(phone_index__isnull=False).count() == 1
    assert Review.objects.filter(kind=Review.Kind.NUMBER_CLAIMED).count() == 3


@pytest.fixture
def claimed(old, new):
    old.signed_post("/api/v1/pass/safe-number")
    new.confirm(new.receive(), claim=True)
    return Review.objects.get()


def test_a_clerk_gives_the_number_back(old, new, claimed):
    new.signed_post("/api/v1/pass/safe-number")
    first = SafeNumber.objects.get(ended_at__isnull=False)
    client = desk_of(make_clerk(Role.REGISTRAR))
    page = reverse("admin:registry_review_give_back", args=[claimed.pk])
    assert client.get(page).status_code == 200
    assert client.post(page, {"answer": "number never given up"}).status_code == 302
    claimed.refresh_from_db()
    assert claimed.closed_at and claimed.answer == "number never given up"
    assert holder().phone == E164 and claimed.citizen.phone is None
    assert new.signed_post("/api/v1/pass/strips", {"day_keys": new.day_keys()}).json()["code"] == "unknown_device"
    again = old.prove().json()
    assert (again["days"][0]["pass"], again["review"]) == (1, False)
    assert old.signed_post("/api/v1/pass/safe-number").json()["safe_number"] == first.text
    assert client.post(page, {"answer": "again"}).status_code == 200  # told on the page: nothing to give back
    assert Event.objects.filter(tag=Tag.NUMBER_CLAIMED, detail__given_back=True).count() == 2


def test_a_number_that_moved_on_cannot_be_given_back(simulator, claimed):
    third = Phone(simulator, NUMBER, name="박셋")
    third.begin(REMOTE_ADDR="192.0.2.9")
    third.confirm(third.receive(), claim=True)
    with pytest.raises(claims.NotClaimed):
        claims.give_back(claimed, by=make_clerk(Role.REGISTRAR), answer="x", now=timezone.now())


def test_a_stranger_gives_nothing_back(claimed, client):
    page = reverse("admin:registry_review_give_back", args=[claimed.pk])
    assert client.post(page, {"answer": "x"}).status_code == 302  # to the sign-in
    for role in (Role.AUDITOR, Role.VENUE_OFFICER):
        assert desk_of(make_clerk(role, username=role)).post(page, {"answer": "x"}).status_code == 403
    Citizen.objects.update(region="11680")  # of people without one, every registrar sees the items
    elsewhere = desk_of(make_clerk(Role.REGISTRAR, username="elsewhere", region="26350"))
    assert elsewhere.post(page, {"answer": "x"}).status_code == 404
    assert Review.objects.get().closed_at is None


def test_a_renewal_asks_no_question_of_numbers(old, django_assert_max_num_queries):
    old.verification = None
    old.begin()
    code = old.receive()
    with django_assert_max_num_queries(11):
        assert old.confirm(code, signed=True).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_two_who_claim_at_once_leave_one_holder(simulator):
    phones = [Phone(simulator, NUMBER, name=name) for name in ("박하나", "박둘이")]
    codes = []
    for n, phone in enumerate(phones):
        phone.begin(REMOTE_ADDR=f"192.0.2.{n}")
        codes.append(phone.receive())
    vault.make_keys_ahead(vault.today(timezone.now()))  # the vault's pool is small, and this thread has one of it
    assert at_once(lambda n: phones[n].confirm(codes[n], claim=True).status_code, 2) == [200, 200]
    assert Device.objects.active().count() == Citizen.objects.filter(phone_index__isnull=False).count() == 1
    assert Review.objects.filter(kind=Review.Kind.NUMBER_CLAIMED).count() == 1
