"""Signing up: number, code, account; and getting back in by the phone."""

import re
import time

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from registry.models import Citizen, Event, Message, Tag, User, Verification
from tests.factories import UserFactory
from tests.registry.phones import another
from tests.venues.owners import PASSWORD, PHONE, an_owner, code_for
from venues.models import Account

pytestmark = pytest.mark.django_db
ACCOUNT = {"name": "김사장", "username": "cafe-kim", "password": "a-long-enough-one", "terms": "on"}


@pytest.fixture(autouse=True)
def english(client):
    client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = "en"


def prove(client, simulator, start="/owner/sign-up/", phone=PHONE, **more):
    """Number and code; the answer leads on."""
    assert client.post(start, {"phone": phone} | more).headers["Location"] == f"{start}code/"
    return client.post(f"{start}code/", {"code": code_for(simulator, phone)})


def test_it_opens_an_account_for_a_proven_number_and_goes_on_to_the_venue(client, simulator):
    answer = prove(client, simulator)
    assert answer.headers["Location"] == "/owner/sign-up/account/"
    answer = client.post("/owner/sign-up/account/", ACCOUNT)
    assert answer.headers["Location"] == "/owner/applications/new/"
    account = Account.objects.get()
    assert (account.user.username, account.name, account.phone) == ("cafe-kim", "김사장", "+821000000042")
    assert client.get("/owner/").status_code == 200
    assert Event.objects.get(tag=Tag.OWNER_SIGNED_UP).actor == account.user
    assert not Citizen.objects.exists() and Verification.objects.get().confirmed_at
    assert client.get("/owner/sign-up/account/").status_code == 302  # the proof is used up


def test_a_wrong_form_says_so_in_its_title_and_takes_the_focus_to_what_is_wrong(client, simulator):
    page = client.get("/owner/sign-up/").content.decode()
    assert "<title>Error" not in page and "autofocus" not in page
    page = client.post("/owner/sign-up/", {"phone": "02-123-4567"}).content.decode()
    assert "<title>Error: " in page and " autofocus" in re.search(r'<input[^>]* name="phone"[^>]*>', page).group()
    prove(client, simulator)
    page = client.post("/owner/sign-up/account/", ACCOUNT | {"name": "", "password": ""}).content.decode()
    assert page.index("autofocus") < page.index("owner-problems"), "several are told in one place, which comes first"
    assert page.count(" autofocus") == 1


def test_it_keeps_neither_number_nor_name_in_clear(client, simulator):
    prove(client, simulator)
    assert "1000000042" not in str(dict(client.session.items()))
    client.post("/owner/sign-up/account/", ACCOUNT)
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT a::text, u::text FROM venues_account a JOIN registry_user u ON u.id = a.user_id")
        kept = str(cursor.fetchall())
    assert "김사장" not in kept and "1000000042" not in kept


def test_it_says_what_is_wrong_and_keeps_what_was_typed(client, simulator):
    page = client.post("/owner/sign-up/", {"phone": "02-123-4567"}).content.decode()
    assert "begins with 010" in page and 'value="02-123-4567"' in page
    prove(client, simulator)
    UserFactory(username="taken")
    bad = ACCOUNT | {"username": "Taken!", "password": "12345", "terms": ""}
    page = client.post("/owner/sign-up/account/", bad).content.decode()
    assert 'value="김사장"' in page and "12345" not in page
    assert "small letters" in page and "too short" in page and "Without your agreement" in page
    answer = client.post("/owner/sign-up/account/", ACCOUNT | {"username": "taken"})
    assert answer.status_code == 409 and "is taken" in answer.content.decode()
    assert not Account.objects.exists()


def test_it_counts_wrong_codes_and_leads_nowhere_without_the_right_one(client, simulator):
    client.post("/owner/sign-up/", {"phone": PHONE})
    code = code_for(simulator, PHONE)
    for says in ("Tries left: 4", "Tries left: 3", "Tries left: 2", "Tries left: 1", "Please send a new code"):
        assert says in client.post("/owner/sign-up/code/", {"code": another(code)}).content.decode()
    assert client.post("/owner/sign-up/code/", {"code": code}).status_code == 429
    assert client.get("/owner/sign-up/account/").headers["Location"] == "/owner/sign-up/"
    assert Client().get("/owner/sign-up/code/").headers["Location"] == "/owner/sign-up/"


