"""Every sentence that the wallet's modules say, translated on the server and read from the page."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from .me_texts import ME_TEXTS
from .visit_texts import VISIT_TEXTS

CONSENT_VERSION = "2026-11"  # of the consent texts in templates/pass/wallet.html; changes with them

WALLET_TEXTS = {
    # the phone and the code
    "phone_shape": _("Enter a mobile number that begins with 01, such as 010-0000-1234."),
    "phone_other": _(
        "Codes go to Korean mobile numbers only. With a landline or a foreign number, a clerk at the counter "
        "checks who you are and prints a paper pass."
    ),
    "name_missing": _("Enter your name as it stands in your record."),
    "birth_shape": _("Check your date of birth: 8 digits, such as 19900131."),
    "code_shape": _("The code has 6 digits."),
    "consent_missing": _("Without your consent we cannot check a phone number. A clerk can give you a paper pass."),
    "code_for": _("Enter the 6-digit code from the text message to {phone}."),
    "delivery_queued": _("We are sending the message…"),
    "delivery_sent": _("The message was sent. The code is good until {time}."),
    "delivery_sent_anew": _("A new code was sent. It alone is good, until {time}."),
    "delivery_sent_more": _("One more code was sent. It is good until {time}."),
    "delivery_delayed": _("The message is late. We keep trying."),
    "delivery_delayed_more": _("The message is late. We keep trying; codes that you were sent before stay good."),
    "delivery_outage": _("The message is late: phone checks are disturbed on our side. We keep trying."),
    "delivery_undelivered": _(
        "The phone company could not deliver the message. Is the phone on and in reach? Send the code again."
    ),
    "delivery_dropped": _("The message could not be delivered to this number. Check the number, or send a new code."),
    "resent": _("One more code is on its way. Each code that arrives is good."),
    "resent_anew": _("A new code is on its way. Codes that you were sent before are no longer good."),
    "send_code": _("Send me a code"),
    "confirm": _("Confirm"),
    "checking": _("Checking the code…"),
    "sending": _("Sending…"),
    "identity_needed": _("Enter your name and date of birth as well. The code that you entered stays good."),
    "does_not_fit": _("That does not fit either. Check the spelling and the date, or tap “The number is new to me”."),
    "guardian_needed": _(
        "A child under 14 gets the pass on the phone of a parent or guardian: there, under “More about this pass”, tap "
        "“Add a child’s or a parent’s pass”. If only the date is wrong, correct it; the code stays good."
    ),
    # the place in line
    "line_position_one": _("You are next."),
    "line_position_other": _("Number {n} in line"),
    "line_soon": _("Less than a minute"),
    "line_minutes_one": _("About 1 minute"),
    "line_minutes_other": _("About {n} minutes"),
    "line_notice": _("You are in line for a code. {position}"),
    "line_kept": _("You are in line for a code. Your place is kept."),
    "line_offline": _("There is no network. Your place is kept; we ask again by ourselves."),
    "line_as_of": _("What you see is from {time}."),
    "crowd_green": _("Smooth"),
    "crowd_yellow": _("Fair"),
    "crowd_orange": _("Crowded"),
    "crowd_red": _("Very crowded"),
    "code_came": _("A code was sent to your phone."),
    # what can go wrong
    "busy": _("Very many people are asking just now. What you entered is kept, and we try again by ourselves."),
    "too_many_requests": _("Too many codes were asked for. Try again {when}."),
    "wrong_code": _("That is not the code we sent. {left}"),
    "tries_one": _("One try is left."),
    "tries_other": _("{n} tries are left."),
    "code_expired": _("This code is too old. Send a new one; it arrives in a moment."),
    "no_tries_left": _("All five tries are used up. Send a new code."),
    "unknown_verification": _("This check is too old. Send a new code."),
    "offline": _("We cannot be reached. Check your connection, or try again in a minute."),
    "unavailable": _("We cannot answer just now. Try again {when}."),
    "unexpected": _("Something went wrong on our side. Try again in a minute."),
    "in_seconds_one": _("in 1 second"),
    "in_seconds_other": _("in {n} seconds"),
    "at_time": _("at {time}"),
    "retry_in": _("Again in {n} s"),
    "storage_closed": _("This browser keeps nothing on the phone, so it cannot hold a pass. Leave private browsing."),
    # the pass
    "status_PRIMARY": _("Vaccinated"),
    "status_BOOSTER": _("Vaccinated, with booster"),
    "status_PCR_NEGATIVE": _("PCR test negative"),
    "status_RECOVERY": _("Recovered"),
    "status_EXEMPTION": _("Medically exempt"),
    "status_AGE": _("Exempt by age"),
    "status_pass": _("Valid pass"),
    "status_gone": _("Ended on this phone"),
    "status_none": _("No valid pass"),
    "until": _("Through {date}"),
    "no_end": _("No end date"),
    "none_detail": _("Your code still lets you check in."),
    "later": _("From {date}: {status}"),
    "ended": _("Your pass ended on {date}."),
    "ended_PRIMARY": _("Your vaccination’s validity ended on {date}."),
    "ended_BOOSTER": _("Your booster’s validity ended on {date}."),
    "ended_PCR_NEGATIVE": _("Your PCR test’s validity ended on {date}."),
    "ended_RECOVERY": _("The validity of your recovery ended on {date}."),
    "ended_EXEMPTION": _("Your medical exemption ended on {date}."),
    "renew": _("Check my phone number"),
    "renew_to": _("Renew: send a code to {phone}"),
    "renews_in": _("New code in {n} s"),
    "renewed": _("New code."),
    "due": _("Next phone check by {date}"),
    "due_open": _("Your phone check is due by {date}. Do it now and you are done for a month."),
    "grace_one": _("1 day of grace left. Check your phone number by {date}."),
    "grace_other": _("{n} days of grace left. Check your phone number by {date}."),
    "grace_last": _("Last day of grace. Check your phone number today."),
    "outage": _(
        "Phone checks have been disturbed on our side since {time}. Nobody’s pass ends for that: yours is good through "
        "{date} and is extended by itself. You need do nothing."
    ),
    "outage_since": _(
        "Phone checks have been disturbed on our side since {time}. Messages may be late or not arrive. Nobody’s pass "
        "ends for that: whoever has one need not check the number now."
    ),
    "outage_extended": _(
        "Because phone checks were disturbed on our side, your pass stays good through {date}. Checks work again: "
        "renew when it suits you."
    ),
    "no_network": _(
        "There is no network. Your pass works all the same through {date}. Connect before then, by Wi-Fi for example, "
        "to renew it."
    ),
    "review": _("A clerk is checking which record belongs to this pass. Until then its code lets you check in."),
    "no_record": _(
        "We found no record that gives a pass under this name and date of birth. If one is missing, tell us under "
        "“More about this pass”, “My information”."
    ),
    "yesterday": _("This is yesterday’s pass, good until 4 in the morning. Connect once to get today’s."),
    "spent_title": _("Check your phone number"),
    "spent": _("Your pass ran out on {date}. Check your phone number and it works again at once."),
    "spent_outage": _(
        "Your pass was to end on {date}, but phone checks are disturbed on our side and nobody’s pass ends for that. "
        "Connect, and it is extended by itself. At the door, ask to be admitted by hand."
    ),
    "spent_offline": _(
        "There is no network now: connect, by Wi-Fi for example. At the door, ask to be admitted by hand or give your "
        "safe number."
    ),
    "lacking_title": _("Your pass needs a network once"),
    "lacking": _("We cannot tell now: this phone holds no pass for today. Connect and tap the button. At the door, "
                 "ask to be admitted by hand."),
    "outdated": _(
        "Your pass has changed, but this phone could not fetch it yet. Codes shown here may be refused at the door. "
        "Tap “Fetch the newest” under “More about this pass”."
    ),
    "changed_gained": _("Your pass is valid now: it was updated on {time}. You need do nothing."),
    "changed_lost": _(
        "Your pass is no longer valid: it was updated on {time}, as a record or the rules have changed. “My "
        "information” shows which; there you can also ask for a correction."
    ),
    "changed_until": _("Your pass has been updated. It is valid through {date}."),
    "changed_no_end": _("Your pass has been updated. It is valid without end."),
    "changed_anew": _(
        "Your pass was fetched anew on {time}, as codes from before were no longer accepted at the door. You need do "
        "nothing."
    ),
    "fetched": _("Last fetched {date}"),
    "refreshed": _("Your pass is up to date."),
    "refreshing": _("Fetching…"),
    "restored": _("Your pass is back."),
    "restore_gone": _("This pass cannot be brought back any more. Check your phone number instead."),
    "not_recognised": _("We could not tell that this is the phone that holds your pass. Restore the pass or check your "
                        "phone number again."),
    "device_gone": _(
        "This pass was moved to another phone or was ended. Codes shown here may be refused at the door. Check your "
        "phone number to have it here again."
    ),
    # passes carried beside
    "ward_gone": _(
        "This pass was ended or is carried on another phone now. Codes shown here may be refused at the door. Take it "
        "off this phone; you can add it again."
    ),
    "holder_own": _("Mine"),
    "holder_child": _("Child"),
    "holder_parent": _("Parent"),
    "holder_shown": _("Pass of {name}"),
    "relation_missing": _("Choose whose pass it is."),
    "family_consent_missing": _("Without this consent the pass cannot be added. A clerk can give a paper pass."),
    "adding": _("Adding…"),
    "added": _("The pass is on this phone."),
    "ending": _("Ending…"),
    "ward_ended": _("The pass was ended."),
    "copied": _("Copied."),
    "language_offline": _("The language can be changed when there is a network."),
}  # fmt: skip


def wallet_words() -> dict[str, Any]:
    """What the wallet's page is filled with; the same for everybody."""
    return {"texts": WALLET_TEXTS | ME_TEXTS | VISIT_TEXTS, "consent": CONSENT_VERSION}
