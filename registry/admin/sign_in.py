"""A clerk's way in: password and one-time code on one page; who has no second factor yet sets it up first."""

import time
from typing import Any
from urllib.parse import urlencode

import qrcode
from django import forms
from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME, login
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.decorators.cache import never_cache
from qrcode.image.svg import SvgPathFillImage
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from registry import audit
from registry.callers import client_address
from registry.clerks import second_factor
from registry.clerks.lockout import locked_message, locked_seconds
from registry.errors import DomainError
from registry.models import Tag, User

ENROLLING = "enrolling"  # session: who proved a password and when, and may set up a second factor and nothing else
ENROL_WITHIN = 15 * 60  # seconds
ADDRESS = "address"  # session: where password and code were given (registry/admin/elsewhere.py)


class CodeInput(UnfoldAdminTextInputWidget):
    """A one-time code: numbers come first on a phone's keyboard, and password managers know it."""

    def __init__(self) -> None:
        super().__init__({"autocomplete": "one-time-code", "autocapitalize": "off", "spellcheck": "false"})


class SignInForm(AuthenticationForm):
    """User name, password, code. After `is_valid`, the user's `otp_device` is set, or the user has none yet."""

    code = forms.CharField(
        label=gettext_lazy("One-time code"),
        max_length=20,
        required=False,
        widget=CodeInput,
        help_text=gettext_lazy(
            "6 digits from your authenticator app, or a backup code. Signing in for the first time: leave it empty."
        ),
    )

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        self.fields["username"].widget = UnfoldAdminTextInputWidget(
            {"autofocus": True, "autocomplete": "username", "autocapitalize": "none"}
        )
        self.fields["password"].widget = UnfoldAdminPasswordWidget({"autocomplete": "current-password"})

    def get_invalid_login_error(self) -> forms.ValidationError:
        if getattr(self.request, "axes_locked_out", False):
            return forms.ValidationError(locked_message(self.request), code="locked")
        return forms.ValidationError(_("User name or password is not right, or this is not a clerk's account."))

    def confirm_login_allowed(self, user: User) -> None:  # type: ignore[override]
        if not user.is_active or not user.is_staff:
            raise self.get_invalid_login_error()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        user = self.get_user()
        if user is not None and second_factor.enrolled(user):
            self._verify(user, cleaned.get("code", ""))
        return cleaned

    def _verify(self, user: User, code: str) -> None:
        if not code:
            self.add_error("code", _("Please enter the code from your authenticator app, or a backup code."))
            return
        try:
            user.otp_device = second_factor.verify(user, code, timezone.now())  # type: ignore[attr-defined]
        except DomainError as error:
            self.add_error("code", str(error))


class Chrome:
    """What both pages need of the admin site around them."""

    site: AdminSite

    def frame(self, request: HttpRequest, title: str) -> dict[str, Any]:
        return self.site.each_context(request) | {"title": title, "app_path": request.get_full_path()}


class SignIn(Chrome, LoginView):
    """The sign-in page. Who has no second factor is led to enrolment and is not signed in before that."""

    site: AdminSite = None  # type: ignore[assignment]
    authentication_form = SignInForm
    template_name = "admin/login.html"
    next_page = "admin:index"

    @method_decorator(never_cache)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "GET" and self.site.has_permission(request):
            return HttpResponseRedirect(reverse("admin:index"))
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = self.frame(self.request, _("Sign in")) | super().get_context_data(**kwargs)
        return context | {"title": _("Sign in"), REDIRECT_FIELD_NAME: self.get_redirect_url()}

    def form_invalid(self, form: Any) -> HttpResponse:
        return refused(self.request, form, super().form_invalid(form))

    def form_valid(self, form: Any) -> HttpResponse:
        user = form.get_user()
        if getattr(user, "otp_device", None) is None:
            return self._enrol(user)
        return enter(self.request, user, self.get_success_url())

    def _enrol(self, user: User) -> HttpResponse:
        self.request.session.flush()
        self.request.session[ENROLLING] = [user.pk, time.time()]
        second_factor.begin(user)
        return HttpResponseRedirect(
            reverse("admin:enrol") + "?" + urlencode({REDIRECT_FIELD_NAME: self.get_redirect_url()})
        )


