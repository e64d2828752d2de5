"""What our SMS say, in Korean or English; each within the 90 bytes of EUC-KR that Korean carriers send as one SMS."""

import re
import unicodedata
from datetime import date

LONGEST = 90  # bytes in EUC-KR
# What a phone makes a link or a number to call of: an address, with or without its scheme, or seven digits and more.
_LEADS_AWAY = re.compile(r"[/@\\]|\w[.。]\w*[^\W\d_]{2}|(?:\d[\s().-]*){7}")


def size(text: str) -> int:
    """Bytes that a text takes of an SMS."""
    return len(text.encode("euc-kr", "replace"))


def code(code: str, host: str) -> str:
    """A one-time code, in both languages. Its last line ties the code to our host, so that only our page is offered it
    (WICG, origin-bound one-time codes); it is left out where a long host leaves no room."""
    words = f"[문지기] 인증번호(code) {code}. 타인 공유 금지/Do not share."
    bound = f"{words}\n@{host} #{code}"
    return bound if host and size(bound) <= LONGEST else words


def code_in_app(digits: str, app: str) -> str:
    """The same for a code that an app of this name asked for, which it names, cut where it takes too much room: whoever
    gives it away knows to whom. It is bound to no page."""
    words = [app, *(f"{app[:length].rstrip()}…" for length in range(len(app) - 1, 1, -1))]
    texts = [f"[문지기] {name} 인증번호(code) {digits}. 타인 공유 금지/Do not share." for name in words]
    return next((text for text in texts if size(text) <= LONGEST), code(digits, ""))


def phone_check_due(language: str, due_on: date, site: str) -> str:
    """The phone is to be verified by this day."""
    if language == "en":
        return _with(f"[Munjigi] Please verify your phone by {_day_en(due_on)}.", site)
    return _with(f"[문지기] {_day_ko(due_on)}까지 휴대전화 번호를 확인해 주세요.", site)


def pass_ends(language: str, on: date, site: str) -> str:
    """This is the last day on which the pass is valid."""
    if language == "en":
        return _with(f"[Munjigi] Your pass is valid through {_day_en(on)}.", site)
    return _with(f"[문지기] 방역패스 유효기간이 {_day_ko(on)}에 끝납니다.", site)


def safe_number(language: str, text: str) -> str:
    """The personal safe number, and what it is for."""
    if language == "en":
        return f"[Munjigi] Your safe number: {text}. Write it on paper lists instead of your phone."
    return f"[문지기] 안심번호는 {text}입니다. 종이 명부에 전화번호 대신 적으세요."


def number_claimed(language: str) -> str:
    """Somebody else has proven this number, so the pass that went with it ended."""
    if language == "en":
        return "[Munjigi] Someone else verified this number; your old pass has ended. Not so? Ask us."
    return "[문지기] 다른 분이 이 번호를 확인하여 이전 출입증이 종료됐습니다. 본인이면 문의해 주세요."


def request_answered(language: str, site: str) -> str:
    """A clerk has answered a request; the answer itself stands on the citizen's page alone."""
    if language == "en":
        return _with("[Munjigi] We answered your request. See My information.", site)
    return _with("[문지기] 요청에 답변을 드렸습니다. 내 정보에서 확인하세요.", site)


def possible_contact() -> str:
    """To somebody whom a trace of contacts found, in both languages: neither of whom, nor where, nor for which case."""
    return "[문지기] 방역당국 안내: 접촉 가능성, 증상 시 검사/Possible contact: get tested if unwell"


def application_approved(link: str) -> str:
    """To an owner, in both languages, as those below: that there is news in the portal, never the news itself."""
    return _leading_to(link, "[문지기] 시설 등록 승인/Approved", "[문지기]")


def application_rejected(link: str) -> str:
    return _leading_to(link, "[문지기] 신청 결과 확인/See our answer", "[문지기]")


def application_asked(link: str) -> str:
    return _leading_to(link, "[문지기] 등록 보완 요청/We have a question", "[문지기]")


def staff_invitation(link: str, who: str) -> str:
    """The link that makes its reader a member of staff of a venue; `who` invites, cut where it takes too much room,
    and left out where it holds an address or a number of its own: owners choose it, and the text comes from us."""
    plain = ["[문지기] 직원 초대/Invite", "[문지기]"]
    name = "".join(sign if sign.isprintable() else " " for sign in unicodedata.normalize("NFKC", who))
    name = " ".join(name.split())
    if not name or _LEADS_AWAY.search(name):
        return _leading_to(link, "[문지기] 직원 초대/Staff invitation", *plain)
    whole = [f"[문지기] {name} 직원 초대/Staff invitation", f"[문지기] {name} 직원 초대/Invite"]
    cut = [f"[문지기] {name[:length].rstrip()}… 직원 초대" for length in range(len(name) - 1, 1, -1)]
    return _leading_to(link, *whole, f"[문지기] {name} 직원 초대", *cut, *plain)


def _leading_to(link: str, *wordings: str) -> str:
    """The first of the wordings that fits with the link, else the last: the link is what counts."""
    texts = [f"{words}\n{link}" for words in wordings]
    return next((text for text in texts if size(text) <= LONGEST), texts[-1])


def _with(words: str, site: str) -> str:
    """With where to go, which is left out where a long address does not fit."""
    whole = f"{words} {site}/pass/"
    return whole if site and size(whole) <= LONGEST else words


def _day_ko(day: date) -> str:
    return f"{day.month}월 {day.day}일"


def _day_en(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]}"


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
