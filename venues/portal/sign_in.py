"""Signing in to the portal: user name or mobile number, password, and a code where there is a second factor."""

import time
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.contrib.auth import login
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from registry import audit
from registry.callers import client_address
from registry.clerks import second_factor
from registry.clerks.lockout import locked_message
from registry.errors import DomainError
from registry.models import Tag, User
from venues import accounts

HALFWAY = "password was right"  # session: whose, when, and where to go on to; nobody is signed in by it
HALFWAY_FOR = 5 * 60  # seconds
BACKEND = "django.contrib.auth.backends.ModelBackend"


class SignedIn(HttpRequest):
    """A request that `login_required` let through."""

    user: User


class SignInForm(AuthenticationForm):
    """User name and password; what went wrong is said in plain words, and never which of the two it was."""

    error_messages = {
        "invalid_login": _("The user name or the password is wrong. Both mind capitals and small letters."),
        "inactive": _("This account is closed. Please ask the agency."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("User name or mobile number")
        self.fields["username"].widget.attrs["autocapitalize"] = "none"
        self.fields["password"].label = _("Password")
        if self.is_bound:
            del self.fields["username"].widget.attrs["autofocus"]  # what is wrong has it

    def clean_username(self) -> str:
        return accounts.username_for(self.cleaned_data["username"])

    def get_invalid_login_error(self) -> ValidationError:
        if self.request and getattr(self.request, "axes_locked_out", False):
            return ValidationError(locked_message(self.request), code="locked")
        return super().get_invalid_login_error()


class SignInView(LoginView):
    """The portal's own page; a locked account is told so here, in place of the bare answer of the lockout."""

    form_class = SignInForm
    template_name = "owner/sign_in.html"
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`interrupted`: whoever comes was on the page that is next, so a session had ended. A form that was sent comes
        here as a link of the page to itself does."""
        came_from = urlsplit(self.request.headers.get("Referer", "")).path
        interrupted = bool(came_from) and came_from == urlsplit(self.get_redirect_url()).path
        return super().get_context_data(**kwargs) | {"interrupted": interrupted}

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user = form.get_user()
        if second_factor.enrolled(user):
            self.request.session.flush()
            self.request.session[HALFWAY] = [user.pk, time.time(), self.get_success_url()]
            return redirect("owner:sign-in-code")
        return enter(self.request, user, self.get_success_url())

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_invalid(form)
        if getattr(self.request, "axes_locked_out", False):
            self.request.axes_locked_out = False  # type: ignore[attr-defined] # this page says it itself
            response.status_code = 429
        return response


class TokenForm(forms.Form):
    code = forms.CharField(
        label=_("Code of your app"),
        max_length=20,
        error_messages={"required": _("Enter the code that your authenticator app shows, or a backup code.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "none", "class": "owner-digits"}
        ),
    )


def enter(request: HttpRequest, user: User, target: str) -> HttpResponse:
    """Sign in, on record."""
    login(request, user, backend=BACKEND)
    audit.record(Tag.SIGNED_IN, by=user, target=user, address=client_address(request), portal="owner")
    return HttpResponseRedirect(target)


@never_cache
@require_http_methods(["GET", "POST"])
def take_code(request: HttpRequest) -> HttpResponse:
    """The second factor of who gave the right password less than five minutes ago."""
    pk, since, target = request.session.get(HALFWAY, (None, 0, ""))
    user = User.objects.filter(pk=pk, is_active=True).first() if time.time() - since < HALFWAY_FOR else None
    if user is None:
        return redirect("owner:sign-in")
    form = TokenForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            second_factor.verify(user, form.cleaned_data["code"], timezone.now())
        except DomainError as error:
            form.add_error("code", str(error))
            status = error.status
        else:
            return enter(request, user, target)
    return render(request, "owner/sign_in_code.html", {"form": form}, status=status)
