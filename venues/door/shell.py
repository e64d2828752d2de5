"""What the scanner needs to open without a network: its pages, its files, and a name for this very set of them."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import override

from .texts import GUEST_REASONS, SCANNER_TEXTS, VERDICT_WORDS

STYLES = ("vendor/krds/krds_tokens.css", "css/munjigi.css", "css/scanner.css")
FONTS = (
    "vendor/krds/fonts/PretendardGOV-Regular.subset.woff2",
    "vendor/krds/fonts/PretendardGOV-Bold.subset.woff2",
)
ICONS = (
    "icons/munjigi.svg",
    "icons/munjigi-192.png",
    "icons/munjigi-512.png",
    "icons/munjigi-maskable-512.png",
    "icons/apple-touch-180.png",
    "icons/check.svg",
    "icons/cross.svg",
    "icons/warn.svg",
    "icons/info.svg",
    "icons/scan.svg",
    "icons/phone.svg",
    "icons/renew.svg",
    "icons/store.svg",
    "icons/desk.svg",
    "icons/next.svg",
    "icons/sound.svg",
    "icons/mute.svg",
    "icons/torch.svg",
    "icons/gear.svg",
    "icons/lock.svg",
    "icons/full.svg",
    "icons/keys.svg",
    "icons/hand.svg",
    "icons/group.svg",
    "icons/list.svg",
    "icons/safe.svg",
    "icons/undo.svg",
)
MODULES = (
    "js/scanner/main.js",
    "js/scanner/camera.js",
    "js/scanner/cameras.js",
    "js/scanner/channel.js",
    "js/scanner/clock.js",
    "js/scanner/contact.js",
    "js/scanner/direction.js",
    "js/scanner/door.js",
    "js/scanner/door-sheets.js",
    "js/scanner/foreign.js",
    "js/scanner/group.js",
    "js/scanner/frame.js",
    "js/scanner/keyboard.js",
    "js/scanner/last.js",
    "js/scanner/lock.js",
    "js/scanner/manifest.js",
    "js/scanner/old.js",
    "js/scanner/pairing.js",
    "js/scanner/pin.js",
    "js/scanner/queue.js",
    "js/scanner/reader.js",
    "js/scanner/reference.js",
    "js/scanner/refused.js",
    "js/scanner/revoked.js",
    "js/scanner/safe-number.js",
    "js/scanner/server.js",
    "js/scanner/settings-view.js",
    "js/scanner/settings.js",
    "js/scanner/sheets.js",
    "js/scanner/shell.js",
    "js/scanner/shown.js",
    "js/scanner/sight.js",
    "js/scanner/sounds.js",
    "js/scanner/state.js",
    "js/scanner/storage.js",
    "js/scanner/store.js",
    "js/scanner/texts.js",
    "js/scanner/upload.js",
    "js/scanner/verdict-view.js",
    "js/scanner/view.js",
    "js/base45.js",
    "js/base64url.js",
    "js/cbor.js",
    "js/es256.js",
    "js/passcode.js",
    "js/revocations.js",
    "js/strip.js",
    "vendor/qr/decode.js",
    "vendor/qr/index.js",
    "vendor/zxing/reader/index.js",
    "vendor/zxing/share.js",
)
WORKER_ONLY = frozenset(name for name in MODULES if name.startswith("vendor/") or name.endswith("/reader.js"))
"""Fetched by the worker that reads codes. All others are named in the page's head, so that none waits for another."""
READER = "vendor/zxing/reader/zxing_reader.wasm"
"""What the worker reads codes with; the page names it (`data-wasm`)."""

_versions: dict[tuple[str, ...], str] = {}


def page_address(language: str) -> str:
    return f"{reverse('scanner:page')}?language={language}"


def assets() -> list[str]:
    """Addresses of every file of the scanner except the pages, hashed where the storage hashes."""
    manifests = [f"{reverse('scanner:manifest')}?language={code}" for code, _name in settings.LANGUAGES]
    return [static(name) for name in (*STYLES, *FONTS, *ICONS, *MODULES, READER)] + manifests


def page_context(language: str) -> dict[str, Any]:
    """What the page is rendered with, in the language in force; verdicts and why come in every language.

    A guest at the door may read another language than the staff, so each verdict says its word in both.
    """
    words, reasons = {}, {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            words[code] = {verdict: str(word) for verdict, word in VERDICT_WORDS.items()}
            reasons[code] = {verdict: str(why) for verdict, why in GUEST_REASONS.items()}
    with override(language):
        texts = {key: str(text) for key, text in SCANNER_TEXTS.items()}
    return {
        "modules": [name for name in MODULES if name not in WORKER_ONLY],
        "texts": texts,
        "words": words,
        "reasons": reasons,
        "language": language,
        "languages": settings.LANGUAGES,
    }


def version() -> str:
    """A name that changes whenever a file or a word of the shell changes."""
    urls = tuple(assets())
    if settings.DEBUG or urls not in _versions:
        digest = hashlib.sha256(json.dumps(urls).encode())
        digest.update(render_to_string("scanner/sw.js").encode())
        for code, _name in settings.LANGUAGES:
            with override(code):
                digest.update(render_to_string("scanner/page.html", page_context(code)).encode())
        _versions[urls] = digest.hexdigest()[:16]
    return _versions[urls]
