"""Several people are held in one order, whatever is done with them, so that no two deeds wait for each other: whoever
carries others first, then by key."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import transaction
from django.utils import timezone

from registry import issuing, vault
from registry.citizens import merging, people, wards, withdrawal
from registry.citizens.people import Document, NobodyThere
from registry.format import es256
from registry.models import Citizen, Review
from registry.phone import claims
from registry.phone.holders import Identity
from tests.factories import CitizenFactory
from tests.registry.crowds import while_held
from tests.registry.importing import registrar
from tests.registry.phones import Phone

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER, E164 = "01000002301", "+821000002301"


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def clerk():
    return registrar()


@pytest.fixture
def family(now):
    """A guardian and two children in the order in which they are to be held: neither by key nor as they lie."""
    of_number = {"phone": E164, "phone_since": now, "verified": True}
    guardian = CitizenFactory(pk=UUID(int=9), name="김수진", **of_number)
    of_number |= {"guardian": guardian, "relation": "child"}
    younger, elder = (CitizenFactory(pk=UUID(int=n), name=f"이아이{n}", **of_number) for n in (2, 1))
    return [guardian, elder, younger]


@pytest.fixture
def code(simulator, family):
    """Gives the right code back on the guardian's phone."""
    phone = Phone(simulator, NUMBER, name="김수진")
    phone.begin()
    right = phone.receive()
    return lambda: phone.confirm(right).status_code == 200


def hold(person):
    Citizen.objects.filter(pk=person.pk).hold()


def once_carried(now):
    """Whom the number stands for without a pass; by key before whoever carries others."""
    return CitizenFactory(pk=UUID(int=3), name="이청년", phone=E164, phone_since=now)


@transaction.atomic
def parted(family, clerk, now):
    claims.part(family, by=None, reason="number claimed", now=now)


def merged(family, clerk, now):
    merging.merge(family[0], CitizenFactory(), by=clerk, reason="one person", now=now)


def corrected(family, clerk, now):
    guardian = Citizen.objects.get(pk=family[0].pk)
    guardian.phone = "+821000002302"
    people.correct(guardian, fields=["phone"], by=clerk, now=now)


def verified(family, clerk, now):
    people.verify_at_desk(family[0], document=Document.PASSPORT, by=clerk, now=now)


def withdrawn(family, clerk, now):
    withdrawal.withdraw(family[0], erase=False, now=now)


def erased(family, clerk, now):
    withdrawal.erase(family[0], by=clerk, reason="own wish", now=now)


@pytest.mark.parametrize("one", [0, 1], ids=["guardian", "child"])
@pytest.mark.parametrize("deed", [parted, merged, corrected, verified, withdrawn, erased])
def test_a_deed_holds_nobody_while_it_waits_for_who_comes_first(family, clerk, now, deed, one):
    while_held(lambda: hold(family[one]), lambda: deed(family, clerk, now), lambda: hold(family[one + 1]))


@pytest.mark.parametrize("one", [0, 1], ids=["guardian", "child"])
def test_so_does_a_phone_check(family, code, one):
    _held, taken = while_held(lambda: hold(family[one]), code, lambda: hold(family[one + 1]))
    assert taken


@pytest.mark.parametrize("one", [0, 1], ids=["guardian", "child"])
def test_a_phone_check_reaches_whom_somebody_changes_meanwhile(family, code, now, one):
    changed = Citizen.objects.filter(pk=family[one].pk)
    _changed, taken = while_held(lambda: changed.update(language="en"), code)
    assert taken and changed.get().language == "en"
    assert Citizen.objects.filter(verified_at__gt=now).count() == len(family)


@pytest.mark.parametrize("deed", [withdrawn, erased])
def test_whoever_leaves_waits_for_who_was_carried_once(family, clerk, now, deed):
    once = once_carried(now)
    while_held(lambda: hold(once), lambda: deed(family, clerk, now), lambda: hold(family[0]))


def test_whoever_adds_somebody_with_the_number_waits_for_them(family, now):
    once = once_carried(now)
    point = es256.point_of(ec.generate_private_key(ec.SECP256R1()))
    keys = {"device_key": point, "day_keys": {vault.today(now) + timedelta(days=n): point for n in range(40)}}
    device = issuing.enrol(family[0], **keys, now=now).device
    who = Identity("이청년", date(1990, 1, 1))
    _held, issue = while_held(
        lambda: hold(once),
        lambda: wards.add(device, who, relation="parent", consent="2026-01", **keys, now=now),
        lambda: hold(family[0]),
    )
    assert issue.device.citizen_id == once.pk


def test_whoever_gives_a_number_back_waits_for_who_had_it(family, clerk, now):
    former = CitizenFactory(pk=UUID(int=4), phone=None)
    kind = Review.Kind.NUMBER_CLAIMED
    item = Review.objects.create(kind=kind, citizen=family[0], other=former, opened_at=now)
    while_held(
        lambda: hold(former),
        lambda: claims.give_back(item, by=clerk, answer="it was theirs", now=now),
        lambda: hold(family[0]),
    )
    former.refresh_from_db()
    assert former.phone == E164


def test_nobody_is_verified_at_the_desk_who_is_merged_into_another_meanwhile(family, clerk, now):
    goes = CitizenFactory()
    with pytest.raises(NobodyThere):
        while_held(
            lambda: merging.merge(family[0], goes, by=clerk, reason="one person", now=now),
            lambda: people.verify_at_desk(goes, document=Document.PASSPORT, by=clerk, now=now),
        )
