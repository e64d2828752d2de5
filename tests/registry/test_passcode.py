"""The pass format by property, by fuzz and at its edges; the verdicts are in test_passcode_vectors.py."""

import random
import time
from datetime import date, timedelta
from uuid import UUID

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.format import base45, cbor, passcode
from registry.format.passcode import AgencyKey, Malformed, Verdict
from tests.vectors import pieces

AGENCY, PHONE = pieces.AGENCY.private, pieces.PHONE.private
KID, DAY = pieces.AGENCY.kid, date.fromisoformat(pieces.DAY)
POINT = pieces.PHONE.x + pieces.PHONE.y
KEYS = {KID: AgencyKey.load(KID, pieces.AGENCY.x + pieces.AGENCY.y, date(2026, 1, 1), date(2026, 12, 31))}
NUMBER = st.integers(0, 2**32 - 1)
SHORT = st.text(min_size=1, max_size=16).filter(lambda text: len(text.encode("utf-8", "ignore")) >= 1)


def strip_of(**changed: object) -> bytes:
    given = {
        "private_key": AGENCY, "kid": KID, "issuer": "KR-DEMO", "day": DAY, "exp": pieces.NIGHT, "iat": pieces.IAT,
        "cti": pieces.CTI, "cnf": POINT, "passes": True, "policy": 3, "phone": 0,
    }  # fmt: skip
    return passcode.sign_strip(**given | changed)  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None)
@given(
    issuer=SHORT, exp=NUMBER, iat=NUMBER, cti=st.binary(min_size=16, max_size=16), passes=st.booleans(),
    policy=NUMBER, days=st.integers(0, 40000), t=NUMBER, holder=st.none() | st.tuples(SHORT, st.integers(0, 9999)),
    phone=st.integers(0, 2),
)  # fmt: skip
def test_it_reads_back_what_it_signed(issuer, exp, iat, cti, passes, policy, days, t, holder, phone) -> None:
    day = date(1970, 1, 2) + timedelta(days)
    phone, cnf = (3, None) if holder else (phone, POINT)
    raw = passcode.sign_strip(
        private_key=AGENCY, kid=KID, issuer=issuer, day=day, exp=exp, iat=iat, cti=cti, cnf=cnf, passes=passes,
        policy=policy, phone=phone, holder=holder,
    )  # fmt: skip
    if holder:
        code = passcode.decode_code(passcode.encode_code(raw))
        assert (code.t, code.proof) == (None, None)
    else:
        proof = passcode.sign_proof(PHONE, raw, t)
        code = passcode.decode_code(passcode.encode_code(raw, t, proof))
        assert code == passcode.code_of(raw, t, proof)
        assert passcode.verify_proof(code)
    strip = code.strip
    assert (strip.day, strip.issuer, strip.exp, strip.iat, strip.cti) == (day, issuer, exp, iat, cti)
    assert (strip.key, strip.passes, strip.policy, strip.phone) == (cnf, passes, policy, phone)
    assert (strip.holder, strip.kid, strip.raw, strip.paper) == (holder, KID, raw, holder is not None)
    assert passcode.verify_strip_signature(strip, AGENCY.public_key())


def test_it_signs_the_bytes_that_an_independent_encoder_makes() -> None:
    for raw in (strip_of(), strip_of(cnf=None, phone=3, holder=("홍*동", 1948))):
        assert cbor2.dumps(cbor2.loads(raw), canonical=True) == raw
        payload = cbor2.loads(raw)[2]
        assert cbor2.dumps(cbor2.loads(payload), canonical=True) == payload
    assert cbor2.loads(strip_of())[2] == cbor2.loads(pieces.GOOD)[2]
    assert passcode.proof_message(pieces.GOOD, 5) == cbor2.dumps(["MJ1", pieces.GOOD, 5])


def test_it_makes_codes_of_about_430_characters() -> None:
    assert 400 <= len(pieces.CODE) <= 460


