"""The clerk's site: unfold's look, a page of our own to sign in, a one-time code for everyone."""

from typing import Any, cast

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _
from django_otp.admin import OTPAdminSite
from unfold.sites import UnfoldAdminSite

# Alpine.js evaluates the expressions in unfold's attributes, and unfold's templates carry styles. Nothing else is
# opened, and for nobody else: docs/decisions/0007-content-security-policy-of-the-admin.md.
relaxed = csp_update({"script-src": ["'unsafe-eval'"], "style-src": ["'unsafe-inline'"]})


class Site(UnfoldAdminSite, OTPAdminSite):
    """Nobody without a second factor gets past the sign-in: `has_permission` wants a verified device (OTPAdminSite)."""

    index_title = _("Desk")
    login_template = "admin/login.html"

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        from registry.admin.elsewhere import guarded

        return relaxed(super().admin_view(guarded(view), cacheable))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        from registry.admin.sign_in import SignIn

        return cast(HttpResponse, relaxed(SignIn.as_view(site=self))(request))

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """With the names of unfold's icons that can be pressed (static/js/admin/keyboard.js)."""
        texts = {
            "dock_to_right": _("Menu"), "close": _("Close"), "filter_list": _("Filters"), "add": _("Add"),
            "arrow_back": _("Back"), "search": _("Find"), "more_horiz": _("More"),
        }  # fmt: skip
        from config import shortcuts

        keys = shortcuts.of(request) if request.user.is_authenticated else {}
        names = {icon: str(text) for icon, text in texts.items()}
        return super().each_context(request) | {"keyboard_texts": names, "shortcuts": keys}

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        from config import home

        return super().index(request, home.context(request) | (extra_context or {}))

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """Made where somebody looks at it: the sidebar is our own, and asking every model for its permissions and
        addresses takes a tenth of a page."""
        return SimpleLazyObject(lambda: super(Site, self).get_app_list(request, app_label))

    def extra_urls(self) -> list[URLPattern]:
        """Pages that no model stands for: accounts set up, proving oneself again, who may do what, the monthly review,
        and the entry log (its key is composite)."""
        from checkins.admin.entries import entries
        from config import shortcuts
        from registry.admin import monthly, saved_filters
        from registry.admin.elsewhere import Again
        from registry.admin.joining import Join, SetPassword
        from registry.admin.roles import who_may_do_what
        from registry.admin.sign_in import Enrol, qr

        new_password = relaxed(SetPassword.as_view(site=self))
        return [
            path("enrol/", relaxed(Enrol.as_view(site=self)), name="enrol"),
            path("enrol/qr.svg", qr, name="enrol_qr"),
            path("again/", relaxed(Again.as_view(site=self)), name="again"),
            path("join/<str:token>/", relaxed(Join.as_view(site=self)), name="join"),
            path("new-password/<str:uidb64>/<str:token>/", new_password, name="new_password"),
            path("audit/months/", self.admin_view(monthly.months), name="registry_monthreview_changelist"),
            path("audit/months/<int:year>-<int:month>/", self.admin_view(monthly.month_page), name="audit_month"),
            path("roles/", self.admin_view(who_may_do_what), name="roles"),
            path("keyboard/", self.admin_view(shortcuts.page), name="keyboard"),
            path("filters/save/", self.admin_view(saved_filters.save), name="save_filter"),
            path("filters/<int:pk>/forget/", self.admin_view(saved_filters.forget), name="forget_filter"),
            path("checkins/entry/", self.admin_view(entries), name="checkins_entry_changelist"),
        ]