def test_it_sends_another_code_and_says_when_that_is_enough(client, simulator):
    client.post("/owner/sign-up/", {"phone": PHONE})
    page = client.post("/owner/sign-up/code/", {"again": "1"}, follow=True).content.decode()
    assert "Another code" in page and "010-****-0042" in page
    assert Verification.objects.count() == 1
    for _more in range(4):
        answer = client.post("/owner/sign-up/code/", {"again": "1"}, follow=True)
    assert "Please wait" in answer.content.decode()


def test_it_forgets_a_proof_after_half_an_hour(client, simulator, monkeypatch):
    from venues.portal import phone_check

    prove(client, simulator)
    monkeypatch.setattr(phone_check, "GOOD_FOR", -1)
    assert client.get("/owner/sign-up/account/").headers["Location"] == "/owner/sign-up/"


def test_it_tells_a_known_number_apart_only_after_the_code(client, simulator):
    an_owner()
    assert client.post("/owner/sign-up/", {"phone": PHONE}).status_code == 302
    assert "has an account already" not in client.get("/owner/sign-up/code/").content.decode()
    client.post("/owner/sign-up/code/", {"code": code_for(simulator, PHONE)})
    assert "has an account already" in client.get("/owner/sign-up/account/").content.decode()
    client.post("/owner/sign-up/account/", ACCOUNT)
    assert User.objects.count() == 1


def test_it_signs_in_with_the_number_as_well(client):
    owner = an_owner()
    answer = client.post("/owner/sign-in/", {"username": "010 0000 0042", "password": PASSWORD})
    assert answer.status_code == 302 and client.session["_auth_user_id"] == str(owner.pk)
    page = Client().post("/owner/sign-in/", {"username": "01000000099", "password": PASSWORD})
    assert page.status_code == 200
    from axes.models import AccessAttempt

    assert "00000099" not in AccessAttempt.objects.get().username


def test_it_sets_a_forgotten_password_by_phone_and_ends_every_session(client, simulator):
    owner, elsewhere = an_owner(), Client()
    elsewhere.force_login(owner)
    assert prove(client, simulator, "/owner/password/").headers["Location"] == "/owner/password/new/"
    page = client.get("/owner/password/new/").content.decode()
    assert owner.username not in page and "김사장" not in page
    assert client.post("/owner/password/new/", {"name": "김 사장", "password": "short"}).status_code == 200
    answer = client.post("/owner/password/new/", {"name": "김 사장", "password": "another-good-one"}, follow=True)
    assert answer.redirect_chain == [("/owner/sign-in/", 302)] and owner.username in answer.content.decode()
    assert elsewhere.get("/owner/").status_code == 302
    answer = client.post("/owner/sign-in/", {"username": owner.username, "password": "another-good-one"})
    assert answer.status_code == 302
    assert Event.objects.get(tag=Tag.PASSWORD_RENEWED).detail == {"how": "phone"}


def test_who_got_the_number_later_gets_no_account_by_it(client, simulator):
    owner = an_owner()
    prove(client, simulator, "/owner/password/")
    guess = {"name": "박새로", "password": "another-good-one"}
    for left in ("4 more tries", "3 more tries", "2 more tries", "1 more try"):
        page = client.post("/owner/password/new/", guess).content.decode()
        assert "not the name of the account" in page and left in page
    answer = client.post("/owner/password/new/", guess, follow=True)
    assert answer.redirect_chain == [("/owner/password/", 302)] and "Too many wrong names" in answer.content.decode()
    assert client.get("/owner/password/new/").headers["Location"] == "/owner/password/", "the proof is over"
    owner.refresh_from_db()
    assert owner.check_password(PASSWORD)


def test_it_gives_no_password_to_a_number_without_an_account_nor_to_a_clerk(client, simulator):
    prove(client, simulator, "/owner/password/", phone="010-0000-0077")
    assert "No account belongs" in client.get("/owner/password/new/").content.decode()
    an_owner("010-0000-0078", clerk=True)
    prove(client, simulator, "/owner/password/", phone="010-0000-0078")
    assert (
        "No account belongs" in client.post("/owner/password/new/", {"password": "another-good-one"}).content.decode()
    )


def test_it_uses_a_proof_for_nothing_else(client, simulator):
    an_owner()
    prove(client, simulator)
    assert client.get("/owner/password/new/").headers["Location"] == "/owner/password/"


