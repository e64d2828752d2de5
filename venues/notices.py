"""What owners and their staff are told by SMS: that there is news, never the news itself. Korean and English in one
text, as we do not know who reads it."""

from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from phonenumber_field.phonenumber import PhoneNumber

from registry.models import User
from registry.sms import outbox
from venues.models import Account

LONGEST_SMS = 90  # bytes in EUC-KR, what Korean carriers send as one SMS
USEFUL_FOR = timedelta(hours=12)

APPROVED = "[문지기] 매장 등록 승인/Venue approved"
REJECTED = "[문지기] 신청 결과 확인/See our answer"
ASKED = "[문지기] 신청에 질문 있음/We have a question"
INVITED = "[문지기] 직원 초대/Staff invitation"


def fitting(words: str, link: str, *, shorter: str) -> str:
    """Words and a link in one SMS; for a long link the `shorter` words, as the link is what counts."""
    text = f"{words}\n{link}"
    return text if len(text.encode("euc-kr", "replace")) <= LONGEST_SMS else f"{shorter}\n{link}"


def news(words: str) -> str:
    """That there is news in the portal."""
    return fitting(words, settings.SITE_URL + reverse("owner:home"), shorter="[문지기]")


def invitation(token: str) -> str:
    """The link that makes its reader a member of staff."""
    return fitting(INVITED, settings.SITE_URL + reverse("owner:join", args=[token]), shorter="[문지기] 초대/Invite")


def tell(user: User, words: str, *, now: datetime) -> None:
    """Tell a user of the portal by SMS, where we know a number. The row is written with the deed, sent after it."""
    account = Account.objects.filter(user=user).first()
    if account:
        phone = PhoneNumber.from_string(account.phone)
        outbox.enqueue(phone, news(words), purpose="notice", useful_for=USEFUL_FOR, now=now)
