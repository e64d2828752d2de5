"""The one table of periods: for how long each kind of data is kept, within which bounds, and why.

Whatever destroys for a period being over asks `since` here and tells `destroyed`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry import audit
from registry.errors import DomainError
from registry.models import Kept, Period, Tag, User


@dataclass(frozen=True, slots=True)
class Rule:
    """Days as they are unless a clerk sets others, the bounds, and what they come from."""

    days: int
    least: int
    most: int
    why: Any

    @property
    def fixed(self) -> bool:
        return self.least == self.most


_LOG = _("Four weeks, as promised to every guest: on posters, in the consent and on the pass.")
_FOR_ANSWERS = _("As long as somebody may ask why. No person can be told from it.")
_LIMITS = _("The limits on codes look back one day, and nobody may get round them by leaving.")
_OBJECTIONS = _("For objections: 30 days at least; a year at most, after which there is no purpose left.")
_ACCESS = _("Two years at least, as the standard for the safety of personal information asks; five at most.")
_HISTORY = _("A correction can be disputed for a year; after ten no claim is left.")

RULES: dict[Kept, Rule] = {
    Kept.ENTRIES: Rule(28, 28, 28, _LOG),
    Kept.HELD: Rule(28, 7, 90, _("Until the case is closed; two people look again each time it is renewed.")),
    Kept.TRACES: Rule(14, 1, 30, _("As long as those concerned are called. The file for the case is made within it.")),
    Kept.TAKEN_BACK: Rule(28, 28, 28, _("As the entries: it keeps a scan out that arrives after it was taken back.")),
    Kept.REFUSALS: Rule(28, 1, 28, _FOR_ANSWERS),
    Kept.DEAD_LETTERS: Rule(28, 7, 90, _FOR_ANSWERS),
    Kept.CHECKS: Rule(2, 2, 7, _LIMITS),
    Kept.MESSAGES: Rule(30, 7, 90, _("For questions of “it never came”. The text itself goes once the SMS arrived.")),
    Kept.MAILS: Rule(30, 7, 90, _("For questions of “it never came”. The text itself goes once the mail was sent.")),
    Kept.DOCUMENTS: Rule(90, 30, 365, _OBJECTIONS),
    Kept.UNSENT_DOCUMENTS: Rule(1, 1, 7, _("Nobody asked for anything with them.")),
    Kept.IMPORTS: Rule(14, 1, 30, _("So that a clerk can come back to it; counted from the last work on it.")),
    Kept.JOBS: Rule(30, 1, 90, _("As long as the result is fetched. Their files may hold personal data.")),
    Kept.HISTORY: Rule(3 * 365, 365, 3650, _HISTORY),
    Kept.SIGN_INS: Rule(30, 1, 90, _("To see an attack on a login in time.")),
    Kept.ACCESS_LOG: Rule(731, 731, 5 * 366, _ACCESS),
    Kept.SMS_FIGURES: Rule(8, 2, 40, _("For the charts of the service desk. Figures alone.")),
    Kept.SMS_SPENT: Rule(40, 32, 400, _("For the bill of the month. Figures alone.")),
    Kept.APP_USE: Rule(400, 32, 800, _("For the account with the partner, a year back. Figures alone.")),
}


class OutsideTheLaw(DomainError):
    """`least` and `most` days, and `why`."""

    code = "period_outside_the_law"
    status = 400
    message = _("{least} to {most} days are lawful here, not {days}. {why}")


class Fixed(DomainError):
    code = "period_fixed"
    message = _("This period is fixed at {days} days. {why}")


def days(what: Kept) -> int:
    """For how many days it is kept."""
    set_by_clerk = Period.objects.filter(what=what).values_list("days", flat=True).first()
    return RULES[what].days if set_by_clerk is None else set_by_clerk


def since(what: Kept, now: datetime) -> datetime:
    """What is older is not kept any more."""
    return now - timedelta(days=days(what))


_DESTROYED = """
    INSERT INTO registry_disposal AS d (day, what, count, last_at) VALUES (%s, %s, %s, %s)
    ON CONFLICT (day, what) DO UPDATE SET count = d.count + excluded.count, last_at = excluded.last_at"""


def destroyed(what: Kept, count: int, now: datetime) -> int:
    """Note that so many rows were destroyed, in the transaction that did; the same number."""
    if count:
        with connection.cursor() as cursor:
            cursor.execute(_DESTROYED, [timezone.localdate(now), what.value, count, now])
    return count


@transaction.atomic
def change(what: Kept, to: int, *, by: User, reason: str, now: datetime, address: str | None = None) -> None:
    """Keep it for so many days from now on; the next run destroys what is older. Raises OutsideTheLaw, Fixed."""
    rule, before = RULES[what], days(what)
    if rule.fixed and to != rule.days:
        raise Fixed(days=rule.days, why=rule.why)
    if not rule.least <= to <= rule.most:
        raise OutsideTheLaw(least=rule.least, most=rule.most, days=to, why=rule.why)
    kept = {"days": to, "changed_at": now, "changed_by": by}
    period, _new = Period.objects.update_or_create(what=what, defaults=kept)
    audit.record(Tag.PERIOD_CHANGED, by=by, target=period, reason=reason, address=address, before=before, after=to)