@pytest.mark.parametrize(
    "wrong",
    [
        {"cti": b"short"}, {"kid": b"short"}, {"cnf": b"\1" * 64}, {"cnf": POINT[:63]}, {"cnf": None}, {"phone": 3},
        {"phone": 4}, {"phone": -1}, {"issuer": ""}, {"issuer": "x" * 65}, {"exp": 2**32}, {"iat": -1}, {"policy": -1},
        {"holder": ("홍*동", 1948)}, {"cnf": None, "phone": 3}, {"cnf": None, "phone": 3, "holder": ("", 1948)},
        {"cnf": None, "phone": 3, "holder": ("홍*동", 10000)}, {"day": date(1969, 12, 31)}, {"day": date(2150, 1, 1)},
    ],
    ids=str,
)  # fmt: skip
def test_it_signs_nothing_that_it_would_not_read(wrong: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        strip_of(**wrong)


def test_it_names_the_day_by_midnight_in_seoul() -> None:
    assert passcode.strip_times(DAY, worse_tomorrow=False) == (pieces.NBF, pieces.NIGHT)
    assert passcode.strip_times(DAY, worse_tomorrow=True) == (pieces.NBF, pieces.MIDNIGHT)
    assert [passcode.seoul_day(pieces.NBF + second) for second in (-0.5, 0, 86399.9)] == [DAY - timedelta(1), DAY, DAY]


@given(key=st.binary(min_size=32, max_size=32), citizen=st.uuids())
@settings(max_examples=30)
def test_it_makes_a_pseudonym_that_only_the_day_key_opens(key: bytes, citizen: UUID) -> None:
    cti = passcode.day_pseudonym(key, citizen)
    assert len(cti) == 16
    assert passcode.citizen_of(key, cti) == citizen
    assert passcode.day_pseudonym(bytes(byte ^ 1 for byte in key), citizen) != cti


def test_it_is_the_standard_block_cipher() -> None:
    """FIPS 197, appendix C.3."""
    key, block = bytes(range(32)), UUID("00112233-4455-6677-8899-aabbccddeeff")
    assert passcode.day_pseudonym(key, block).hex() == "8ea2b7ca516745bfeafc49904b496089"


@pytest.mark.parametrize(
    "data, text",
    [(b"AB", "BB8"), (b"Hello!!", "%69 VD92EX0"), (b"base-45", "UJCLQE7W581"), (b"ietf!", "QED8WEX0"), (b"", "")],
)
def test_it_writes_base45_as_the_standard_shows(data: bytes, text: str) -> None:
    assert (base45.encode(data), base45.decode(text)) == (text, data)


@given(st.binary(max_size=60))
def test_it_reads_back_base45(data: bytes) -> None:
    assert base45.decode(base45.encode(data)) == data


@given(st.text(base45.ALPHABET, max_size=12))
def test_it_takes_one_base45_text_for_each_value(text: str) -> None:
    try:
        data = base45.decode(text)
    except Malformed:
        return
    assert base45.encode(data) == text


def test_it_answers_false_to_signatures_of_wrong_length() -> None:
    signature = passcode.sign_es256(PHONE, b"x")
    assert passcode.verify_es256(PHONE.public_key(), signature, b"x")
    assert not any(passcode.verify_es256(PHONE.public_key(), bad, b"x") for bad in (b"", signature[:-1], bytes(65)))


def test_it_knows_points_of_the_curve() -> None:
    assert passcode.point_of(PHONE) == passcode.point_of(PHONE.public_key()) == POINT
    for point in (POINT[:-1], POINT + b"\0", bytes(64), b"\xff" * 64, POINT[32:] + POINT[:32]):
        assert not passcode.on_curve(point)
        with pytest.raises(Malformed):
            passcode.public_key_of(point)


@given(st.recursive(
    st.none() | st.booleans() | st.integers(-(2**64), 2**64 - 1) | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=5), max_leaves=12,
))  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_it_reads_all_that_is_deterministic(value: object) -> None:
    assert cbor.decode(cbor2.dumps(value, canonical=True)) == value


# RFC 8949, appendix A: each example that is deterministic, as (bytes, value), and those that are not.
EXAMPLES = [
    ("1818", 24), ("1903e8", 1000), ("1b000000e8d4a51000", 10**12), ("1bffffffffffffffff", 2**64 - 1),
    ("3903e7", -1000), ("3bffffffffffffffff", -(2**64)), ("f93e00", 1.5), ("fa47c35000", 100000.0),
    ("fb3ff199999999999a", 1.1),
    ("f9fc00", float("-inf")), ("f4", False), ("f6", None), ("62c3bc", "ü"), ("64f0908591", "𐅑"),
    ("80", []), ("8301820203820405", [1, [2, 3], [4, 5]]), ("a201020304", {b"\x01": 2, b"\x03": 4}),
    ("c11a514b67b0", cbor.Tag(1, 1363896240)), ("f0", cbor.Simple(16)), ("f8ff", cbor.Simple(255)),
    ("c249010000000000000000", cbor.Tag(2, bytes.fromhex("010000000000000000"))),
]  # fmt: skip
REFUSED = ["9fff", "bf61610161629fff", "5f42010243030405ff", "7fff", "fa7f800000", "fb7ff8000000000000", "1c", "ff", ""]


@pytest.mark.parametrize("encoded, value", EXAMPLES)
def test_it_reads_the_examples_of_the_standard(encoded: str, value: object) -> None:
    assert cbor.decode(bytes.fromhex(encoded)) == value


