"""The owner's portal: signing in, and the scanners of a venue. Its home and a venue's page are in checkins/pages.py,
because they show counts; config/urls.py puts both under /owner/."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from venues.portal import scanners, sign_in

urlpatterns = [
    path("sign-in/", sign_in.SignInView.as_view(), name="sign-in"),
    path("sign-out/", LogoutView.as_view(next_page="owner:sign-in"), name="sign-out"),
    path("venues/<int:venue_id>/scanners/new/", scanners.pair, name="pair"),
    path("venues/<int:venue_id>/scanners/code/", scanners.code, name="code"),
    path("venues/<int:venue_id>/scanners/code/state/", scanners.code_state, name="code-state"),
    path("venues/<int:venue_id>/scanners/<int:scanner_id>/revoke/", scanners.revoke, name="revoke"),
]
