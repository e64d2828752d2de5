"""One code a request: the server decides all eleven steps at its own clock."""

from datetime import date, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.utils import timezone

from checkins.models import Flag, Refusal
from registry.format import passcode
from registry.models import PaperKey
from tests.checkins.conftest import Door, person

pytestmark = pytest.mark.django_db


def test_it_answers_with_the_verdict_and_stores_the_entry(door):
    guest = person()
    answer = door.show(guest.code(timezone.now()), direction="in").json()
    assert answer == {"verdict": "PASS", "colour": "green", "answer": "stored"}
    [entry] = door.entries
    assert bytes(entry.subject) in guest.strip
    assert door.counts == {("PASS", True): 1}


def test_it_knows_the_same_code_again_and_calls_a_later_one_a_repeat(door):
    guest, now = person(), timezone.now()
    code = guest.code(now - timedelta(seconds=2))
    door.show(code)
    again = door.show(code).json()
    assert (again["verdict"], again["colour"], again["answer"]) == ("REPEAT", "amber", "known")
    assert door.counts == {("PASS", True): 1}
    later = door.show(guest.code(now)).json()
    assert (later["verdict"], later["answer"], later["ago"] < 10) == ("REPEAT", "counted", True)
    assert door.counts == {("PASS", True): 1, ("REPEAT", False): 1}
    assert door.entries.count() == 1


def test_it_counts_and_does_not_log_who_is_not_let_in(door):
    now = timezone.now()
    red = door.show(person(passes=False).code(now)).json()
    reference = red.pop("reference")
    assert red == {"verdict": "NO_PASS", "colour": "red", "answer": "counted", "alone": True}
    [refusal] = Refusal.objects.of(door.venue).on(timezone.localdate()).called(reference.lower())
    assert (refusal.verdict, refusal.seq, str(refusal)) == ("NO_PASS", None, reference)
    stale = door.show(person().code(now - timedelta(minutes=1))).json()
    assert (stale["verdict"], stale["colour"]) == ("STALE", "amber")
    assert door.show("https://example.org/").json()["verdict"] == "MALFORMED"
    assert door.counts == {("NO_PASS", False): 1, ("STALE", False): 1, ("MALFORMED", False): 1}
    assert not door.entries.exists()


def test_it_says_blue_where_no_pass_is_asked_for(fresh_log):
    from registry import policy
    from venues import manifest
    from venues.models import CategoryRule

    CategoryRule.objects.filter(category_id="library").update(asks=False)
    manifest.forget()
    assert policy.published()
    answer = Door("library").show(person(passes=False).code(timezone.now())).json()
    assert (answer["verdict"], answer["colour"], answer["answer"]) == ("ENTRY", "blue", "stored")


def test_it_asks_to_compare_a_paper_pass_with_an_identity_card(door):
    paper = person(paper=True)
    code = paper.code(timezone.now())
    assert door.show(code).json() == {"verdict": "PASS", "colour": "green", "answer": "stored", "identity": True}
    assert door.show(code).json()["verdict"] == "REPEAT"
    assert door.entries.count() == 1


def test_it_takes_few_statements(door, django_assert_max_num_queries):
    door.show(person().code(timezone.now()))
    code = person().code(timezone.now())
    with django_assert_max_num_queries(2):
        assert door.show(code).json()["answer"] == "stored"


@pytest.mark.parametrize(
    ("body", "member"), [({}, "code"), ({"code": 1}, "code"), ({"code": "x", "direction": "up"}, "direction")]
)
def test_it_says_what_is_malformed(door, body, member):
    answer = door.client.post("/api/v1/scan", body, content_type="application/json")
    assert (answer.status_code, answer.json()["member"]) == (400, member)


def forged_paper(day: date) -> str:
    """A paper pass of a day that the agency never signed."""
    nbf, _exp = passcode.strip_times(day, worse_tomorrow=False)
    strip = passcode.sign_strip(
        private_key=ec.generate_private_key(ec.SECP256R1()),
        kid=bytes(8),
        issuer="KR",
        day=day,
        exp=nbf + 31 * 86400,
        iat=nbf,
        cti=bytes(16),
        cnf=None,
        passes=True,
        policy=1,
        phone=3,
        holder=("홍*동", 1990),
    )
    return passcode.encode_code(strip)


def test_it_asks_the_vault_nothing_about_a_paper_pass_that_nobody_signed(door, django_assert_max_num_queries):
    for day in (date(1971, 5, 1), date(2099, 5, 1)):
        with django_assert_max_num_queries(0, using="vault"):
            answer = door.show(forged_paper(day)).json()
        assert (answer["verdict"], answer["answer"]) == ("UNKNOWN_KEY", "counted")
    assert not PaperKey.objects.exists()


def test_it_keeps_nobody_in_and_tells_coming_from_going(door):
    guest, now = person(passes=False), timezone.now()
    seated = door.show(guest.code(now - timedelta(seconds=2)), alone=True).json()
    assert (seated["verdict"], seated["alone"], seated["answer"]) == ("NO_PASS", True, "stored")
    left = door.show(guest.code(now), direction="out").json()
    assert left == {"verdict": "NO_PASS", "colour": "blue", "left": True, "answer": "stored"}
    again = door.show(guest.code(now), direction="out").json()
    assert (again["verdict"], again["answer"]) == ("REPEAT", "known")
    back = door.show(guest.code(now - timedelta(seconds=1))).json()
    assert (back["verdict"], back["answer"]) == ("NO_PASS", "counted")
    stale = door.show(person().code(now - timedelta(minutes=9)), direction="out").json()
    assert (stale["verdict"], stale["left"], stale["answer"]) == ("STALE", True, "counted")
    assert [(entry.direction, entry.flags) for entry in door.entries] == [("in", Flag.ALONE), ("out", 0)]
    assert door.counts == {("NO_PASS", True): 2, ("NO_PASS", False): 1, ("STALE", True): 1}
