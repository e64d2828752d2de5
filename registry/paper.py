"""Paper passes, for who has no smartphone: one code on paper, good for weeks, shown with an identity card.

Its strip has no key and no proof, so it can be copied; the masked name and the year of birth in it are what a door
compares. Its pseudonym is made with a key of the month, and the log never holds it (docs/pass-format.md).
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import qrcode
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.svg import SvgPathImage

from registry import audit, issuing, policy, signing, vault
from registry.citizens.people import Document, NobodyThere
from registry.errors import DomainError
from registry.format import passcode
from registry.format.strip import PAPER
from registry.models import Citizen, PaperPass, Tag, User
from registry.validity import SEOUL

LONGEST_NAME = 64  # bytes that the format gives to the masked name


class NotVerified(DomainError):
    code = "not_verified"
    message = _("Verify the person at the desk first: nobody has checked who this is within the last weeks.")


@dataclass(frozen=True, slots=True)
class Printed:
    """What stands on the paper. `until`: the last day on which it is good."""

    code: str = field(repr=False)
    masked_name: str
    birth_year: int
    passes: bool
    printed_on: date
    until: date

    def as_svg(self) -> str:
        """The code as a QR symbol of level M, which stands a fold or a stain."""
        symbol = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=4, image_factory=SvgPathImage)
        symbol.add_data(self.code)
        return str(symbol.make_image().to_string(encoding="unicode"))


def issue(citizen: Citizen, *, document: Document, by: User, now: datetime, address: str | None = None) -> Printed:
    """A paper pass, good from today until the pass ends, 31 days at most; without a valid pass it is for entry alone.

    `document`: what the clerk compared the person with. Raises NotVerified, NobodyThere, VaultUnavailable.
    """
    day = vault.today(now)
    version = policy.in_force_on(day)
    vault.make_paper_key_ahead(day)  # read before the person is held
    with transaction.atomic():
        Citizen.objects.filter(pk=citizen.pk).hold()  # whoever revokes at this moment sees the paper, or was before it
        holder = Citizen.objects.filter(pk=citizen.pk).first()
        if holder is None:
            raise NobodyThere
        if holder.due_on is None or issuing.usable_until(holder, version, today=day) < day:
            raise NotVerified
        passes, until = _good_until(holder, day)
        printed = Printed(_code(holder, day, until, passes, now), *_holder(holder), passes, day, until)
        PaperPass.objects.create(citizen=holder, printed_at=now, until=until, by=by)
        detail = {"document": document.value, "until": until.isoformat()}
        audit.record(Tag.PAPER_PASS_PRINTED, by=by, target=holder, address=address, **detail)
    return printed


def _good_until(citizen: Citizen, first: date) -> tuple[bool, date]:
    """Whether there is a valid pass on the first day, and the last day for which the paper says the truth."""
    days = [first + timedelta(days=n) for n in range(vault.PAPER_DAYS)]
    found = issuing.standings(citizen, days)
    version, passes = found[0][0], found[0][1].valid
    last = first
    for day, (_version, standing) in zip(days, found, strict=True):
        if (passes and not standing.valid) or policy.floor_on(day) > version.number:
            break
        last = day
    return passes, last


def _holder(citizen: Citizen) -> tuple[str, int]:
    masked = citizen.masked_name.encode()[:LONGEST_NAME].decode(errors="ignore")
    return masked, citizen.birth_date.year


def _code(citizen: Citizen, day: date, until: date, passes: bool, now: datetime) -> str:
    signer = signing.signer_for(day)
    end = datetime.combine(until + timedelta(days=1), time(), SEOUL)
    strip = passcode.sign_strip(
        private_key=signer.private_key,
        kid=signer.kid,
        issuer=issuing.ISSUER,
        day=day,
        exp=int(end.timestamp()),
        iat=int(now.timestamp()),
        cti=vault.paper_pseudonym(day, citizen.pk),
        cnf=None,
        passes=passes,
        policy=policy.in_force_on(day).number,
        phone=PAPER,
        holder=_holder(citizen),
    )
    return passcode.encode_code(strip)
