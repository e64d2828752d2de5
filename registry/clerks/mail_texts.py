"""What our mails to clerks say: in Korean and then in English, since we do not know yet how their reader reads."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from registry.models import Role


def invitation(link: str, roles: list[str], until: datetime) -> tuple[str, str]:
    """Subject and text of an invitation; whoever has the link can use it."""
    return _both(
        lambda: _("Your account at the Munjigi desk"),
        lambda: _(
            "You are invited to work at the Munjigi desk ({site}) as: {roles}.\n\n"
            "Open this link, choose a user name and a password, and set up a second factor. Have an authenticator app "
            "at hand. The link is good once, until {until}:\n\n{link}\n\n"
            "Do not pass this mail on. If you did not expect it, ignore it: nothing happens without the link."
        ).format(
            site=settings.SITE_URL, roles=", ".join(str(Role(role).label) for role in roles), link=link,
            until=_moment(until),
        ),
    )  # fmt: skip


def new_password(link: str, username: str, until: datetime) -> tuple[str, str]:
    """Subject and text of a link to set a new password."""
    return _both(
        lambda: _("A new password for the Munjigi desk"),
        lambda: _(
            "For your account {username} at the Munjigi desk a new password was asked for.\n\n"
            "Open this link and set it. The link is good once, until {until}. Your second factor stays as it is:"
            "\n\n{link}\n\nIf you did not ask for it, tell your security officer."
        ).format(username=username, link=link, until=_moment(until)),
    )


def other_address(username: str) -> tuple[str, str]:
    """Subject and text for the former address of an account that has another now."""
    return _both(
        lambda: _("Your account at the Munjigi desk has another mail address"),
        lambda: _(
            "For your account {username} at the Munjigi desk ({site}) another mail address was entered; two clerks "
            "decided on it. Links of ours no longer come here.\n\n"
            "If you did not ask for it, tell your security officer at once."
        ).format(username=username, site=settings.SITE_URL),
    )


def _moment(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M} (KST)"


def _both(subject: Any, text: Any) -> tuple[str, str]:
    told = []
    for language in ("ko", "en"):
        with override(language):
            told.append((str(subject()), str(text())))
    return f"[문지기] {told[0][0]} / {told[1][0]}", f"{told[0][1]}\n\n----\n\n{told[1][1]}\n"
