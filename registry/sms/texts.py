"""What our text messages say, in the citizen's language; each fits one SMS of a Korean carrier."""

LONGEST = 90  # bytes in EUC-KR


def _with(words: str, site: str) -> str:
    """The words and where to go; a long address is left out."""
    text = f"{words} {site}/pass/"
    return text if len(text.encode("euc-kr", "replace")) <= LONGEST else words


def request_answered(language: str, site: str) -> str:
    """A clerk has answered a request; the answer itself stands on the citizen's page alone."""
    if language == "en":
        return _with("[Munjigi] Your request was answered. See My information:", site)
    return _with("[문지기] 요청에 답변을 드렸습니다. 내 정보에서 확인하세요.", site)
