"""A result as a file for the case: CSV within a ZIP that is encrypted with AES-256 under a passphrase of the clerk's.

7-Zip, Bandizip and others open it. The passphrase is kept nowhere.
"""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from zipfile import ZIP_DEFLATED

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pyzipper.zipfile_aes import WZ_AES, AESZipFile

from checkins.traces import Trace
from checkins.tracing import results
from checkins.tracing.results import Line
from registry import audit
from registry.errors import DomainError
from registry.models import Tag, User
from registry.spreadsheets import BOM, harmless

LEAST = 12  # characters of a passphrase


class WeakPassphrase(DomainError):
    code = "weak_passphrase"
    status = 400
    message = gettext_lazy("A passphrase of at least 12 characters is needed, not the same sign over and over.")


class NotForExport(DomainError):
    code = "not_for_export"
    status = 403
    message = gettext_lazy("This trace was granted without an export. Ask anew where the case needs a file.")


@transaction.atomic
def encrypted(
    trace: Trace, *, passphrase: str, reason: str, by: User, now: datetime, address: str | None = None
) -> bytes:
    """The ZIP, with evidence. Raises WeakPassphrase, NotForExport, and as `results.check_open`."""
    results.check_open(trace, by=by, now=now)
    if not trace.may_export:
        raise NotForExport
    if len(passphrase) < LEAST or len(set(passphrase)) < 4:
        raise WeakPassphrase
    found = results.lines(results.in_order(trace))
    audit.record(
        Tag.TRACE_EXPORTED, by=by, target=trace, reason=reason, address=address, case=trace.case_number, rows=len(found)
    )
    for citizen in {line.citizen for line in found if line.citizen}:
        audit.record(Tag.TRACE_EXPORTED, by=by, target=citizen, address=address)
    return _zipped(_csv(found), passphrase, f"munjigi-trace-{timezone.localtime(now):%Y%m%d-%H%M}.csv")


def _zipped(text: str, passphrase: str, name: str) -> bytes:
    held = io.BytesIO()
    with AESZipFile(held, "w", compression=ZIP_DEFLATED, encryption=WZ_AES) as file:
        file.setpassword(passphrase.encode())
        file.setencryption(WZ_AES, nbits=256)
        file.writestr(name, text.encode())
    return held.getvalue()


def _csv(found: list[Line]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    text.write(BOM)
    for row in _rows(found):
        writer.writerow(map(harmless, row))
    return text.getvalue()


def _rows(found: list[Line]) -> Iterator[list[str]]:
    """A heading, then one row a stay."""
    person = [_("Name"), _("Birth date"), _("Mobile number")]
    yield [*person, _("Venue"), _("From"), _("Until"), _("Minutes"), _("Leaving")]
    for line in found:
        clear = results.in_clear(line.citizen) if line.citizen else {"name": "", "birth": "", "phone": ""}
        for stay in line.stays:
            yield [
                *clear.values(),
                str(line.venue or ""),
                *(f"{timezone.localtime(stay[name]):%Y-%m-%d %H:%M}" for name in ("since", "until")),
                str(stay["minutes"]),
                _("seen") if stay["seen"] else _("assumed"),
            ]
