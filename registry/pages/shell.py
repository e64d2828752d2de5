"""What the wallet needs to open without a network: its files, and a name for this very set of them."""

from __future__ import annotations

import hashlib
import json

from django.conf import settings
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.translation import get_language

from .texts import wallet_words

STYLES = ("vendor/krds/krds_tokens.css", "css/munjigi.css", "css/pass.css", "css/me.css", "css/visit.css")
FONTS = (
    "vendor/krds/fonts/PretendardGOV-Regular.subset.woff2",
    "vendor/krds/fonts/PretendardGOV-Bold.subset.woff2",
)
ICONS = (
    "icons/munjigi.svg",
    "icons/munjigi-192.png",
    "icons/check.svg",
    "icons/info.svg",
    "icons/warn.svg",
    "icons/cross.svg",
    "icons/renew.svg",
)
MODULES = (
    "js/wallet/main.js",
    "js/wallet/agency.js",
    "js/wallet/api.js",
    "js/wallet/back.js",
    "js/wallet/begin.js",
    "js/wallet/clock.js",
    "js/wallet/code.js",
    "js/wallet/delivery.js",
    "js/wallet/enter.js",
    "js/wallet/family.js",
    "js/wallet/fields.js",
    "js/wallet/fit.js",
    "js/wallet/issue.js",
    "js/wallet/keys.js",
    "js/wallet/line.js",
    "js/wallet/me.js",
    "js/wallet/me-ask.js",
    "js/wallet/me-devices.js",
    "js/wallet/me-leave.js",
    "js/wallet/me-visits.js",
    "js/wallet/me-words.js",
    "js/wallet/news.js",
    "js/wallet/outage.js",
    "js/wallet/pass.js",
    "js/wallet/phone.js",
    "js/wallet/safe.js",
    "js/wallet/show.js",
    "js/wallet/speech.js",
    "js/wallet/store.js",
    "js/wallet/texts.js",
    "js/wallet/view.js",
    "js/wallet/visit.js",
    "js/wallet/visit-card.js",
    "js/wallet/visit-send.js",
    "js/wallet/visit-tap.js",
    "js/language.js",
    "js/passcode.js",
    "js/poster.js",
    "js/cbor.js",
    "js/base45.js",
    "js/base64url.js",
    "js/es256.js",
    "js/strip.js",
    "vendor/qr/index.js",
)

_versions: dict[tuple[str | None, tuple[str, ...]], str] = {}


def asset_urls() -> list[str]:
    """Addresses of every file of the wallet except the page itself, hashed where the storage hashes."""
    return [static(name) for name in (*STYLES, *FONTS, *ICONS, *MODULES)]


def shell_version() -> str:
    """A name that changes whenever a file or a word of the wallet changes, for the language in force.

    The service worker carries it, so that a browser sees a new worker exactly when there is a new shell.
    """
    urls = tuple(asset_urls())
    key = (get_language(), urls)
    if settings.DEBUG or key not in _versions:
        page = render_to_string("pass/wallet.html", wallet_words())
        worker = render_to_string("pass/sw.js", {"version": "", "assets": json.dumps(urls)})
        _versions[key] = hashlib.sha256("\n".join((page, worker)).encode()).hexdigest()[:16]
    return _versions[key]
