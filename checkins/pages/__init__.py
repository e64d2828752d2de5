"""The portal's pages that show counts and what scanners sent. They stand here because imports point from checkins to
venues; config/urls.py puts them beside the portal's other pages under /owner/."""

from django.urls import path

from checkins.pages import by_hand, days, doors, export, home, refusals

VENUE = "venues/<int:venue_id>/"
urlpatterns = [
    path("", home.home, name="home"),
    path(VENUE, home.venue_page, name="venue"),
    path(f"{VENUE}now/", home.now, name="now"),
    path(f"{VENUE}counts/", days.counts_page, name="counts"),
    path(f"{VENUE}refusals/", refusals.refusals_page, name="refusals"),
    path(f"{VENUE}counts/export/", export.export, name="export"),
    path(f"{VENUE}scanners/", doors.scanners_page, name="scanners"),
    path(f"{VENUE}scanners/<int:scanner_id>/", doors.scanner_page, name="scanner"),
    path(f"{VENUE}by-hand/", by_hand.guide, name="by-hand"),
    path(f"{VENUE}by-hand/list/", by_hand.sheet, name="paper"),
    path(f"{VENUE}by-hand/enter/", by_hand.enter, name="paper-enter"),
]
