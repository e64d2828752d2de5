"""Korean mobile numbers as people write them. Pure."""

from phonenumber_field.phonenumber import PhoneNumber
from phonenumbers import NumberParseException, PhoneNumberType, number_type

LONGEST = 40  # characters that are looked at
KOREA = 82


def korean_mobile(text: str) -> PhoneNumber | None:
    """The number (ITU-T E.164) that somebody typed, in any writing; None for all but Korean mobile numbers."""
    try:
        phone = PhoneNumber.from_string(text[:LONGEST], region="KR")
    except NumberParseException:
        return None
    mobile = phone.country_code == KOREA and number_type(phone) == PhoneNumberType.MOBILE
    return phone if mobile else None
