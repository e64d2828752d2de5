"""`manage.py demo`: people, venues and logins to try the product with, once. All of them are fictional.

The logins, with passwords and one-time secrets of this installation's own, are written to var/demo.json (mode 0600),
which `bin/run` prints from.
"""

import base64
import json
import secrets
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice
from PIL import Image, ImageDraw

import checkins.figures
from config.management.commands.seed import seed
from registry import figures
from registry.citizens import people, records
from registry.models import Citizen, PassRecord, Provider, Role, User
from registry.secrets import blind_index
from venues import accounts, documents, onboarding
from venues.models import Account, Application, Category, Operator, Staff, Venue

CLERKS = [
    ("clerk", [Role.REGISTRAR, Role.VENUE_OFFICER], "people, records, venues"),
    ("policy-a", [Role.POLICY_MAKER], "writes policy"),
    ("policy-b", [Role.POLICY_MAKER], "publishes what policy-a wrote"),
    ("investigator", [Role.INVESTIGATOR], "reads the entry log, asks for traces"),
    ("investigator-b", [Role.INVESTIGATOR], "grants what investigator asked for"),
    ("auditor", [Role.AUDITOR], "reads the access log and counts, changes nothing"),
    ("service", [Role.SERVICE], "SMS, keys, users"),
    ("service-b", [Role.SERVICE], "grants what service asked for"),
]
PEOPLE: list[
    tuple[str, str, str, str | None, int, dict[str, Any]]
] = [  # name, birth date, phone, what is on record: kind, days ago, further fields
    ("홍길동", "1990-01-01", "010-0000-0001", "vaccination", 60, {"vaccine_id": "pfizer", "dose": 2}),
    ("이몽룡", "1985-05-05", "010-0000-0002", "vaccination", 20, {"vaccine_id": "moderna", "dose": 3}),
    ("성춘향", "1992-08-15", "010-0000-0003", "vaccination", 200, {"vaccine_id": "astrazeneca", "dose": 2}),
    ("변학도", "1970-12-31", "010-0000-0004", "pcr_negative", 0, {}),
    ("임꺽정", "1960-03-01", "010-0000-0005", "recovery", 30, {}),
    ("장길산", "1988-11-11", "010-0000-0006", "exemption", 90, {"immunodeficiency": True}),
    ("Jane Example", "1995-02-03", "010-0000-0007", None, 0, {}),
]
VENUES = [
    ("문지기 카페", "cafe", "11110"),
    ("문지기 도서관", "library", "11110"),
    ("문지기 상점", "small_shop", "11680"),
]


class Command(BaseCommand):
    help = "Load demo people, venues and logins, once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--logins", default=str(settings.BASE_DIR / "var" / "demo.json"), help="the file to write")

    def handle(self, *args: Any, **options: Any) -> None:
        make_providers()
        logins = Path(options["logins"])
        if logins.exists() and User.objects.filter(username=CLERKS[0][0]).exists():
            return
        seed(today_policy=True)
        with transaction.atomic():
            written = [*make_clerks(), make_owner(), make_applicant()]
            if not Citizen.objects.exists():
                make_people(by=User.objects.get(username=CLERKS[0][0]))
        figures.count(timezone.now())
        checkins.figures.count(timezone.now())
        logins.touch(mode=0o600)
        logins.write_text(json.dumps({"logins": written, "notes": []}, ensure_ascii=False, indent=1))


def make_providers() -> None:
    """Beside the provider that every installation starts with, the two others whose settings are there."""
    for kind in (Provider.Kind.TWILIO, Provider.Kind.SOLAPI):
        if getattr(settings, f"SMS_{kind.upper()}_URL", ""):
            Provider.objects.get_or_create(name=kind.value, defaults={"kind": kind, "settings": f"SMS_{kind.upper()}"})


