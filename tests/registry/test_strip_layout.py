"""The quick reading of usual strips says what the full one says, and never reads what that would not."""

import os
from datetime import date, timedelta

from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.format import strip
from registry.format.cbor import Malformed
from registry.format.es256 import point_of

DAY = date(2026, 11, 22)
AGENCY = ec.generate_private_key(ec.SECP256R1())
PHONE = point_of(AGENCY)


def made(**claims: object) -> bytes:
    nbf, exp = strip.strip_times(DAY, worse_tomorrow=False)
    usual = {"private_key": AGENCY, "kid": os.urandom(8), "issuer": "KR", "day": DAY, "exp": exp, "iat": nbf}
    usual |= {"cti": os.urandom(16), "cnf": PHONE, "passes": True, "policy": 5, "phone": 0}
    return strip.sign_strip(**usual | claims)


def both(raw: bytes) -> tuple[object, object]:
    try:
        return strip._usual(raw), strip._decoded(raw)
    except Malformed:
        return strip._usual(raw), None


@settings(max_examples=60, deadline=None)
@given(
    issuer=st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=23),
    passes=st.booleans(),
    policy=st.integers(0, 255),
    phone=st.integers(0, 2),
    days=st.integers(-3000, 3000),
)
def test_it_reads_usual_strips_alike(issuer, passes, policy, phone, days):
    raw = made(issuer=issuer, passes=passes, policy=policy, phone=phone, day=DAY + timedelta(days=days))
    quick, full = both(raw)
    assert quick is not None and quick == full


def test_it_leaves_the_others_to_the_full_reading():
    for raw in (
        made(issuer="K" * 24),
        made(issuer="한국"),
        made(policy=256),
        made(phone=3, cnf=None, holder=("홍*동", 1990)),
        made(iat=65535),
    ):
        quick, full = both(raw)
        assert quick is None and full is not None


@settings(max_examples=600, deadline=None)
@given(data=st.data())
def test_it_never_reads_what_the_full_reading_would_not(data):
    raw = bytearray(made(policy=data.draw(st.sampled_from([0, 23, 24, 255]))))
    for _ in range(data.draw(st.integers(1, 2))):
        # Away from keys and signature, where nearly every byte means something.
        place = data.draw(st.sampled_from([*range(48), *range(60, 84), *range(114, 122), *range(150, len(raw) - 60)]))
        raw[min(place, len(raw) - 1)] = data.draw(st.integers(0, 255))
    quick, full = both(bytes(raw))
    assert quick is None or quick == full