def refused(request: HttpRequest, form: Any, response: HttpResponse) -> HttpResponse:
    """The answer to a wrong password or code; that a clerk's account was tried is evidence."""
    locked = getattr(request, "axes_locked_out", False)
    if locked:
        request.axes_locked_out = False  # type: ignore[attr-defined] # the page says it itself, in plain words
        response.status_code = 429
        response["Retry-After"] = str(locked_seconds(request))
    tried = User.objects.filter(username=form.data.get("username", ""), is_staff=True).first()
    if tried:
        wrong = "locked" if locked else "code" if "code" in form.errors else "password"
        audit.record(Tag.SIGN_IN_REFUSED, by=None, target=tried, address=client_address(request), wrong=wrong)
    return response


def enter(request: HttpRequest, user: User, target: str) -> HttpResponse:
    """Sign in a user whose second factor was just verified (`user.otp_device`)."""
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    request.session[ADDRESS] = client_address(request)
    audit.record(Tag.SIGNED_IN, by=user, target=user, address=client_address(request))
    return HttpResponseRedirect(target)


def enrolling(request: HttpRequest) -> User | None:
    """The clerk who proved the password less than 15 minutes ago and has no second factor."""
    pk, since = request.session.get(ENROLLING, (None, 0))
    if pk is None or time.time() - since > ENROL_WITHIN:
        return None
    user = User.objects.filter(pk=pk, is_active=True, is_staff=True).first()
    return None if user is None or second_factor.enrolled(user) else user


class EnrolForm(forms.Form):
    code = forms.CharField(label=gettext_lazy("Code shown by the app"), max_length=10, widget=CodeInput)


@method_decorator(never_cache, name="dispatch")
class Enrol(Chrome, View):
    """Setting up the second factor: QR and typed secret, one code to prove it, then the backup codes, once."""

    site: AdminSite = None  # type: ignore[assignment]

    def get(self, request: HttpRequest) -> HttpResponse:
        user = enrolling(request)
        if user is None:
            return HttpResponseRedirect(reverse("admin:login"))
        return self._page(request, user, EnrolForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        user = enrolling(request)
        if user is None:
            return HttpResponseRedirect(reverse("admin:login"))
        form = EnrolForm(request.POST)
        if not form.is_valid():
            return self._page(request, user, form)
        try:
            device, codes = second_factor.confirm(user, form.cleaned_data["code"], timezone.now())
        except DomainError as error:
            form.add_error("code", str(error))
            return self._page(request, user, form)
        target = self._target(request)
        user.otp_device = device  # type: ignore[attr-defined]
        audit.record(Tag.SECOND_FACTOR_SET, by=user, target=user, address=client_address(request))
        context = self.frame(request, _("Backup codes")) | {"codes": codes, "target": target, "username": user.username}
        enter(request, user, target)
        return render(request, "admin/backup_codes.html", context)

    def _page(self, request: HttpRequest, user: User, form: EnrolForm) -> HttpResponse:
        device = second_factor.unconfirmed(user) or second_factor.begin(user)
        context = self.frame(request, _("Set up your second factor"))
        return render(
            request, "admin/enrol.html", context | {"form": form, "secret": second_factor.secret(device), "who": user}
        )

    def _target(self, request: HttpRequest) -> str:
        view = LoginView(request=request, next_page="admin:index")
        return view.get_success_url()


@never_cache
def qr(request: HttpRequest) -> HttpResponse:
    """The secret as a QR code, an image of its own so that no policy needs to allow anything inline."""
    user = enrolling(request)
    device = user and second_factor.unconfirmed(user)
    if not device:
        raise Http404
    image = qrcode.make(second_factor.address(device), image_factory=SvgPathFillImage, box_size=12, border=3)
    return HttpResponse(image.to_string(), content_type="image/svg+xml")