def new_login(username: str, who: str, address: str, **fields: Any) -> tuple[User, dict[str, str]]:
    """A user with a fresh password, and the row that the table shows."""
    password = f"munjigi-{secrets.token_hex(4)}"
    user, _new = User.objects.update_or_create(username=username, defaults=fields)
    user.set_password(password)
    user.save(update_fields=["password"])
    row = {"who": who, "address": settings.SITE_URL + address, "username": username, "password": password}
    return user, row


def make_clerks() -> list[dict[str, str]]:
    rows = []
    for username, roles, does in CLERKS:
        user, row = new_login(username, does, "/admin/", is_staff=True)
        user.groups.set(Group.objects.filter(name__in=roles))
        TOTPDevice.objects.filter(user=user).delete()
        device = TOTPDevice.objects.create(user=user, name="demo", confirmed=True)
        rows.append(row | {"totp_secret": base32(device)})
    return rows


def base32(device: TOTPDevice) -> str:
    """The device's secret as authenticator apps take it."""
    return base64.b32encode(device.bin_key).decode()


def make_owner() -> dict[str, str]:
    owner, row = new_login("owner", "a café, a library and a shop", "/owner/")
    Category.objects.get_or_create(
        code="small_shop", defaults={"name_ko": "소규모 상점", "name_en": "Small shop", "position": 99}
    )
    operator, _new = Operator.objects.get_or_create(name="문지기 상사")
    Staff.objects.get_or_create(operator=operator, user=owner)
    with_number(owner, "김사장", "010-0000-0101")
    for name, category, region in VENUES:
        Venue.objects.get_or_create(operator=operator, name=name, category_id=category, region=region)
    return row


def make_applicant() -> dict[str, str]:
    """An owner whose venue waits for a clerk's answer."""
    user, row = new_login("new-owner", "a restaurant that waits for approval", "/owner/")
    if Application.objects.filter(applicant=user).exists():
        return row
    with_number(user, "박사장", "010-0000-0102")
    now = timezone.now()
    proof = documents.keep(SimpleUploadedFile("proof.png", drawn_registration()), by=user, now=now)
    wanted = onboarding.Wanted(
        operator=None, operator_name="새문 식당", business_number="1208800767", proof="", venue_name="새문 식당 본점",
        category=Category.objects.get(pk="cafe"), region="11140", address="서울특별시 중구 시험로 12", capacity=45,
    )  # fmt: skip
    onboarding.apply(wanted, [proof], by=user, now=now)
    return row


def with_number(user: User, name: str, phone: str) -> None:
    """Give a demo login a portal account, as if the number had been proven."""
    number, now = people.korean_mobile(phone).as_e164, timezone.now()
    fields = {"proven_at": now, "terms": accounts.TERMS, "agreed_at": now}
    found = {"name": name, "phone": number, "phone_index": blind_index("phone", number)}
    Account.objects.get_or_create(user=user, defaults=found | fields)


def drawn_registration() -> bytes:
    """A picture that stands for a photo of a registration; Latin letters, as no Korean font may be there."""
    picture = Image.new("RGB", (900, 600), "white")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((20, 20, 880, 580), outline="black", width=4)
    for line, text in enumerate(("BUSINESS REGISTRATION (demo)", "No. 120-88-00767", "SAEMUN RESTAURANT")):
        pen.text((80, 120 + line * 110), text, fill="black", font_size=44)
    file = BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def make_people(*, by: User) -> None:
    """People with one record each, of every kind, through the same verbs that a clerk's pages call."""
    today = timezone.localdate()
    for number, (name, birth, phone, kind, days_ago, fields) in enumerate(PEOPLE, start=1):
        mobile = people.korean_mobile(phone).as_e164
        citizen = people.add(Citizen(name=name, birth=birth, phone=mobile), by=by)
        if kind:
            at: dict[str, Any] = {"result_at": timezone.now()} if kind == PassRecord.Kind.PCR_NEGATIVE else {}
            record = PassRecord(citizen=citizen, kind=kind, day=today - timedelta(days=days_ago), **fields, **at)
            record.issuer, record.certificate_number = "문지기 시험 의료원", f"DEMO-{number:04d}"
            records.add(record, by=by)
