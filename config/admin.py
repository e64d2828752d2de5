"""The clerk's site: unfold's look, a one-time password for everyone."""

from django_otp.admin import OTPAdminSite
from unfold.sites import UnfoldAdminSite


class Site(UnfoldAdminSite, OTPAdminSite):
    """Nobody without a second factor gets past the login."""

