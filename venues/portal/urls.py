"""The owner's portal: signing up and in, applying for venues, their profiles, staff and scanners. Its home and the
pages of counts and scanners are in checkins/pages, because they show what was scanned; config/urls.py joins both."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from venues.portal import account, applications, password, posters, scanners, sign_in, sign_up, staff, venues

urlpatterns = [
    path("sign-in/", sign_in.SignInView.as_view(), name="sign-in"),
    path("sign-in/code/", sign_in.take_code, name="sign-in-code"),
    path("sign-out/", LogoutView.as_view(next_page="owner:sign-in"), name="sign-out"),
    path("sign-up/", sign_up.ask_phone, name="sign-up"),
    path("sign-up/code/", sign_up.take_code, name="sign-up-code"),
    path("sign-up/account/", sign_up.make_account, name="sign-up-account"),
    path("terms/", sign_up.terms, name="terms"),
    path("password/", password.ask_phone, name="password"),
    path("password/code/", password.take_code, name="password-code"),
    path("password/new/", password.renew, name="password-new"),
    path("account/", account.page, name="account"),
    path("account/password/", account.change_password, name="change-password"),
    path("account/phone/", account.ask_phone, name="phone"),
    path("account/phone/code/", account.take_code, name="phone-code"),
    path("account/phone/change/", account.change_phone, name="phone-change"),
    path("account/second-factor/", account.set_second_factor, name="second-factor"),
    path("account/second-factor/end/", account.end_second_factor, name="second-factor-end"),
    path("applications/new/", applications.apply, name="apply"),
    path("applications/<int:application_id>/", applications.show, name="application"),
    path("applications/<int:application_id>/withdraw/", applications.withdraw, name="withdraw"),
    path("venues/<int:venue_id>/profile/", venues.profile, name="profile"),
    path("venues/<int:venue_id>/category/", venues.category, name="category"),
    path("venues/<int:venue_id>/name/", venues.name, name="name"),
    path("venues/<int:venue_id>/close/", venues.close, name="close"),
    path("venues/<int:venue_id>/open/", venues.open_again, name="open"),
    path("venues/<int:venue_id>/poster/", posters.page, name="poster"),
    path("venues/<int:venue_id>/poster/make/", posters.make, name="poster-make"),
    path("venues/<int:venue_id>/poster/renew/", posters.renew, name="poster-renew"),
    path("venues/<int:venue_id>/poster/<slug:sheet>.pdf", posters.file, name="poster-file"),
    path("venues/<int:venue_id>/scanners/new/", scanners.pair, name="pair"),
    path("venues/<int:venue_id>/scanners/code/", scanners.code, name="code"),
    path("venues/<int:venue_id>/scanners/code/state/", scanners.code_state, name="code-state"),
    path("venues/<int:venue_id>/scanners/<int:scanner_id>/revoke/", scanners.revoke, name="revoke"),
    path("venues/<int:venue_id>/scanners/<int:scanner_id>/replace/", scanners.replace, name="replace"),
    path("operators/<int:operator_id>/staff/", staff.members, name="staff"),
    path("operators/<int:operator_id>/staff/invite/", staff.invite, name="invite"),
    path("operators/<int:operator_id>/staff/<int:staff_id>/remove/", staff.remove, name="remove"),
    path(
        "operators/<int:operator_id>/invitations/<int:invitation_id>/withdraw/",
        staff.withdraw_invitation,
        name="withdraw-invitation",
    ),
    path("join/<str:token>/", staff.join, name="join"),
]
