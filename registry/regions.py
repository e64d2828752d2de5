"""Districts by the first five digits of their 법정동 code, provinces by two (seeds/regions.json says the source)."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.translation import get_language

DISTRICT, PROVINCE = 5, 2  # digits
SEED = Path(__file__).parent / "seeds" / "regions.json"


@dataclass(frozen=True, slots=True)
class Region:
    """`code` is five digits: two for the province, three for the district."""

    code: str
    ko: str
    en: str

    def __str__(self) -> str:
        return self.ko if (get_language() or "ko").startswith("ko") else self.en


@cache
def everywhere() -> tuple[Region, ...]:
    """All districts, by code."""
    rows = json.loads(SEED.read_text(encoding="utf-8"))["regions"]
    return tuple(Region(row["code"], row["ko"], row["en"]) for row in rows)


def called(code: str) -> str:
    """The district's name in the reader's language, for two digits the province's; the code itself where we know no
    name."""
    known = _first().get(code)
    if known is None:
        return code
    name = str(known)
    if len(code) == DISTRICT:
        return name
    return name.split(maxsplit=1)[0] if name == known.ko else name.rpartition(", ")[2]


@cache
def _first() -> dict[str, Region]:
    """The district of a code, and of two digits the first there is."""
    districts = _districts()
    return {code[:2]: region for code, region in reversed(districts.items())} | districts


@cache
def _districts() -> dict[str, Region]:
    return {region.code: region for region in everywhere()}


def names(code: str) -> tuple[str, str]:
    """The district's Korean and English name, whatever the reader's language; empty where we know none."""
    known = _districts().get(code)
    return (known.ko, known.en) if known else ("", "")


def find(text: str) -> list[Region]:
    """The districts that somebody may mean: by code, by whole name, else by all words of a part of the name."""
    wanted = _plain(text)
    if not wanted:
        return []
    exact = [region for region in everywhere() if wanted in (region.code, *map(_plain, (region.ko, region.en)))]
    if exact:
        return exact
    words = [_plain(word) for word in text.replace(",", " ").split()]
    fits = [region for region in everywhere() if all(word in _plain(region.ko + region.en) for word in words)]
    last = [region for region in fits if wanted in (_plain(region.ko.split()[-1]), _plain(region.en.split(",")[0]))]
    return last or fits


def province(text: str) -> str:
    """The two digits of the province of this code or whole name; empty where none is called so."""
    wanted = _plain(text)
    for region in _first().values():
        names = region.ko.split()[0], region.en.rpartition(", ")[2]
        if wanted in (region.code[:PROVINCE], *map(_plain, names)):
            return region.code[:PROVINCE]
    return ""


def _plain(text: str) -> str:
    return "".join(text.replace(",", " ").split()).casefold()
