"""Each gateway speaks its provider's language: what is taken, what is refused, what is no matter of the text."""

import time
import uuid

import pytest

from registry.models import Provider
from registry.sms.gateways import Away, Call, Forged, Refused, Settings, Taken, calling, solapi, twilio, without_numbers
from registry.sms.providers import gateway_to

TO, TEXT = "+821000002001", "[문지기] 인증번호(code) 123456"
KINDS = Provider.Kind.values

pytestmark = pytest.mark.django_db


def send(provider, key=None):
    return gateway_to(provider).send(key=key or str(uuid.uuid4()), to=TO, text=TEXT)


@pytest.mark.parametrize("kind", KINDS)
def test_it_hands_over_a_text_and_keeps_the_providers_reference(providers, simulator, kind):
    outcome = send(providers[kind])
    message = simulator.messages(TO, kind)[0]
    assert outcome == Taken(message["id"])
    assert (message["text"], message["to"]) == (TEXT, TO)


@pytest.mark.parametrize("kind", KINDS)
def test_it_tells_a_refusal_of_the_text_from_trouble_of_the_provider(providers, simulator, kind):
    simulator.behave("refuse")
    assert isinstance(send(providers[kind]), Refused)
    for status in (500, 503, 429, 401):
        simulator.behave("fail", status=status)
        assert isinstance(send(providers[kind]), Away), status


@pytest.mark.parametrize("kind", KINDS)
def test_it_takes_no_200_for_a_yes_when_the_body_says_no(providers, simulator, kind):
    simulator.behave("error")
    assert not isinstance(send(providers[kind]), Taken)


@pytest.mark.parametrize("repeated", [TO, "010-0000-2001", "1000002001", "82 10 0000 2001", "123456"])
def test_a_providers_words_are_kept_without_numbers_and_codes(repeated):
    assert without_numbers(f"no such number: {repeated}!") == "no such number: …!"
    assert without_numbers("error 30003, HTTP 400") == "error 30003, HTTP 400"


@pytest.mark.parametrize("kind", KINDS)
def test_it_waits_with_a_wrong_key_instead_of_giving_the_text_up(providers, settings, kind):
    for name in ("SMS_HTTP_KEY", "SMS_TWILIO_AUTH_TOKEN", "SMS_SOLAPI_API_SECRET"):
        setattr(settings, name, "wrong")
    assert isinstance(send(providers[kind]), Away)


@pytest.mark.parametrize("kind", KINDS)
def test_it_ends_a_call_that_hangs_or_is_answered_late(providers, simulator, kind, monkeypatch):
    monkeypatch.setattr(calling, "SECONDS", 0.4)
    for mode in ("hang", "lag"):
        simulator.behave(mode, seconds=20)
        started = time.monotonic()
        assert isinstance(send(providers[kind]), Away)
        assert time.monotonic() - started < 1.5


def test_it_finds_nobody_at_an_address_that_is_none(providers, settings):
    for address in ("http://127.0.0.1:1", "", "nonsense", "http://[", "ftp://x"):
        settings.SMS_HTTP_URL = address
        assert isinstance(send(providers["http"]), Away), address


def test_the_generic_provider_and_none_other_knows_a_text_by_its_key(providers, simulator):
    key = str(uuid.uuid4())
    assert send(providers["http"], key) == send(providers["http"], key)
    assert send(providers["twilio"], key) != send(providers["twilio"], key)


def test_twilios_signature_is_the_one_of_its_documentation():
    fields = {"CallSid": "CA1234567890ABCDE", "Caller": "+12349013030", "Digits": "1234", "From": "+12349013030"}
    fields |= {"To": "+18005551212"}
    signature = twilio.sign("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", list(fields.items()))
    assert signature == b"0/KCTR6DLpKmkAf8muzZqo1nDgQ="


def test_solapi_gets_korean_numbers_as_they_are_dialled_in_korea():
    assert solapi.national("+821000002001") == "01000002001"


@pytest.mark.parametrize("code", [21211, 21614])
def test_twilios_errors_about_our_account_are_not_held_against_the_text(code):
    gateway = twilio.TwilioGateway.of(Settings("SMS_TWILIO", {}.get), "")
    assert gateway.address == "https://api.twilio.com"
    ours, theirs = (calling.Answer(400, {}, b'{"code": %d, "status": 400}' % each) for each in (21606, code))
    assert isinstance(twilio._outcome(ours), Away)
    assert twilio._outcome(theirs) == Refused(str(code))


@pytest.mark.parametrize("kind", KINDS)
def test_it_believes_nobody_while_no_secret_is_set(kind):
    gateway = gateway_to(Provider(name="x", kind=kind, settings="SMS_NONE"))
    for headers in ({}, {"x-solapi-secret": "da39a3ee5e6b4b0d3255bfef95601890afd80709", "x-twilio-signature": "x"}):
        with pytest.raises(Forged):
            gateway.receipts(Call("http://localhost/", headers, b"{}", time.time()))
