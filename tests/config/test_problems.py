"""What a caller reads when something of ours is away or broken, or was never there."""

import pytest
from django.db import OperationalError
from django.test import Client, RequestFactory

from config import problems

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient_client() -> Client:
    return Client(raise_request_exception=False)


def answer(error: Exception, path: str = "/owner/"):
    """What handler500 makes of an error."""
    try:
        raise error
    except type(error):
        return problems.server_error(RequestFactory().get(path))


@pytest.mark.parametrize(("error", "status"), [(OperationalError("gone"), 503), (ZeroDivisionError(), 500)])
def test_it_tells_a_page_apart_that_is_away_from_one_that_is_broken(error, status):
    page = answer(error)
    assert page.status_code == status
    assert page.headers.get("Retry-After") == ("3" if status == 503 else None)
    assert "gone" not in page.content.decode()


def test_it_answers_the_api_with_a_problem():
    problem = answer(OperationalError("gone"), "/api/v1/scans")
    assert problem.status_code == 503
    assert problem.headers["Content-Type"] == "application/problem+json"


def test_it_needs_no_database_to_say_that_it_has_none(django_assert_num_queries):
    with django_assert_num_queries(0):
        answer(OperationalError("gone"))


def test_it_says_in_the_readers_language_that_there_is_no_such_page(client):
    page = client.get("/nowhere/", headers={"Accept-Language": "en"})
    assert page.status_code == 404
    assert "There is no such page" in page.content.decode()
