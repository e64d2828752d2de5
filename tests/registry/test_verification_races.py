"""What comes at the same moment: guesses, a code given back twice, requests for codes; limits and people stay right."""

import pytest

from registry.models import Citizen
from registry.phone import limits
from tests.registry.crowds import at_once
from tests.registry.phones import Phone, status_and_code

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def phone(simulator):
    return Phone(simulator, "01000001001")


def test_parallel_guesses_get_five_tries_in_all(phone):
    phone.begin()
    code = int(phone.receive())
    answers = at_once(lambda n: status_and_code(phone.confirm(f"{(code + 1 + n) % 1_000_000:06d}")), 8)
    assert sorted(answers) == [(422, "wrong_code")] * 5 + [(429, "no_tries_left")] * 3


def test_one_check_given_back_twice_at_once_makes_one_person(phone):
    phone.begin()
    code = phone.receive()
    assert sorted(at_once(lambda _n: phone.confirm(code).status_code, 2)) == [200, 410]
    assert Citizen.objects.count() == 1


def test_parallel_requests_for_codes_keep_to_the_limit(simulator):
    answers = at_once(lambda _n: Phone(simulator, "01000001006").begin().status_code, 8)
    assert sorted(answers) == [202] * limits.CODES_PER_NUMBER_AND_ADDRESS[0].most + [429] * 3
