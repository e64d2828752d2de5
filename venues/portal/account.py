"""One's own account: password, number, and a second factor for who wants one."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import authenticate, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from registry import audit
from registry.callers import client_address
from registry.clerks import second_factor
from registry.clerks.lockout import locked_message
from registry.errors import DomainError
from registry.models import Tag
from venues import accounts
from venues.models import Account
from venues.portal import phone_check, qr
from venues.portal.sign_in import SignedIn, TokenForm
from venues.portal.sign_up import check_password, password_field

PHONE = phone_check.Purpose(
    "phone",
    start="owner:phone",
    code="owner:phone-code",
    after="owner:phone-change",
    title=_("Another mobile number"),
    lead=_(
        "Enter the new number and your password. With the code that we send to it, it takes the place of the old one."
    ),
)


class AsksPassword(forms.Form):
    """Asks for the password once more, so that an open browser alone does not do; wrong ones count as at signing in."""

    current = forms.CharField(
        label=_("Password until now"),
        strip=False,
        max_length=128,
        error_messages={"required": _("Enter the password that you have now.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, data: Any = None, *, request: HttpRequest) -> None:
        self.request = request
        super().__init__(data)

    def clean_current(self) -> str:
        user, password = self.request.user, self.cleaned_data["current"]
        if authenticate(self.request, username=user.get_username(), password=password) != user:
            if getattr(self.request, "axes_locked_out", False):
                self.request.axes_locked_out = False  # type: ignore[attr-defined] # this page says it itself
                raise forms.ValidationError(locked_message(self.request))
            raise forms.ValidationError(_("This is not your password. It minds capitals and small letters."))
        return str(password)


class PasswordForm(AsksPassword):
    password = password_field(_("New password"))


class NewPhoneForm(AsksPassword, phone_check.PhoneForm):
    field_order = ("phone", "current")


@sensitive_post_parameters("current")
def _ask_phone(request: HttpRequest) -> HttpResponse:
    return phone_check.asks(PHONE, lambda data: NewPhoneForm(data, request=request))(request)


ask_phone = login_required(_ask_phone)
take_code = login_required(phone_check.takes(PHONE))


@login_required
@never_cache
@require_GET
def page(request: SignedIn) -> HttpResponse:
    account = Account.objects.filter(user=request.user).first()
    context = {"here": "account", "account": account, "enrolled": second_factor.enrolled(request.user)}
    return render(request, "owner/account.html", context)


@sensitive_post_parameters()
@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def change_password(request: SignedIn) -> HttpResponse:
    form = PasswordForm(request.POST if request.method == "POST" else None, request=request)
    if request.method == "POST" and form.is_valid():
        check_password(form, "password", request.user)
    if request.method == "POST" and form.is_valid():
        address = client_address(request)
        accounts.renew_password(request.user, form.cleaned_data["password"], how="password", address=address)
        update_session_auth_hash(request, request.user)
        messages.success(request, gettext("Your new password is set. Other devices are signed out."))
        return redirect("owner:account")
    return render(request, "owner/change_password.html", {"form": form})


@login_required
@never_cache
@require_GET
def change_phone(request: SignedIn) -> HttpResponse:
    """Where the code page leads: the proven number is put on the account."""
    phone = phone_check.proven(request, PHONE)
    if phone is None:
        return redirect(PHONE.start)
    phone_check.forget(request, PHONE)
    try:
        accounts.change_phone(request.user, phone, now=timezone.now(), address=client_address(request))
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, gettext("The new number is on your account."))
    return redirect("owner:account")


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def set_second_factor(request: SignedIn) -> HttpResponse:
    """QR and typed secret, one code to prove it, then the backup codes, once."""
    user = request.user
    if second_factor.enrolled(user):
        return redirect("owner:account")
    form = TokenForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            _device, codes = second_factor.confirm(user, form.cleaned_data["code"], timezone.now())
        except DomainError as error:
            form.add_error("code", str(error))
        else:
            audit.record(Tag.SECOND_FACTOR_SET, by=user, target=user, address=client_address(request))
            return render(request, "owner/backup_codes.html", {"codes": codes})
    device = second_factor.unconfirmed(user) or second_factor.begin(user)
    drawing = qr.draw(second_factor.address(device))
    context = {"form": form, "qr": drawing, "secret": second_factor.secret(device)}
    return render(request, "owner/second_factor.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def end_second_factor(request: SignedIn) -> HttpResponse:
    """Off again, with one more code, so that an open browser alone does not do."""
    user = request.user
    if not second_factor.enrolled(user) or user.is_staff:
        return redirect("owner:account")
    form = TokenForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            second_factor.verify(user, form.cleaned_data["code"], timezone.now())
            accounts.end_second_factor(user, address=client_address(request))
        except DomainError as error:
            form.add_error("code", str(error))
        else:
            messages.success(request, gettext("You now sign in with the password alone."))
            return redirect("owner:account")
    return render(request, "owner/end_second_factor.html", {"form": form})
