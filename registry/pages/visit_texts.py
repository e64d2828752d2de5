"""What the wallet says of checking in by a poster (static/js/wallet/visit*.js); part of the wallet's words."""

from django.utils.translation import gettext_lazy as _

VISIT_TEXTS = {
    # before checking in
    "visit_here": _("Are you here?"),
    "visit_not_now": _("You cannot check in here now"),
    "visit_false": _("Do not check in"),
    "visit_false_title": _("Not a genuine poster"),
    "visit_false_detail": _("The agency did not make this poster. Tell the staff, and show your code or give your safe "
                            "number instead."),
    "visit_unsure": _("Without a network we cannot tell yet whether this poster is genuine. Compare the name; your "
                      "visit is kept and checked when it is sent."),
    "visit_poster_ended": _("This poster was replaced by a newer one. Ask the staff for the new one, or show your "
                            "code."),
    "visit_venue_closed": _("This venue is closed at the moment."),
    "visit_venue_suspended": _("The agency has suspended this venue, so nobody can check in here. Ask the staff."),
    "visit_not_here": _("I am not here"),
    "visit_back": _("Back to my pass"),
    "visit_back_none": _("Go on without it"),
    "visit_nobody": _("Choose who checks in."),
    "visit_checking": _("One moment…"),
    "visit_no_strip": _("This phone holds no pass for today. Connect and fetch it, or give your safe number at the "
                        "door."),
    # checked in
    "visited_title": _("Checked in"),
    "visited_known": _("Already checked in"),
    "visited_kept_title": _("Checked in, kept on this phone"),
    "visited_kept": _("There is no answer from us yet. Your visit is kept and sent by itself; you need do nothing."),
    "visited_no_pass": _("Where a pass is asked for, ask the staff."),
    "visited_since": _("since {time}"),
    "visited_asked": _("at {time}"),
    "visited_red_title": _("Not checked in"),
    "visited_red": _("A valid pass is asked for here. Ask the staff."),
    "visited_red_alone": _("A valid pass is asked for here. Without one you may sit alone: tell the staff, then tap "
                           "the button below."),
    "visited_void": _("This pass is no longer accepted. Go back to your pass: it says what to do. Or ask the staff."),
    "visited_pass_void": _("Pass no longer accepted"),
    "visited_amber_title": _("Not checked in yet"),
    "visited_amber": _("We cannot tell now: fetch the newest pass and check in again, or show your code to the staff."),
    "visited_refused": _("Not recorded"),
    "visited_pass": _("Valid pass"),
    "visited_pass_none": _("No valid pass"),
    "visited_entry": _("No pass is asked for here"),
    # beside the pass
    "visit_at": _("You are checked in at {name} since {time}."),
    "visit_left": _("You have checked out."),
    "visits_kept_one": _("1 visit waits to be sent. It is sent by itself once there is a network."),
    "visits_kept_other": _("{n} visits wait to be sent. They are sent by themselves once there is a network."),
    "visit_refused": _("{name}, {time}: not recorded. {why}"),
    "visit_why_too_old": _("It lies more than 28 days back."),
    "visit_why_day_over": _("It lies more than 28 days back."),
    "visit_why_in_future": _("The phone’s clock was ahead."),
    "visit_why_unknown_poster": _("The poster was not one of the agency’s."),
    "visit_why_poster_ended": _("The poster had been replaced by a newer one."),
    "visit_why_venue_closed": _("The venue was closed."),
    "visit_why_venue_suspended": _("The venue was suspended."),
    "visit_why_other": _("The pass was not accepted. Fetch the newest pass, and show your code at the door."),
}  # fmt: skip
