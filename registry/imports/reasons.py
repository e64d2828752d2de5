"""Why a row is refused, in words that say what to do."""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from registry.citizens import record_rules
from registry.imports.columns import Field
from registry.imports.judging import Verdict
from registry.imports.values import Reason

WORDS: dict[str, Any] = {
    Reason.MISSING: _("Nothing is entered here."),
    Reason.TOO_LONG: _("The text is too long."),
    Reason.UNREADABLE: _("There are characters in it that cannot be read."),
    Reason.FORMULA: _("It begins like a formula (=, +, - or @). Enter the text itself."),
    Reason.NO_DATE: _("This is not a date. Write it like 2021-07-10."),
    Reason.NO_TIME: _("Day and time of the result are needed. Write them like 2022-01-01 10:00."),
    Reason.SHORT_YEAR: _("The year has two digits. Write all four: 2021-07-10."),
    Reason.NO_BIRTH_DATE: _("A birth date lies between 1900 and today."),
    Reason.NOT_MOBILE: _("This is not a Korean mobile number. Example: 010-0000-1234."),
    Reason.NO_REGION: _("A region is 5 digits, for example 11680."),
    Reason.OTHER_REGION: _("You may enter people of your own region only."),
    Reason.NO_KIND: _("This kind of record is not known. Write vaccination, PCR, recovery or exemption."),
    Reason.NO_VACCINE: _("This vaccine is not in the list of vaccines."),
    Reason.NO_DOSE: _("The dose is a number from 1 to 9."),
    Reason.NO_YES_OR_NO: _("Write Y or N."),
    Reason.TWICE: _("Row {row} has the same certificate number."),
    record_rules.TooEarly.code: record_rules.TooEarly.message,
    record_rules.InFuture.code: record_rules.InFuture.message,
    record_rules.ResultInFuture.code: record_rules.ResultInFuture.message,
    record_rules.BeforeBirth.code: record_rules.BeforeBirth.message,
    record_rules.DosesOutOfOrder.code: record_rules.DosesOutOfOrder.message,
    record_rules.DoseOnRecord.code: record_rules.DoseOnRecord.message,
    record_rules.DosesTooClose.code: _(
        "At least {days} days lie between this dose and the one before or after. Dose {dose} is on record for {day}."
    ),
    Verdict.USED: _("This certificate number is on record already, with another person or other facts."),
    Verdict.REVOKED: _("A clerk has revoked the record with this certificate number."),
    Verdict.SEVERAL: _("Several people have this name and birth date. Add the mobile number."),
    Verdict.NEEDS_NUMBER: _("This person is in the registry with a mobile number. Add the number to the row."),
    Verdict.ELSEWHERE: _("This person belongs to another region. Send the row to the agency."),
}
_FIELD_OF: dict[str, Field] = {
    record_rules.DosesOutOfOrder.code: Field.DOSE,
    record_rules.DoseOnRecord.code: Field.DOSE,
    record_rules.DosesTooClose.code: Field.DAY,
    Verdict.USED: Field.CERTIFICATE_NUMBER,
    Verdict.REVOKED: Field.CERTIFICATE_NUMBER,
    Verdict.SEVERAL: Field.PHONE,
    Verdict.NEEDS_NUMBER: Field.PHONE,
    Verdict.ELSEWHERE: Field.REGION,
}
NAMES: dict[Field, Any] = {
    Field.NAME: _("name"),
    Field.BIRTH_DATE: _("birth date"),
    Field.PHONE: _("mobile number"),
    Field.REGION: _("region"),
    Field.KIND: _("kind"),
    Field.DAY: _("date"),
    Field.VACCINE: _("vaccine"),
    Field.DOSE: _("dose"),
    Field.RESULT_AT: _("time of the result"),
    Field.IMMUNODEFICIENCY: _("for immunodeficiency"),
    Field.ISSUER: _("issued by"),
    Field.CERTIFICATE_NUMBER: _("certificate number"),
}


def field_of(reason: str, detail: dict[str, Any] | None) -> str:
    """The field that a refusal is about, or nothing."""
    return str((detail or {}).get("field") or _FIELD_OF.get(reason, ""))


def where(reason: str, detail: dict[str, Any] | None) -> str:
    """Its name."""
    name = field_of(reason, detail)
    return str(NAMES[Field(name)]) if name else ""


def in_words(reason: str, detail: dict[str, Any] | None = None) -> str:
    """What is wrong and what to do. Without details where they are not given."""
    if reason == Reason.TWICE and not detail:
        return gettext("The certificate number stands in the file more than once.")
    if reason in (record_rules.DosesOutOfOrder.code, record_rules.DoseOnRecord.code) and not detail:
        return gettext("The doses of a person do not follow one another, or one is on record already.")
    if reason == record_rules.DosesTooClose.code and not detail:
        return gettext("The doses of a person lie too close to one another.")
    return str(WORDS[reason]).format(**(detail or {}))
