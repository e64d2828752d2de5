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

SENDER = "[문지기]"
APPROVED = f"{SENDER} 매장 신청 승인/Approved"
REJECTED = f"{SENDER} 신청 결과 확인/See our answer"
ASKED = f"{SENDER} 신청에 질문 있음/We have a question"


def fitting(link: str, *wordings: str) -> str:
    """The first of the wordings that goes into one SMS with the link, else the last: the link is what counts."""
    texts = [f"{words}\n{link}" for words in wordings]
    return next((text for text in texts if len(text.encode("euc-kr", "replace")) <= LONGEST_SMS), texts[-1])


def news(words: str) -> str:
    """That there is news in the portal."""
    return fitting(settings.SITE_URL + reverse("owner:home"), words, SENDER)


def invitation(token: str) -> str:
    """The link that makes its reader a member of staff."""
    link = settings.SITE_URL + reverse("owner:join", args=[token])
    return fitting(link, f"{SENDER} 직원 초대/Staff invitation", f"{SENDER} 초대/Invite", SENDER)


def tell(user: User, words: str, *, now: datetime) -> None:
    """Tell a user of the portal by SMS, where we know a number. The row is written with the deed, sent after it."""
    account = Account.objects.filter(user=user).first()
    if account:
        phone = PhoneNumber.from_string(account.phone)
        outbox.enqueue(phone, news(words), purpose="notice", useful_for=USEFUL_FOR, now=now)
