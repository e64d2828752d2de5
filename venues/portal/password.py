"""A forgotten password, set anew by the phone."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from registry.callers import client_address
from registry.models import User
from venues import accounts
from venues.portal import phone_check
from venues.portal.sign_up import check_password, password_field

PURPOSE = phone_check.Purpose(
    "password",
    start="owner:password",
    code="owner:password-code",
    after="owner:password-new",
    title=_("Forgotten password"),
    lead=_("Enter the mobile number of your account. With the code that we send you there, you set a new password."),
)

ask_phone = phone_check.asks(PURPOSE)
take_code = phone_check.takes(PURPOSE)


class NewPasswordForm(forms.Form):
    name = forms.CharField(
        label=_("Your name"),
        max_length=60,
        error_messages={"required": _("Enter your name as you gave it when you signed up.")},
        help_text=_("As you gave it when you signed up."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = password_field(_("New password"))


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def renew(request: HttpRequest) -> HttpResponse:
    """A new password for the account of the number, for who knows its holder's name, as numbers change hands. A wrong
    name uses up one of the tries that the check has left. A second factor is still asked for when signing in."""
    phone = phone_check.proven(request, PURPOSE)
    if phone is None:
        return redirect(PURPOSE.start)
    account = accounts.of_number(phone)
    if account is None or not account.user.is_active or account.user.is_staff:
        return render(request, "owner/unknown.html", {"purpose": PURPOSE})
    form = NewPasswordForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        check_password(form, "password", account.user)
    if request.method == "POST" and form.is_valid():
        if accounts.is_called(account, form.cleaned_data["name"]):
            return _set(request, account.user, form.cleaned_data["password"])
        left = phone_check.wrong(request, PURPOSE)
        if not left:
            messages.error(request, gettext("Too many wrong names. Begin again with a new code, or ask the agency."))
            return redirect(PURPOSE.start)
        form.add_error("name", _wrong_name(left))
    return render(request, "owner/new_password.html", {"form": form, "purpose": PURPOSE})


def _set(request: HttpRequest, user: User, password: str) -> HttpResponse:
    phone_check.forget(request, PURPOSE)
    accounts.renew_password(user, password, how="phone", address=client_address(request))
    told = gettext("Your new password is set. Your user name is {username}.")
    messages.success(request, told.format(username=user.username))
    return redirect("owner:sign-in")


def _wrong_name(left: int) -> str:
    said = ngettext(
        "This is not the name of the account. You have {left} more try.",
        "This is not the name of the account. You have {left} more tries.",
        left,
    )
    return said.format(left=left)
