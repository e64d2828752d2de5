"""What the scanner's service worker keeps is all that the page needs."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string

from venues.door import shell

STATIC = Path(settings.BASE_DIR / "static")
IMPORT = re.compile(r"""^(?:import|export)\b[^"';]*?from\s*["']([^"']+)["']""", re.MULTILINE)


def reached(*starts: str) -> set[str]:
    """The modules that these import, and those that they import."""
    found, waiting = set(), list(starts)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        for address in IMPORT.findall((STATIC / name).read_text(encoding="utf-8")):
            waiting.append(str(((STATIC / name).parent / address).resolve().relative_to(STATIC.resolve())))
    return found


def test_it_keeps_every_module_and_no_other():
    assert sorted(shell.MODULES) == sorted(reached("js/scanner/main.js", "js/scanner/reader.js"))


def test_it_keeps_every_icon_that_the_page_and_its_modules_name():
    sources = [STATIC.parent / "templates/scanner/page.html", *sorted((STATIC / "js/scanner").glob("*.js"))]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    named = set(re.findall(r"icon--([a-z]+)", text)) | {"check", "cross", "warn", "info", "scan", "sound", "mute"}
    assert {f"icons/{name}.svg" for name in named} <= set(shell.ICONS)


@pytest.fixture
def plain_names(settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


def test_it_has_a_page_in_every_language_without_a_database(client, plain_names):
    for language, words in (("ko", "스캐너"), ("en", "Scanner")):
        answer = client.get(shell.page_address(language))
        assert f'<html lang="{language}">' in answer.content.decode()
        assert words in answer.content.decode() or language == "ko"
        assert answer.cookies["django_language"].value == language


def test_it_names_a_new_worker_exactly_when_a_word_or_a_file_changes(client, plain_names, monkeypatch):
    first = client.get("/scanner/sw.js").content
    assert client.get("/scanner/sw.js", headers={"accept-language": "en"}).content == first
    monkeypatch.setitem(shell.SCANNER_TEXTS, "online", "Verbunden")
    shell._versions.clear()
    assert client.get("/scanner/sw.js").content != first
    shell._versions.clear()


def test_it_asks_the_page_for_nothing_inline_and_nothing_from_elsewhere(plain_names):
    page = render_to_string("scanner/page.html", shell.page_context("en"))
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|https?://", page.replace("http://www.w3.org", ""))
