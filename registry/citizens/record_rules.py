"""What a pass record must be like to be believed: days that can be, doses that follow one another. Pure.

The desk, the import and the labs' API ask these same functions, so that a record is refused everywhere or nowhere.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.utils.translation import gettext_lazy as _

from registry.errors import DomainError

EARLIEST = date(2019, 12, 1)  # nothing of what is recorded here existed before
AHEAD = timedelta(days=366)  # an exemption may be granted from a later day on
MOST_DOSES = 9
MAY_LIE_AHEAD = frozenset(["exemption"])


class TooEarly(DomainError):
    code = "too_early"
    status = 422
    message = _("This is before December 2019. Please check the year.")


class InFuture(DomainError):
    code = "in_future"
    status = 422
    message = _("This lies in the future. Please check the date.")


class ResultInFuture(DomainError):
    code = "result_in_future"
    status = 422
    message = _("This lies in the future. Please check the time.")


class NoSuchDose(DomainError):
    code = "no_such_dose"
    status = 422
    message = _("The dose is a number from 1 to 9.")


class DosesOutOfOrder(DomainError):
    code = "doses_out_of_order"
    status = 422
    message = _("Dose {dose} is on record for {day}. Doses must follow one another.")


class DoseOnRecord(DomainError):
    code = "dose_on_record"
    status = 422
    message = _("Dose {dose} is on record already, for {day}.")


class BeforeBirth(DomainError):
    code = "before_birth"
    status = 422
    message = _("This lies before the person was born. Please check the date, and whose record it is.")


class DosesTooClose(DomainError):
    code = "doses_too_close"
    status = 422
    message = _(
        "{vaccine}: at least {days} days lie between this dose and the one before or after. Dose {dose} is on record "
        "for {day}."
    )


def check_day(kind: str, day: date, *, today: date) -> None:
    """Raises TooEarly, InFuture."""
    if day < EARLIEST:
        raise TooEarly
    if day > today + (AHEAD if kind in MAY_LIE_AHEAD else timedelta(0)):
        raise InFuture


def check_born(day: date, born: date) -> None:
    """Raises BeforeBirth."""
    if day < born:
        raise BeforeBirth


def check_result(result_at: datetime, *, now: datetime) -> None:
    """Raises ResultInFuture."""
    if result_at > now:
        raise ResultInFuture


def check_dose_number(dose: int) -> None:
    """Raises NoSuchDose."""
    if not 1 <= dose <= MOST_DOSES:
        raise NoSuchDose


def check_dose(dose: int, day: date, others: Iterable[tuple[int, date]]) -> None:
    """A dose lies after every lower one and before every higher one of the same person (`others`: dose and day).

    Raises DosesOutOfOrder, DoseOnRecord.
    """
    for other, on in sorted(others):
        if other == dose:
            raise DoseOnRecord(dose=other, day=on)
        if (other < dose) != (on < day):
            raise DosesOutOfOrder(dose=other, day=on)


def check_interval(day: date, near: Iterable[tuple[int, date, int, str]]) -> None:
    """A dose lies far enough from those next to it (`near`: dose, day, how many days at least, and whose rule it is).

    Raises DosesTooClose.
    """
    for dose, on, days, vaccine in near:
        if abs((day - on).days) < days:
            raise DosesTooClose(vaccine=vaccine, days=days, dose=dose, day=on)
