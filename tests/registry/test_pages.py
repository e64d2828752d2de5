"""The citizen's pages: they open without a database, whole, light, and with nothing inline.

Those without a mark may touch no database, which is the first promise.
"""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.test import Client

from registry.api.shapes import MOST_DAYS
from registry.pages import shell

STATIC = Path(django_settings.BASE_DIR) / "static"
IMPORT = re.compile(r"^(?:import|export)\b[^;]*?\bfrom\s*[\"']([./][^\"']+)[\"'];", re.MULTILINE)
LATER = re.compile(r"\bawait import\([\"']([./][^\"']+)[\"']\)")
FIRST_LOAD_BYTES = 300_000


@pytest.fixture
def visitor():
    return Client(headers={"accept-language": "en"})


def imported_from(entry: Path) -> set[Path]:
    """Every module that the entry pulls in, itself among them."""
    found, waiting = set(), [entry.resolve()]
    while waiting:
        module = waiting.pop()
        found.add(module)
        text = module.read_text()
        named = {(module.parent / name).resolve() for name in IMPORT.findall(text) + LATER.findall(text)}
        waiting += named - found
    return found


def test_it_offers_a_door_to_each_who_comes(visitor):
    page = visitor.get("/").content.decode()
    for door in ("/pass/", "/scanner/", "/owner/", "/admin/"):
        assert f'href="{door}"' in page


@pytest.mark.parametrize("address", ["/", "/pass/"])
def test_it_has_nothing_inline(visitor, address):
    page = visitor.get(address).content.decode()
    scripts = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", page)
    assert all('type="application/json"' in script for script in scripts)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", page)


def test_it_keeps_exactly_the_modules_that_the_wallet_imports():
    wanted = imported_from(STATIC / "js/wallet/main.js")
    assert {(STATIC / name).resolve() for name in shell.MODULES} == wanted


def test_it_makes_keys_for_as_many_days_as_a_policy_lets_strips_reach():
    """The constraint strips_reach_at_most_a_quarter, and no more than the interface takes."""
    keys = (Path(django_settings.BASE_DIR) / "static/js/wallet/keys.js").read_text(encoding="utf-8")
    [days] = re.findall(r"DAYS_AHEAD = (\d+)", keys)
    assert 60 + 14 + 31 + 1 <= int(days) <= MOST_DAYS


def test_it_keeps_the_icons_that_the_wallet_shows():
    used = set(re.findall(r"icon--([a-z]+)", (STATIC.parent / "templates/pass/wallet.html").read_text()))
    used |= {"check", "warn", "cross", "info"}  # the notices'
    assert {f"icons/{name}.svg" for name in used} <= set(shell.ICONS)


def test_it_loads_less_than_300_kilobytes_without_the_fonts(visitor):
    names = (*shell.STYLES, *shell.ICONS, *shell.MODULES)
    weight = sum(len(gzip.compress((STATIC / name).read_bytes())) for name in names)
    assert weight + len(gzip.compress(visitor.get("/pass/").content)) < FIRST_LOAD_BYTES


def test_it_serves_the_worker_within_the_wallets_scope(visitor):
    answer = visitor.get("/pass/sw.js")
    assert answer["Content-Type"].startswith("text/javascript")
    for url in shell.asset_urls():
        assert url in answer.content.decode()


def test_it_gives_the_shell_another_name_in_another_language():
    english = Client(headers={"accept-language": "en"}).get("/pass/sw.js").content
    korean = Client(headers={"accept-language": "ko"}).get("/pass/sw.js").content
    assert english != korean
    assert english == Client(headers={"accept-language": "en"}).get("/pass/sw.js").content


def test_it_remembers_the_chosen_language_when_the_browser_is_closed(visitor):
    answer = visitor.post("/i18n/setlang/", {"language": "ko", "next": "/pass/"})
    assert answer.cookies["django_language"]["max-age"] == 365 * 24 * 3600


def test_it_can_be_installed(visitor):
    manifest = visitor.get("/pass/manifest.webmanifest")
    assert manifest["Content-Type"] == "application/manifest+json"
    content = manifest.json()
    assert content["start_url"] == content["scope"] == "/pass/"
    assert content["display"] == "standalone"
    assert {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")} == {
        (icon["sizes"], icon["purpose"]) for icon in content["icons"]
    }


@pytest.mark.django_db
def test_it_tells_the_time_and_whether_a_pass_can_be_restored(visitor):
    assert visitor.get("/api/v1/pass/time").json()["restorable"] is False
    visitor.cookies["device"] = "anything"
    answer = visitor.get("/api/v1/pass/time")
    assert answer.json()["restorable"] is True
    assert answer.json()["time"] > 1_700_000_000_000
    assert "no-store" in answer["Cache-Control"]
