"""Who was not let in today, by why: the references that stood on the screen, when and where. Nobody's name."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from checkins import why
from checkins.models import HourCount, Refusal
from venues.models import Venue
from venues.portal.sign_in import SignedIn

MOST = 200  # newest ones; the counts tell of all


@login_required
@never_cache
@require_safe
def refusals_page(request: SignedIn, venue_id: int) -> HttpResponse:
    """Today's refusals for all who work at the door; a stranger gets 404."""
    venue = get_object_or_404(Venue.objects.run_by(request.user), pk=venue_id)
    today = timezone.localdate()
    found = list(Refusal.objects.of(venue).on(today).select_related("scanner").order_by("-at", "-pk")[: MOST + 1])
    context = {
        "venue": venue,
        "day": today,
        "groups": why.by_reason(found[:MOST]),
        "more": len(found) > MOST,
        "most": MOST,
        "by_hand": why.by_hand(HourCount.objects.filter(venue=venue, day=today)),
    }
    return render(request, "owner/refusals.html", context)
