"""Signing in to the venue portal."""

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from registry import audit
from registry.callers import client_address
from registry.lockout import locked_message
from registry.models import Tag, User


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
        self.fields["username"].label = _("User name")
        self.fields["username"].widget.attrs["autocapitalize"] = "none"
        self.fields["password"].label = _("Password")

    def get_invalid_login_error(self) -> ValidationError:
        if self.request and getattr(self.request, "axes_locked_out", False):
            return ValidationError(locked_message(self.request), code="locked")
        return super().get_invalid_login_error()


class SignInView(LoginView):
    """The portal's own page; a locked account is told so here, in place of the bare answer of the lockout."""

    form_class = SignInForm
    template_name = "owner/sign_in.html"
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        user = form.get_user()
        audit.record(Tag.SIGNED_IN, by=user, target=user, address=client_address(self.request), portal="owner")
        return response

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_invalid(form)
        if getattr(self.request, "axes_locked_out", False):
            self.request.axes_locked_out = False  # type: ignore[attr-defined] # this page says it itself
            response.status_code = 429
        return response
