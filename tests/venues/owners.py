"""Owners for tests: with an account and a proven number, what they apply for, and the files they send."""

from __future__ import annotations

import io
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from registry import secrets
from registry.models import User
from registry.phone import mobiles
from registry.sms import outbox
from tests.factories import UserFactory
from venues import onboarding
from venues.models import Account, Application, Category

PASSWORD = "open-sesame-2468"
NUMBER = "1208800767"  # fits its check digit; of nobody in particular
PHONE = "010-0000-0042"


def an_owner(phone: str = PHONE, **fields: Any) -> User:
    """A user of the portal with a proven number."""
    user = UserFactory(**fields)
    number = mobiles.korean_mobile(phone).as_e164
    now = timezone.now()
    Account.objects.create(
        user=user, name="김사장", phone=number, phone_index=secrets.blind_index("phone", number), proven_at=now,
        terms="2026-11", agreed_at=now,
    )  # fmt: skip
    return user


def wanted(**changes: Any) -> onboarding.Wanted:
    values: dict[str, Any] = {
        "operator": None, "operator_name": "시험 상사", "business_number": NUMBER, "proof": "",
        "venue_name": "시험 카페",
        "category": Category.objects.get(pk="cafe"), "region": "11680", "address": "시험로 1", "capacity": 40,
    }  # fmt: skip
    return onboarding.Wanted(**values | changes)


def an_application(user: User | None = None, **changes: Any) -> Application:
    return onboarding.apply(wanted(**changes), [], by=user or an_owner(), now=timezone.now())


def form(**changes: Any) -> dict[str, Any]:
    """What the page of a new venue sends."""
    values = {
        "venue_name": "시험 카페", "category": "cafe", "region": "강남구", "address": "시험로 1", "capacity": "40",
        "operator_name": "시험 상사", "by": "business", "business_number": "120-88-00767", "proof": "",
        "proof_file": upload(jpeg()),
    } | changes  # fmt: skip
    return {name: value for name, value in values.items() if value is not None}


def upload(data: bytes, name: str = "proof.jpg", kind: str = "image/jpeg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, kind)


def jpeg(size: tuple[int, int] = (64, 48), **more: Any) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "orange").save(file, "JPEG", **more)
    return file.getvalue()


def pdf(pages: int = 1, *, script: str = "", locked: bool = False, attachment: bool = False) -> bytes:
    writer = PdfWriter()
    for _page in range(pages):
        writer.add_blank_page(200, 200)
    if script:
        action = DictionaryObject(
            {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject(script)}
        )
        writer.root_object[NameObject("/OpenAction")] = writer._add_object(action)
    if attachment:
        writer.add_attachment("x.exe", b"MZ")
    if locked:
        writer.encrypt("secret", algorithm="RC4-128")
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def code_for(simulator: Any, phone: str) -> str:
    """Have the outbox swept, and read the newest code."""
    outbox.sweep(timezone.now())
    return str(simulator.code(phone))
