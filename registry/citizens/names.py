"""Names as people write them: how two are compared, and how one is masked. Pure."""

import re
import unicodedata
from datetime import date

# Letters that no decomposition takes apart, as passports write them (ICAO Doc 9303, part 3, section 6).
_PLAIN = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
_APOSTROPHES = re.compile("['’‘ʼ`´]")
_WORD = re.compile(r"[^\W_]+")


def name_key(name: str, birth_date: date) -> str:
    """How a name and a birth date are compared, as one text.

    Hangul (and any script without capitals): without spaces. Latin: without regard to the order of the words, to case,
    accents, hyphens and apostrophes, so that "DOE JANE" of a passport is "Jane Doe".
    """
    return plain_name(name) + "|" + birth_date.isoformat()


def plain_name(name: str) -> str:
    """How a name alone is compared."""
    return _of_words(name) if _has_capitals(name) else "".join(name.split()).casefold()


def _has_capitals(name: str) -> bool:
    """Whether a name is of a script with capitals, and has no Hangul."""
    hangul = any(unicodedata.name(character, "").startswith("HANGUL") for character in name)
    return not hangul and any(character.lower() != character.upper() for character in name)


def _of_words(name: str) -> str:
    plain = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", name).casefold())
    letters = "".join(character for character in plain if not unicodedata.combining(character))
    return " ".join(sorted(_WORD.findall(letters.translate(_PLAIN))))


def mask_name(name: str) -> str:
    """홍길동 → 홍*동, 김철 → 김*, "Jane Doe" → "J**e D*e": enough to recognise, not to learn."""

    def mask(word: str) -> str:
        return word[0] + "*" * (len(word) - 2) + word[-1] if len(word) > 2 else word[:1] + "*" * (len(word) - 1)

    return " ".join(mask(word) for word in name.split())


# Family names of two syllables; all others have one.
_LONG_FAMILY_NAMES = ("남궁", "황보", "제갈", "사공", "선우", "서문", "독고", "동방", "어금", "망절")


def family_name(name: str) -> str:
    """The family name, comparable: 홍길동 → 홍, 남궁민 → 남궁, "DOE JANE" (as passports have it) → doe."""
    if _has_capitals(name):
        return (_of_words(name.split(maxsplit=1)[0]) if name.split() else "").replace(" ", "")
    plain = "".join(name.split())
    return plain[:2] if plain.startswith(_LONG_FAMILY_NAMES) and len(plain) > 2 else plain[:1]


def age_on(day: date, birth_date: date) -> int:
    """Full years of life."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))