def token(user) -> str:
    device = TOTPDevice.objects.get(user=user)
    return f"{totp(device.bin_key, t0=device.t0):06d}"


def test_it_asks_for_a_second_factor_where_the_owner_has_set_one(client):
    owner = an_owner()
    client.force_login(owner)
    assert "<svg" in client.get("/owner/account/second-factor/").content.decode()
    assert client.post("/owner/account/second-factor/", {"code": "000000"}).status_code == 200
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    page = client.post("/owner/account/second-factor/", {"code": token(owner)}).content.decode()
    assert page.count("<code>") == 10 and Event.objects.filter(tag=Tag.SECOND_FACTOR_SET, actor=owner).exists()
    backup = page.split("<code>")[1].split("<")[0]

    door = Client()
    answer = door.post("/owner/sign-in/?next=/owner/account/", {"username": PHONE, "password": PASSWORD})
    assert answer.headers["Location"] == "/owner/sign-in/code/"
    assert door.get("/owner/").status_code == 302  # halfway is not in
    assert door.post("/owner/sign-in/code/", {"code": "wrong-one"}).status_code == 422
    TOTPDevice.objects.update(last_t=-1)
    assert door.post("/owner/sign-in/code/", {"code": token(owner)}).headers["Location"] == "/owner/account/"

    from django_otp.plugins.otp_static.models import StaticDevice

    StaticDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    door.post("/owner/account/second-factor/end/", {"code": backup})
    assert not TOTPDevice.objects.exists() and Event.objects.filter(tag=Tag.SECOND_FACTOR_ENDED).exists()


def test_it_ends_a_halfway_sign_in_after_five_minutes(client):
    owner = an_owner()
    session = client.session
    session["password was right"] = [owner.pk, time.time() - 301, "/owner/"]
    session.save()
    assert client.get("/owner/sign-in/code/").headers["Location"] == "/owner/sign-in/"


@pytest.mark.parametrize("step", ["sign-in/code", "sign-up/code", "sign-up/account", "password/code", "password/new"])
def test_a_step_leads_back_to_the_first_one_where_that_was_not_taken(client, step):
    assert client.get(f"/owner/{step}/").headers["Location"] == f"/owner/{step.partition('/')[0]}/"


def test_who_is_signed_in_is_led_on_from_the_sign_in(client):
    client.force_login(an_owner())
    assert client.get("/owner/sign-in/").headers["Location"] == "/owner/"


def test_it_changes_password_and_number_of_ones_own_account(client, simulator):
    owner = an_owner()
    client.force_login(owner)
    bad = client.post("/owner/account/password/", {"current": "no", "password": "another-good-one"})
    assert "not your password" in bad.content.decode()
    client.post("/owner/account/password/", {"current": PASSWORD, "password": "another-good-one"})
    assert client.get("/owner/account/").status_code == 200  # this session stays
    owner.refresh_from_db()
    assert owner.check_password("another-good-one")

    an_owner("010-0000-0050")
    new = "another-good-one"
    prove(client, simulator, "/owner/account/phone/", phone="010-0000-0050", current=new)
    assert "has an account already" in client.get("/owner/account/phone/change/", follow=True).content.decode()
    prove(client, simulator, "/owner/account/phone/", phone="010-0000-0051", current=new)
    client.get("/owner/account/phone/change/")
    assert Account.objects.get(user=owner).masked_phone == "010-****-0051"
    assert Account.objects.get(user=owner).proven_at <= timezone.now()


def test_it_changes_no_number_for_who_finds_an_open_browser_and_counts_wrong_passwords(client):
    owner = an_owner()
    client.force_login(owner)
    for wrong in ("", "wrong"):
        answer = client.post("/owner/account/phone/", {"phone": "010-0000-0052", "current": wrong})
        assert answer.status_code == 200 and "password" in answer.context["form"].errors["current"][0]
    assert not Message.objects.exists()
    for _ in range(10):
        answer = client.post("/owner/account/phone/", {"phone": "010-0000-0052", "current": "wrong"})
    assert "Too many wrong tries" in answer.content.decode()
    answer = client.post("/owner/account/phone/", {"phone": "010-0000-0052", "current": PASSWORD})
    assert "Too many wrong tries" in answer.content.decode() and not Message.objects.exists()
