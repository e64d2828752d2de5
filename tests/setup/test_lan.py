"""bin/run --lan: an address of this machine, a certificate for it, and pages that a phone beside it can use."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import httpx
import psutil
import pytest
from cryptography import x509

from config.local import embedded, lan, options, phone
from config.local.lan import Lan
from config.local.processes import StackError
from config.local.stack import Stack, inherited
from registry.sms.simulator.readers import Readers
from registry.sms.simulator.store import Store
from tests.stack import collect_static, settings_of

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOME = "127.0.0.1"


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """The machine has these addresses, by interface."""

    def have(**addresses: str) -> None:
        entry = lambda address: [SimpleNamespace(family=socket.AF_INET, address=address)]  # noqa: E731
        monkeypatch.setattr(psutil, "net_if_addrs", lambda: {name: entry(one) for name, one in addresses.items()})
        monkeypatch.setattr(psutil, "net_if_stats", lambda: {name: SimpleNamespace(isup=True) for name in addresses})

    return have


def names(made: Lan) -> set[str]:
    held = x509.load_pem_x509_certificate(made.certificate.read_bytes())
    value = held.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {str(name) for kind in (x509.IPAddress, x509.DNSName) for name in value.get_values_for_type(kind)}


def test_it_finds_the_address_of_the_network_and_none_of_virtual_ones(network: Callable[..., None]) -> None:
    network(lo="127.0.0.1", docker0="172.17.0.1", wlan0="192.168.0.10", eth9="169.254.3.3")
    assert lan.find_address("") == "192.168.0.10"
    assert lan.addresses() == ["192.168.0.10"]


@pytest.mark.parametrize(
    ("addresses", "asked", "says"),
    [
        ({"lo": "127.0.0.1"}, "", r"No network address was found\. Join the Wi-Fi .* --lan ADDRESS"),
        ({"eth0": "8.8.8.8"}, "", r"8\.8\.8\.8 may be open to the whole internet\..*bin/run --lan 8\.8\.8\.8"),
        ({"eth0": "192.168.0.10"}, "192.168.0.11", r"no such address; it has 192\.168\.0\.10"),
    ],
)
def test_it_says_what_to_do_without_an_address(
    network: Callable[..., None], addresses: dict[str, str], asked: str, says: str
) -> None:
    network(**addresses)
    with pytest.raises(StackError, match=says):
        lan.find_address(asked)


def test_it_takes_the_address_that_is_named(network: Callable[..., None]) -> None:
    network(eth0="192.168.0.10", wlan0="10.0.0.5")
    assert lan.find_address("10.0.0.5") == "10.0.0.5"
    assert (options.parse([]).lan, options.parse(["--lan"]).lan, options.parse(["--lan", HOME]).lan) == (None, "", HOME)


@pytest.mark.parametrize("asked", ["0.0.0.0", "everywhere", "::"])
def test_it_never_listens_everywhere(asked: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        options.parse(["--lan", asked])
    assert f"{asked} is no address: one of this machine's is" in capsys.readouterr().err


def test_the_certificate_holds_for_addresses_and_names_and_its_key_is_its_owners(
    tmp_path: Path, network: Callable[..., None]
) -> None:
    network(wlan0="192.168.0.10", eth0="10.0.0.5")
    made = lan.prepare(tmp_path / "lan", "192.168.0.10", 8002, now=NOW)
    assert names(made) == {"192.168.0.10", "10.0.0.5", *lan.names()}
    assert made.key.stat().st_mode & 0o777 == 0o600
    assert len(list(made.folder.iterdir())) == 3  # the authority's key is nowhere
    held = x509.load_pem_x509_certificate(made.certificate.read_bytes())
    assert held.not_valid_after_utc - held.not_valid_before_utc < timedelta(days=825)


def test_the_certificate_is_kept_while_it_fits(tmp_path: Path, network: Callable[..., None]) -> None:
    network(wlan0="192.168.0.10")
    first = lan.prepare(tmp_path, "192.168.0.10", 8002, now=NOW).certificate.read_bytes()
    assert lan.prepare(tmp_path, "192.168.0.10", 8003, now=NOW + timedelta(days=300)).certificate.read_bytes() == first
    assert lan.prepare(tmp_path, "192.168.0.10", 8002, now=NOW + timedelta(days=360)).certificate.read_bytes() != first


@pytest.mark.parametrize("change", ["address", "open key", "other key", "spoiled", "lost authority"])
def test_the_certificate_is_made_anew_when_it_no_longer_fits(
    tmp_path: Path, network: Callable[..., None], change: str
) -> None:
    network(wlan0="192.168.0.10")
    made = lan.prepare(tmp_path / "a", "192.168.0.10", 8002, now=NOW)
    other = lan.prepare(tmp_path / "b", "192.168.0.10", 8002, now=NOW)
    first = made.certificate.read_bytes()
    match change:
        case "address":
            network(wlan0="192.168.7.7")
        case "open key":
            made.key.chmod(0o644)
        case "other key":
            made.key.write_bytes(other.key.read_bytes())
        case "spoiled":
            made.certificate.write_text("-----BEGIN CERTIFICATE-----")
        case _:
            made.authority.unlink()
    again = lan.prepare(tmp_path / "a", lan.addresses()[0], 8002, now=NOW)
    assert again.certificate.read_bytes() != first
    assert lan.addresses()[0] in names(again)
    assert again.key.stat().st_mode & 0o777 == 0o600


def test_phones_read_the_messages_and_change_nothing(tmp_path: Path) -> None:
    opened = lan.prepare(tmp_path, HOME, embedded.free_port())
    store = Store()
    store.take("http", "a", "a", {"to": "+821000000001", "text": "[문지기] 인증번호 123456"})
    with Readers((HOME, opened.messages_port), tmp_path, store) as readers:
        readers.start()
        with httpx.Client(base_url=opened.messages, verify=opened.trusting(), timeout=5) as reader:
            assert "<strong>123456</strong>" in reader.get("/").text
            assert "010-0000-0001" in reader.get("/messages.html", params={"to": "01000000001"}).text
            assert reader.get("/page.js").status_code == 200
            taken = reader.get("/munjigi.crt")
            for path in ("/behaviour", "/messages", "/twilio"):
                assert reader.post(path, json={"mode": "fail"}).status_code == 405
                assert reader.get(path).status_code == 404
        assert taken.headers["Content-Type"] == "application/x-x509-ca-cert"
        assert x509.load_der_x509_certificate(taken.content).subject.rfc4514_string().startswith("CN=Munjigi demo on")
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            httpx.get(opened.messages, verify=ssl.create_default_context())
        readers.shutdown()


@pytest.mark.django_db
def test_the_pages_are_served_over_https_with_settings_that_fit_the_address(tmp_path: Path) -> None:
    port = embedded.free_port()
    opened = lan.prepare(tmp_path / "lan", HOME, 0)
    stack = Stack(tmp_path, port, 0, inherited(settings_of(port, 0) | opened.settings(port)), opened)
    try:
        collect_static(stack)
        stack.start("web")
        stack.wait()
        with httpx.Client(base_url=stack.web, verify=opened.trusting(), timeout=10) as browser:
            page = browser.get("/owner/sign-in/")
            assert page.status_code == 200 and "Secure" in page.headers["Set-Cookie"]
            assert "Strict-Transport-Security" not in page.headers
            token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
            body = {"language": "en", "next": "/", "csrfmiddlewaretoken": token[1] if token else ""}
            headers = {"Origin": stack.web, "Referer": f"{stack.web}/owner/sign-in/"}
            assert browser.post("/i18n/setlang/", data=body, headers=headers).status_code == 302
            assert browser.post("/i18n/setlang/", data=body, headers={"Origin": "https://x.example"}).status_code == 403
            assert browser.get("/pass/", headers={"Host": "elsewhere.example"}).status_code == 400
    finally:
        stack.stop()


def test_the_address_is_drawn_dark_on_light_whatever_the_terminals_colours() -> None:
    text = phone.drawn("https://192.168.0.10:8000/")
    assert set(re.findall(r"\x1b\[([\d;]+)m", text)) == {f"38;5;{a};48;5;{b}" for a in (16, 231) for b in (16, 231)} | {
        "0"
    }
    widths = {len(re.sub(r"\x1b\[[\d;]+m", "", line)) for line in text.splitlines()}
    assert len(widths) == 1 and widths.pop() - 2 <= 2 * len(text.splitlines())


def test_it_says_that_the_demo_is_open_and_where_the_phone_finds_what(tmp_path: Path) -> None:
    told = phone.told(Lan("192.168.0.10", 8002, tmp_path), "https://192.168.0.10:8000", terminal=False)
    for words in (
        "OPEN TO THE NETWORK",
        "at port 8000",
        "at port 8002",
        "https://192.168.0.10:8000/",
        "Android",
        "iPhone",
    ):
        assert words in told
    assert "https://192.168.0.10:8002/munjigi.crt" in told and "\x1b" not in told
    assert max(map(len, told.splitlines())) <= 120
