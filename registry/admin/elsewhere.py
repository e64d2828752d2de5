"""A session belongs to the address it signed in from: from another one it opens nothing before password and code were
given again. What was denied to a clerk is evidence."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import LoginView
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from registry import audit
from registry.admin.desk import denied
from registry.admin.sign_in import ADDRESS, Chrome, SignInForm, refused
from registry.callers import client_address
from registry.models import Tag, User

ASKED = "asked_at_address"  # session: the strange address that evidence was written for


def is_elsewhere(request: HttpRequest) -> bool:
    """Whether a signed-in clerk's session comes from another address than the one it was proven at."""
    if not request.user.is_authenticated:
        return False
    return request.session.setdefault(ADDRESS, client_address(request)) != client_address(request)


def guarded(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A view of the site: from another address it asks again first, and what it denies is on record."""

    @wraps(view)
    def guard(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if is_elsewhere(request) and request.path != reverse("admin:logout"):
            return _ask_again(request)
        try:
            return view(request, *args, **kwargs)
        except PermissionDenied:
            denied(request)
            raise

    return guard


def _ask_again(request: HttpRequest) -> HttpResponse:
    user, address = request.user, client_address(request)
    if isinstance(user, User) and request.session.get(ASKED) != address:
        request.session[ASKED] = address
        audit.record(Tag.SESSION_ELSEWHERE, by=user, target=user, address=address)
    back = request.get_full_path()
    if request.method != "GET":  # what was sent is not done; the browser's way back still has it
        back = urlsplit(request.headers.get("Referer", "")).path or reverse("admin:index")
    return HttpResponseRedirect(reverse("admin:again") + "?" + urlencode({REDIRECT_FIELD_NAME: back}))


class AgainForm(SignInForm):
    """Password and code of whoever the session belongs to."""

    def __init__(self, request: HttpRequest, data: Any = None, **kwargs: Any) -> None:
        if data is not None:
            data = data.copy()
            data["username"] = request.user.get_username()
        super().__init__(request, data, **kwargs)
        self.fields["username"].widget = self.fields["username"].hidden_widget()
        self.fields["password"].widget.attrs["autofocus"] = True
        self.fields["code"].help_text = _("6 digits from your authenticator app, or a backup code.")


class Again(Chrome, LoginView):
    """Asks the holder of a session for password and code, and goes back to the page that was asked for."""

    site: AdminSite = None  # type: ignore[assignment]
    authentication_form = AgainForm
    template_name = "admin/again.html"
    next_page = "admin:index"

    @method_decorator(never_cache)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.site.has_permission(request):
            return HttpResponseRedirect(reverse("admin:login"))
        if not is_elsewhere(request):
            return HttpResponseRedirect(self.get_success_url())
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lead = _(
            "You are signed in as {username}, but come from another network than before. Is it you? What you sent last "
            "was not done; after this, send it again."
        ).format(username=self.request.user.get_username())
        title = _("Please prove again who you are")
        context = self.frame(self.request, title) | super().get_context_data(**kwargs)
        return context | {
            "title": title, "lead": lead, "button": _("Go on"), "hidden": {"next": self.get_redirect_url()},
        }  # fmt: skip

    def form_invalid(self, form: Any) -> HttpResponse:
        return refused(self.request, form, super().form_invalid(form))

    def form_valid(self, form: Any) -> HttpResponse:
        user, request = form.get_user(), self.request
        if getattr(user, "otp_device", None) is None:
            return HttpResponseRedirect(reverse("admin:login"))
        request.session.cycle_key()
        request.session[ADDRESS] = client_address(request)
        request.session.pop(ASKED, None)
        audit.record(Tag.SESSION_CONFIRMED, by=user, target=user, address=client_address(request))
        return HttpResponseRedirect(self.get_success_url())