@pytest.mark.parametrize("encoded", REFUSED)
def test_it_refuses_what_is_not_deterministic(encoded: str) -> None:
    with pytest.raises(Malformed):
        cbor.decode(bytes.fromhex(encoded))


def mutated(chance: random.Random, data: bytes) -> bytes:
    """`data` with a few bytes changed, cut, doubled or put in."""
    some = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(some) + 1)
        kind = chance.randrange(5)
        if kind == 0 and at < len(some):
            some[at] ^= 1 << chance.randrange(8)
        elif kind == 1 and at < len(some):
            some[at] = chance.randrange(256)
        elif kind == 2:
            del some[at : at + chance.randint(1, 9)]
        elif kind == 3:
            some[at:at] = chance.randbytes(chance.randint(1, 9))
        else:
            some[at:at] = some[: chance.randint(0, 40)]
    return bytes(some)


def test_it_never_raises_anything_but_malformed() -> None:
    chance = random.Random(1)
    sources = [pieces.BINARY, pieces.GOOD, pieces.sealed(pieces.CBOR(pieces.paper())), cbor2.loads(pieces.GOOD)[2]]
    started, read = time.monotonic(), 0
    for turn in range(12000):
        data = mutated(chance, chance.choice(sources)) if turn % 4 else chance.randbytes(chance.randrange(300))
        resealed = pieces.CBOR([pieces.CBOR({1: -7, 4: KID}), {}, data, bytes(64)])
        texts = (
            passcode.PREFIX + base45.encode(data),
            passcode.PREFIX + chance.choice((pieces.CODE, "é" * 9))[turn % 40 :],
        )
        for decoder, given_ in (
            (cbor.decode, data), (passcode.decode_strip, data), (passcode.decode_strip, resealed),
            (passcode.decode_code, texts[0]), (passcode.decode_code, texts[1]),
        ):  # fmt: skip
            try:
                decoder(given_)  # type: ignore[operator]
                read += 1
            except Malformed:
                pass
    assert read > 100
    assert time.monotonic() - started < 30


def test_it_turns_no_mutation_green() -> None:
    chance = random.Random(2)
    for _ in range(400):
        data = mutated(chance, pieces.BINARY)
        if data == pieces.BINARY:
            continue
        result = passcode.verdict(
            passcode.PREFIX + base45.encode(data), now=pieces.NOON, keys=KEYS, days={},
            revoked=lambda day, cti: None, last_shown=lambda cti: None,
        )  # fmt: skip
        assert result.verdict in {Verdict.MALFORMED, Verdict.UNKNOWN_KEY, Verdict.FORGED}


def test_it_believes_no_length() -> None:
    started = time.monotonic()
    for head in ("5b", "7b", "9b", "bb"):
        with pytest.raises(Malformed):
            cbor.decode(bytes.fromhex(head + "7fffffffffffffff") + bytes(1000))
    assert time.monotonic() - started < 1


def test_it_checks_uploads_like_codes() -> None:
    raw, t, proof = pieces.parts(pieces.GOOD)
    assert passcode.check(passcode.code_of(raw, t, proof), keys=KEYS, now=pieces.NOON) is None
    paper = pieces.sealed(pieces.CBOR(pieces.paper()))
    assert passcode.check(passcode.code_of(paper), keys=KEYS, now=pieces.NOON) is None
    for parts in ((raw,), (raw, None, proof), (raw, t, None), (paper, t, proof), (raw, -1, proof), (raw, True, proof)):
        with pytest.raises(Malformed):
            passcode.code_of(*parts)
    other = ec.generate_private_key(ec.SECP256R1())
    forged = passcode.code_of(raw, t, passcode.sign_proof(other, raw, t))
    assert passcode.check(forged, keys=KEYS, now=pieces.NOON) is Verdict.FORGED


def test_it_gives_each_verdict_a_colour_and_a_step_in_order() -> None:
    assert [one.step for one in Verdict] == sorted(one.step for one in Verdict)
    assert {one: one.colour for one in Verdict if one.colour != "amber"} == {
        "FORGED": "red", "REVOKED": "red", "NO_PASS": "red", "ENTRY": "blue", "PASS": "green",
    }  # fmt: skip


def test_it_keeps_persons_out_of_its_repr() -> None:
    shown = repr(passcode.code_of(*pieces.parts(pieces.GOOD)))
    paper = repr(passcode.code_of(pieces.sealed(pieces.CBOR(pieces.paper()))))
    assert "day=" in shown
    assert not any(word in shown + paper for word in ("cti", "key", "raw", "proof", "홍*동", repr(pieces.CTI)[2:-1]))
