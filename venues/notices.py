"""What owners and their staff are told by SMS (registry/sms/texts.py has the words)."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from phonenumber_field.phonenumber import PhoneNumber

from registry.models import User
from registry.sms import outbox, texts
from venues.models import Account

USEFUL_FOR = timedelta(hours=12)


def tell(user: User, words: Callable[[str], str], *, now: datetime) -> None:
    """Tell a user of the portal that there is news, where we know a number. `words` makes the text of the portal's
    address. The row is written with the deed and sent after it."""
    account = Account.objects.filter(user=user).first()
    if account:
        text = words(settings.SITE_URL + reverse("owner:home"))
        _send(PhoneNumber.from_string(account.phone), text, now=now)


def invite(phone: PhoneNumber, token: str, *, who: str, now: datetime) -> None:
    """Send the link that makes its reader a member of staff of those who invite."""
    _send(phone, texts.staff_invitation(settings.SITE_URL + reverse("owner:join", args=[token]), who), now=now)


def _send(phone: PhoneNumber, text: str, *, now: datetime) -> None:
    outbox.enqueue(phone, text, purpose="notice", useful_for=USEFUL_FOR, now=now)
