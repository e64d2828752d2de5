"""What the scanner's service worker keeps is all that the page needs."""

import re
from collections.abc import Iterator
from http.server import ThreadingHTTPServer

import pytest
from django.template.loader import render_to_string
from playwright.sync_api import Page, expect

from tests.browser.shelf import STATIC, deploy, shelf
from venues.door import shell

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


def test_it_has_a_page_in_every_language_without_a_database(client):
    for language, words in (("ko", "스캐너"), ("en", "Scanner")):
        answer = client.get(shell.page_address(language))
        assert f'<html lang="{language}">' in answer.content.decode()
        assert words in answer.content.decode() or language == "ko"
        assert answer.cookies["django_language"].value == language


def test_it_names_a_new_worker_exactly_when_a_word_or_a_file_changes(client, monkeypatch):
    first = client.get("/scanner/sw.js").content
    assert client.get("/scanner/sw.js", headers={"accept-language": "en"}).content == first
    monkeypatch.setitem(shell.SCANNER_TEXTS, "online", "Verbunden")
    shell._versions.clear()
    assert client.get("/scanner/sw.js").content != first
    shell._versions.clear()


def test_it_asks_the_page_for_nothing_inline_and_nothing_from_elsewhere():
    page = render_to_string("scanner/page.html", shell.page_context("en"))
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|https?://", page.replace("http://www.w3.org", ""))


@pytest.fixture
def on_shelf() -> Iterator[tuple[str, dict, ThreadingHTTPServer]]:
    with shelf() as stood:
        yield stood


def word(page: Page) -> str:
    return page.evaluate("JSON.parse(document.getElementById('texts').textContent).online")


def test_it_takes_a_new_shell_at_the_next_start_and_never_before(page, on_shelf, monkeypatch):
    address, pages, server = on_shelf
    page.goto(address)
    expect(page.locator("body")).to_have_attribute("data-shell", "kept")
    first = word(page)

    monkeypatch.setitem(shell.SCANNER_TEXTS, "online", "newer")
    deploy(pages)
    page.reload()
    page.evaluate("""async () => {
      const before = await navigator.serviceWorker.ready.then(({ active }) => active);
      const pause = () => new Promise((go) => setTimeout(go, 50));
      while (navigator.serviceWorker.controller === before) await pause();
    }""")
    assert word(page) == first

    server.shutdown()
    server.server_close()
    page.reload()
    expect(page.locator("body")).to_have_attribute("data-state", "unpaired")
    assert word(page) == "newer"
    page.goto(f"{address}?language=en")
    expect(page.locator("#pair-title")).to_have_text("Pair this device with a venue")
