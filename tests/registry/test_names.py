"""How names are compared: Latin ones by their words, Korean ones as ever."""

from datetime import date

import pytest
from django.core.management import call_command

from registry.citizens.names import age_on, mask_name, name_key
from registry.models import Citizen
from tests.factories import CitizenFactory
from tests.registry.phones import Phone

BORN = date(1990, 1, 1)


def same(one: str, other: str) -> bool:
    return name_key(one, BORN) == name_key(other, BORN)


@pytest.mark.parametrize(
    "other",
    [
        "Jane Doe",
        "jane doe",
        "DOE, JANE",
        "Jané DOE-",
        "  Doe   Jane ",
        "Do\u0065\u0308 Jane",
        "ＤＯＥ ＪＡＮＥ",
        "Jane-Doe",
    ],
)
def test_latin_names_are_the_same_in_any_order_case_and_accent(other):
    assert same("DOE JANE", other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Jean-Pierre Léa", "LEA JEAN PIERRE"), ("O'Brien Ann", "ANN OBRIEN"), ("Søren Ægir", "AEGIR SOREN"),
     ("Łukasz Straße", "STRASSE LUKASZ"), ("Nguyễn Văn An", "AN VAN NGUYEN"), ("Иван Петров", "ПЕТРОВ ИВАН")],
)  # fmt: skip
def test_passports_write_them_plainly(one, other):
    assert same(one, other)


@pytest.mark.parametrize(
    ("one", "other"), [("Jane Doe", "Jane Dow"), ("Jane Doe", "Jane"), ("An Na", "Anna"), ("Jane Doe", "Jane Doe Doe")]
)
def test_other_words_are_another_name(one, other):
    assert not same(one, other)


def test_korean_names_are_compared_as_before():
    assert name_key("홍 길동", BORN) == name_key("홍길동", BORN) == "홍길동|1990-01-01"
    assert not same("길동 홍", "홍길동")
    assert not same("김Jane", "Jane김")
    assert same("王 小明", "王小明")


def test_masks_and_ages():
    assert (mask_name("DOE JANE"), mask_name("홍길동"), mask_name("김철")) == ("D*E J**E", "홍*동", "김*")
    assert (age_on(date(2026, 11, 22), date(2012, 11, 22)), age_on(date(2026, 11, 22), date(2012, 11, 23))) == (14, 13)
    assert age_on(date(2026, 2, 28), date(2012, 2, 29)) == 13


@pytest.mark.django_db
def test_a_foreigner_is_found_however_the_name_was_typed(simulator):
    person = CitizenFactory(name="DOE JANE", birth="1988-08-08", phone="+821000002301")
    phone = Phone(simulator, "01000002301", name="Jane Doe", birth_date="1988-08-08")
    assert phone.prove().json()["review"] is False
    assert Citizen.objects.get() == person


@pytest.mark.django_db
def test_people_who_are_on_record_are_indexed_anew(capsys):
    person = CitizenFactory(name="DOE JANE", phone="+821000002302")
    Citizen.objects.update(name_index=b"as it was")
    CitizenFactory(name="김수진", phone="+821000002303")
    call_command("index_names")
    assert Citizen.objects.named("Jane Doe", BORN).get() == person
    assert "1" in capsys.readouterr().out
    call_command("index_names")
    assert "0" in capsys.readouterr().out


@pytest.mark.django_db
def test_who_turns_out_to_be_there_twice_is_left_to_a_clerk(capsys):
    one = CitizenFactory(name="DOE JANE", phone="+821000002304")
    two = CitizenFactory(name="Joan Doe", phone="+821000002304")
    Citizen.objects.filter(pk=two.pk).update(name=Citizen.objects.get(pk=one.pk).name, name_index=b"as it was")
    call_command("index_names")
    assert str(two.pk) in capsys.readouterr().out
    assert Citizen.objects.named("Jane Doe", BORN).get() == one
