"""Signing up: the number, the code, the account. The venue is applied for after that, signed in."""

from typing import Any

from django import forms
from django.contrib.auth import login, password_validation
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from registry.callers import client_address
from registry.errors import DomainError
from registry.models import User
from venues import accounts
from venues.portal import phone_check

BACKEND = "django.contrib.auth.backends.ModelBackend"
PURPOSE = phone_check.Purpose(
    "sign-up",
    start="owner:sign-up",
    code="owner:sign-up-code",
    after="owner:sign-up-account",
    title=_("Sign up as an owner"),
    lead=_("With your mobile number you get back in whenever you forget your password, and we tell you by SMS when "
           "your venue is approved."),
    steps=3,
)  # fmt: skip

ask_phone = phone_check.asks(PURPOSE)
take_code = phone_check.takes(PURPOSE)


def password_field(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        strip=False,
        max_length=128,
        error_messages={"required": _("Choose a password.")},
        help_text=_("At least 8 characters, and none of the passwords that everybody uses."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


def username_field() -> forms.RegexField:
    return forms.RegexField(
        r"^[a-z0-9][a-z0-9._-]{3,29}$",
        label=_("User name"),
        max_length=30,
        error_messages={
            "required": _("Choose a user name."),
            "invalid": _("4 to 30 small letters a–z, digits, and . _ - between them."),
        },
        help_text=_("4 to 30 small letters and digits. You may also sign in with your mobile number."),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )


def check_password(form: forms.Form, name: str, user: User) -> None:
    """Say beside the field what is weak about a password."""
    password = form.cleaned_data.get(name)
    if password:
        try:
            password_validation.validate_password(password, user)
        except forms.ValidationError as error:
            form.add_error(name, error)


class AccountForm(forms.Form):
    told_above = True

    name = forms.CharField(
        label=_("Your name"),
        max_length=60,
        error_messages={"required": _("Enter your name.")},
        help_text=_("The agency’s clerks see it, nobody else."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    username = username_field()
    password = password_field(_("Password"))
    terms = forms.BooleanField(
        label=_("I agree to the terms of the venue portal"),
        error_messages={"required": _("Without your agreement we cannot open an account.")},
    )

    def clean(self) -> dict[str, Any]:
        check_password(self, "password", User(username=self.cleaned_data.get("username", "")))
        return self.cleaned_data


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def make_account(request: HttpRequest) -> HttpResponse:
    """The last step: name, user name, password, terms. Signed in by it, on to the venue."""
    phone = phone_check.proven(request, PURPOSE)
    if phone is None:
        return redirect(PURPOSE.start)
    if accounts.of_number(phone):
        return render(request, "owner/known.html", {"purpose": PURPOSE})
    form = AccountForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            user = accounts.sign_up(
                phone=phone, name=values["name"], username=values["username"], password=values["password"],
                now=timezone.now(), address=client_address(request),
            )  # fmt: skip
        except DomainError as error:
            form.add_error("username" if isinstance(error, accounts.NameTaken) else None, str(error))
            status = error.status
        else:
            phone_check.forget(request, PURPOSE)
            login(request, user, backend=BACKEND)
            return redirect("owner:apply")
    return render(request, "owner/sign_up.html", {"form": form, "purpose": PURPOSE}, status=status)


@require_GET
def terms(request: HttpRequest) -> HttpResponse:
    """What an owner agrees to."""
    return render(request, "owner/terms.html", {"version": accounts.TERMS})
