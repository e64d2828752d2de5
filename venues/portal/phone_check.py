"""Two pages that prove a mobile number for the portal: the number, then the code. What comes after is the caller's.

The check is the citizens' (registry.phone.verification), with the same tries and limits. Which check this browser
began, and which number it proved, stands in the session, encrypted.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from phonenumber_field.phonenumber import PhoneNumber

from registry import secrets
from registry.callers import client_address
from registry.errors import DomainError
from registry.models.people import mask_phone
from registry.phone import proving, verification

GOOD_FOR = 30 * 60  # seconds that a proven number may be used for what it was proven for

View = Callable[[HttpRequest], HttpResponse]


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a number is proven for: the addresses of its pages by name, and what they say."""

    key: str
    start: str
    code: str
    after: str
    title: Any
    lead: Any
    steps: int = 0  # how many steps the whole has, where they are counted


class PhoneForm(forms.Form):
    phone = forms.CharField(
        label=_("Mobile number"),
        max_length=40,
        error_messages={"required": _("Enter your mobile number, for example 010-1234-5678.")},
        help_text=_("We send a 6-digit code by SMS."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )

    def clean_phone(self) -> PhoneNumber:
        try:
            return verification.korean_mobile(self.cleaned_data["phone"])
        except DomainError:
            raise forms.ValidationError(
                _("This is not a Korean mobile number. Enter a number that begins with 010.")
            ) from None


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("6-digit code"),
        max_length=20,
        error_messages={"required": _("Enter the six digits of the SMS.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "owner-digits"}
        ),
    )

    def clean_code(self) -> str:
        code = "".join(letter for letter in self.cleaned_data["code"] if letter.isdigit())
        if len(code) != 6:
            raise forms.ValidationError(_("The code has six digits."))
        return code


def proven(request: HttpRequest, purpose: Purpose) -> PhoneNumber | None:
    """The number that this browser proved for this purpose, in the last half hour."""
    kept = _read(request, purpose)
    since = kept.get("proven", 0)
    return PhoneNumber.from_string(kept["phone"]) if since and timezone.now().timestamp() - since < GOOD_FOR else None


def wrong(request: HttpRequest, purpose: Purpose) -> int:
    """What was said along with the number is wrong: one of the tries that the check had left is used up. How many are
    left; with the last the proof is over."""
    left = proving.spend_try(UUID(_read(request, purpose)["by"]))
    if not left:
        forget(request, purpose)
    return left


def forget(request: HttpRequest, purpose: Purpose) -> None:
    """Once it was used."""
    request.session.pop(_key(purpose), None)


def _key(purpose: Purpose) -> str:
    return f"phone check for {purpose.key}"


def _read(request: HttpRequest, purpose: Purpose) -> dict[str, Any]:
    try:
        kept = secrets.decrypt(bytes.fromhex(request.session.get(_key(purpose), "")), purpose=_key(purpose))
    except secrets.Unreadable:
        return {}
    return dict(json.loads(kept))


def _write(request: HttpRequest, purpose: Purpose, **kept: Any) -> None:
    request.session[_key(purpose)] = secrets.encrypt(json.dumps(kept).encode(), purpose=_key(purpose)).hex()


def asks(purpose: Purpose, read: Callable[[Any], PhoneForm] = PhoneForm) -> View:
    """The page that asks for the number and sends a code to it; `read` makes the form, where more is asked."""

    @never_cache
    @require_http_methods(["GET", "POST"])
    def ask(request: HttpRequest) -> HttpResponse:
        form = read(request.POST if request.method == "POST" else None)
        status = 200
        if request.method == "POST" and form.is_valid():
            error = _send(request, purpose, form.cleaned_data["phone"], None)
            if error is None:
                return redirect(purpose.code)
            form.add_error(None, told(error))
            status = error.status
        return render(request, "owner/phone.html", {"form": form, "purpose": purpose}, status=status)

    return ask


def takes(purpose: Purpose) -> View:
    """The page that takes the code, and sends another one to the same number."""

    @never_cache
    @require_http_methods(["GET", "POST"])
    def take(request: HttpRequest) -> HttpResponse:
        kept = _read(request, purpose)
        if "check" not in kept:
            return redirect(purpose.start)
        if request.method == "POST" and "again" in request.POST:
            return _again(request, purpose, kept)
        form = CodeForm(request.POST if request.method == "POST" else None)
        if request.method != "POST" or not form.is_valid():
            return _code_page(request, purpose, kept, form)
        try:
            phone = proving.take(UUID(kept["check"]), form.cleaned_data["code"], now=timezone.now())
        except DomainError as error:
            form.add_error("code", str(error))
            return _code_page(request, purpose, kept, form, status=error.status)
        request.session.cycle_key()
        _write(request, purpose, phone=phone.as_e164, proven=timezone.now().timestamp(), by=kept["check"])
        return redirect(purpose.after)

    return take


def _send(request: HttpRequest, purpose: Purpose, phone: PhoneNumber, check: UUID | None) -> DomainError | None:
    """Send a code; what spoke against it."""
    try:
        begun = verification.begin(phone, address=client_address(request), now=timezone.now(), verification=check)
    except DomainError as error:
        return error
    _write(request, purpose, phone=phone.as_e164, check=str(begun.pk))
    return None


def _again(request: HttpRequest, purpose: Purpose, kept: dict[str, Any]) -> HttpResponse:
    error = _send(request, purpose, PhoneNumber.from_string(kept["phone"]), UUID(kept["check"]))
    if error:
        messages.error(request, told(error))
    else:
        messages.success(request, gettext("Another code is on its way."))
    return redirect(purpose.code)


def _code_page(
    request: HttpRequest, purpose: Purpose, kept: dict[str, Any], form: CodeForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "purpose": purpose,
        "masked": mask_phone(kept["phone"]),
        "delivery": _delivery(UUID(kept["check"]), timezone.now()),
    }
    return render(request, "owner/phone_code.html", context, status=status)


def _delivery(check: UUID, now: datetime) -> str:
    """How the newest code fares, in a word; "dropped" where the check itself is gone."""
    try:
        return str(verification.status(check, now)["delivery"])
    except verification.UnknownVerification:
        return "dropped"


def told(error: DomainError) -> str:
    """An error in words, with how long to wait where it says so."""
    if not error.retry_after:
        return str(error)
    minutes = -(-error.retry_after // 60)
    wait = ngettext("Please wait {minutes} minute.", "Please wait {minutes} minutes.", minutes)
    return f"{error} {wait.format(minutes=minutes)}"
