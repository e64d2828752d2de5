"""Pages for whoever followed a mailed link: an invited clerk's own account, and a new password. Nobody is signed in by
them: the second factor comes next."""

import time
from typing import Any, cast

from django import forms
from django.contrib.admin import AdminSite
from django.contrib.auth import password_validation
from django.contrib.auth.tokens import default_token_generator
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.contrib.auth.views import PasswordResetConfirmView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from registry import audit
from registry.admin.desk import posted
from registry.admin.sign_in import ENROLLING, Chrome
from registry.callers import client_address
from registry.clerks import invitations, second_factor
from registry.models import ClerkInvitation, Tag, User


def _password(label: Any, help_text: Any = "") -> forms.CharField:
    widget = UnfoldAdminPasswordWidget({"autocomplete": "new-password"})
    return forms.CharField(label=label, strip=False, widget=widget, help_text=help_text)


class NewPassword(forms.Form):
    """A password twice, as good as the rules for passwords want it."""

    password = _password(gettext_lazy("Password"), gettext_lazy("At least 8 characters; no common word, no name."))
    again = _password(gettext_lazy("Password, once more"))
    user: User

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        password = cleaned.get("password")
        if password and "again" in cleaned and password != cleaned["again"]:
            self.add_error("again", _("The two passwords are not the same."))
        elif password:
            try:
                password_validation.validate_password(password, self.holder())
            except ValidationError as error:
                self.add_error("password", error)
        return cleaned

    def holder(self) -> User:
        return self.user


class JoinForm(NewPassword):
    field_order = ("last_name", "first_name", "username", "password", "again")

    last_name = forms.CharField(
        label=gettext_lazy("Family name"),
        max_length=60,
        widget=UnfoldAdminTextInputWidget({"autocomplete": "family-name", "autofocus": True}),
    )
    first_name = forms.CharField(
        label=gettext_lazy("Given name"),
        max_length=60,
        widget=UnfoldAdminTextInputWidget({"autocomplete": "given-name"}),
    )
    username = forms.CharField(
        label=gettext_lazy("User name"),
        max_length=150,
        validators=[UnicodeUsernameValidator()],
        help_text=gettext_lazy("You sign in with it, and it stands beside what you do. Letters, digits and @ . + - _"),
        widget=UnfoldAdminTextInputWidget({"autocomplete": "username", "autocapitalize": "none"}),
    )

    def holder(self) -> User:
        told = {name: self.cleaned_data.get(name, "") for name in ("username", "first_name", "last_name")}
        return User(**told)

    def clean_username(self) -> str:
        name = str(self.cleaned_data["username"])
        if User.objects.filter(username__iexact=name).exists():
            raise ValidationError(str(invitations.NameTaken()))
        return name


@method_decorator(never_cache, name="dispatch")
@method_decorator(sensitive_post_parameters("password", "again"), name="dispatch")
class Join(Chrome, View):
    """The invited set name and password, and go on to the second factor."""

    site: AdminSite = None  # type: ignore[assignment]

    def dispatch(self, request: HttpRequest, token: str) -> HttpResponse:  # type: ignore[override]
        try:
            invitation = invitations.find(token, timezone.now())
            form = JoinForm(posted(request))
            if request.method == "POST" and form.is_valid():
                return self._join(request, invitation, form)
        except invitations.InvitationOver as error:
            context = self.frame(request, _("Invitation")) | {"text": str(error)}
            return render(request, "admin/link_over.html", context, status=error.status)
        until = timezone.localtime(invitation.ends_at)
        context = self.frame(request, _("Set up your account")) | {
            "form": form, "button": _("Make the account"), "lead": _(
                "You are invited as: {roles}. This link is good once, until {until}. "
                "After this page you set up the second factor.").format(
                    roles=invitation.role_names, until=f"{until:%Y-%m-%d %H:%M}"),
        }  # fmt: skip
        return render(request, "admin/join.html", context)

    def _join(self, request: HttpRequest, invitation: ClerkInvitation, form: JoinForm) -> HttpResponse:
        told = {name: form.cleaned_data[name] for name in ("username", "last_name", "first_name", "password")}
        try:
            user = invitations.join(invitation, **told, now=timezone.now(), address=client_address(request))
        except invitations.NameTaken as error:
            form.add_error("username", str(error))
            return render(
                request, "admin/join.html",
                self.frame(request, _("Set up your account")) | {"form": form, "button": _("Make the account")},
            )  # fmt: skip
        request.session.flush()
        request.session[ENROLLING] = [user.pk, time.time()]
        second_factor.begin(user)
        return HttpResponseRedirect(reverse("admin:enrol"))


class SetPasswordForm(NewPassword):
    """As Django's view of a mailed link wants its form."""

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def save(self) -> User:
        self.user.set_password(self.cleaned_data["password"])
        self.user.save(update_fields=["password"])
        return self.user


@method_decorator(never_cache, name="dispatch")
class SetPassword(Chrome, PasswordResetConfirmView):
    """A new password by a mailed link; Django keeps the link out of the address and makes it good once."""

    site: AdminSite = None  # type: ignore[assignment]
    form_class = SetPasswordForm  # type: ignore[assignment]
    token_generator = default_token_generator
    template_name = "admin/join.html"
    reset_url_token = "set"  # noqa: S105 -- stands in the address instead of the token

    def get_user(self, uidb64: str) -> User | None:
        user = super().get_user(uidb64)
        return user if isinstance(user, User) and user.is_active else None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        lead = _("For your account {username}. Your second factor stays as it is.")
        return self.frame(self.request, _("Set a new password")) | context | {
            "title": _("Set a new password"), "button": _("Set the password"),
            "lead": lead.format(username=cast(User, self.user).username) if self.validlink else "",
        }  # fmt: skip

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        if self.validlink:
            return super().render_to_response(context, **kwargs)
        told = _("This link was used already, or is past. Please ask for another.")
        return render(self.request, "admin/link_over.html", context | {"text": told}, status=410)

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        user = cast(User, self.user)
        audit.record(Tag.PASSWORD_RENEWED, by=user, target=user, address=client_address(self.request), how="mail")
        return answer

    def get_success_url(self) -> str:
        return reverse("admin:login")
