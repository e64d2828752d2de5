"""The simulator's page: the messages, newest first, in Korean and English at once."""

import re
from datetime import UTC, datetime, timedelta, timezone
from html import escape

from registry.sms.simulator.store import MAIL, Message

NAMES = {"http": "HTTP", "twilio": "Twilio", "solapi": "SOLAPI", "mail": "E-mail"}
_LINK = re.compile(r"(https?://[^\s<()]+)")
SEOUL = timezone(timedelta(hours=9))

PAGE = """<!doctype html>
<html lang="ko">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>문자 시뮬레이터 · SMS simulator</title>
<link rel="stylesheet" href="/page.css">
<link rel="icon" href="data:,">
<script type="module" src="/page.js"></script>
</head>
<body>
<main>
<h1>문자 시뮬레이터 <span lang="en">SMS simulator</span></h1>
<p>문지기가 보낸 문자가 여기에 도착합니다. <span lang="en">Messages that Munjigi sends arrive here.</span></p>
<form action="/" method="get" role="search">
<label for="to">받는 번호 <span lang="en">Number</span></label>
<input id="to" name="to" type="search" inputmode="tel" autocomplete="off" value="{to}" placeholder="01000001234">
<button>찾기 <span lang="en">Find</span></button>
</form>
<div id="messages" role="log" aria-live="polite">
{messages}
</div>
</main>
</body>
</html>
"""

NONE = '<p class="none">아직 문자가 없습니다. <span lang="en">No messages yet.</span></p>'


def page(messages: list[Message], to: str) -> str:
    return PAGE.format(to=escape(to, quote=True), messages=fragment(messages))


def fragment(messages: list[Message]) -> str:
    """The list alone, which the page fetches again every two seconds."""
    return "\n".join(_article(message) for message in messages) or NONE


def _article(message: Message) -> str:
    at = datetime.fromtimestamp(message.at / 1000, UTC).astimezone(SEOUL)
    text = escape(message.text)
    if message.provider == MAIL:
        text = _LINK.sub(r'<a href="\1">\1</a>', text)
    else:
        text = re.sub(r"(?<![\d#])(\d{6})(?!\d)", r"<strong>\1</strong>", text)
    to, by = escape(_local(message.to)), NAMES[message.provider]
    when = f'<time datetime="{at.isoformat()}">{at:%H:%M:%S}</time> <small>{by}</small>'
    return f'<article id="m{message.id}"><header><b>{to}</b> <span>{when}</span></header><p>{text}</p></article>'


def _local(number: str) -> str:
    """+821000001234 → 010-0000-1234; other countries as they are."""
    return re.sub(r"^\+82(\d{2})(\d{3,4})(\d{4})$", r"0\1-\2-\3", number)
