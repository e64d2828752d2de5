"""Districts are found as people type them."""

import pytest
from django.utils import translation

from registry import regions


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("강남", ["11680"]),
        ("강남구", ["11680"]),
        ("서울 중구", ["11140"]),
        ("서울특별시  강남구", ["11680"]),
        ("11680", ["11680"]),
        ("gangnam-gu", ["11680"]),
        ("Jung-gu, Seoul", ["11140"]),
        ("고성군", ["48820", "51820"]),
        ("세종", ["36110"]),
        ("수원", ["41111", "41113", "41115", "41117"]),
        ("", []),
        ("없는곳", []),
        ("%", []),
    ],
)
def test_it_finds_districts_by_name_part_or_code(typed, codes):
    assert [region.code for region in regions.find(typed)] == codes


def test_it_has_every_district_once_in_both_languages():
    found = regions.everywhere()
    assert len(found) == len({region.code for region in found}) == len({region.ko for region in found}) == 252
    assert all(len(region.code) == 5 and region.code.isdigit() and region.en.isascii() for region in found)
    with translation.override("en"):
        assert regions.called("26350") == "Haeundae-gu, Busan" and regions.called("99999") == "99999"
        assert regions.called("26") == "Busan" and regions.called("36") == "Sejong" and regions.called("") == ""
    with translation.override("ko"):
        assert regions.called("11") == "서울특별시" and regions.called("36") == "세종특별자치시"
