"""The Python side answers to tests/vectors/passcode.json; tests/browser/test_passcode_js.py holds JavaScript to it."""

import importlib
import json
import sys
from collections import Counter
from datetime import date
from types import ModuleType
from typing import Any

import cbor2
import pytest

from registry.format import passcode
from registry.format.passcode import AgencyKey, DayRule, Malformed, Verdict
from registry.format.revocation_list import decode_revocations
from tests.vectors import make

VECTORS = json.loads(make.FILE.read_text(encoding="utf-8"))


def cwt() -> ModuleType:
    """The library `cwt`, without its X.509 part: nothing here has certificates, and the library that it takes for
    them does not start beside OpenSSL 3.0.10 or later."""
    if "certvalidator" not in sys.modules:
        chains = ModuleType("certvalidator")
        chains.CertificateValidator = chains.ValidationContext = None  # type: ignore[attr-defined]
        sys.modules["certvalidator"] = chains
    return importlib.import_module("cwt")


def keys_of(listed: list[dict[str, str]]) -> dict[bytes, AgencyKey]:
    keys = {}
    for one in listed:
        kid, point = bytes.fromhex(one["kid"]), bytes.fromhex(one["x"] + one["y"])
        days = date.fromisoformat(one["from"]), date.fromisoformat(one["until"])
        keys[kid] = AgencyKey.load(kid, point, *days)
    return keys


def context_of(overrides: dict[str, Any]) -> dict[str, Any]:
    """What `passcode.verdict` takes, from the JSON of a vector over the defaults."""
    given = VECTORS["context"] | overrides
    revoked: dict[tuple[str, str], int] = {}
    for day, near, since in given["revoked"]:
        revoked[day, near] = max(since, revoked.get((day, near), 0))
    shown = dict(given["last_shown"])
    return {
        "now": given["now"],
        "keys": keys_of(given["keys"]),
        "days": {date.fromisoformat(day): DayRule(**rule) for day, rule in given["days"].items()},
        "revoked": lambda day, cti: revoked.get((day.isoformat(), cti[:8].hex())),
        "last_shown": lambda cti: shown.get(cti.hex()),
        "fresh": given["fresh"],
        "outage": given["outage"],
    }


@pytest.mark.parametrize("vector", VECTORS["codes"], ids=lambda vector: vector["name"])
def test_it_gives_the_verdict_of_the_vector(vector: dict[str, Any]) -> None:
    result = passcode.verdict(vector["code"], **context_of(vector["context"]))
    assert result.verdict == vector["verdict"]
    found = (result.alone, result.identity, result.ago)
    assert found == (vector["alone"], vector["identity"], vector.get("ago"))


@pytest.mark.parametrize("vector", VECTORS["strips"], ids=lambda vector: vector["name"])
def test_it_reads_the_claims_of_the_vector(vector: dict[str, Any]) -> None:
    strip = passcode.decode_strip(bytes.fromhex(vector["strip"]))
    found = {
        "day": strip.day.isoformat(), "issuer": strip.issuer, "nbf": strip.nbf, "exp": strip.exp, "iat": strip.iat,
        "cti": strip.cti.hex(), "key": strip.key and strip.key.hex(), "pass": int(strip.passes),
        "policy": strip.policy, "phone": strip.phone, "holder": strip.holder and list(strip.holder),
        "kid": strip.kid.hex(),
    }  # fmt: skip
    assert found == vector["claims"]


@pytest.mark.parametrize("vector", VECTORS["visits"], ids=lambda vector: vector["name"])
def test_it_takes_a_visits_proof_for_its_own_poster_alone(vector: dict[str, Any]) -> None:
    poster = (vector["venue"], vector["number"])
    strip, proof = bytes.fromhex(vector["strip"]), bytes.fromhex(vector["proof"])
    code = passcode.code_of(strip, vector["t"], proof, poster=poster)
    assert passcode.verify_proof(code) is vector["good"]


@pytest.mark.parametrize("vector", VECTORS["revocations"], ids=lambda vector: vector["name"])
def test_it_reads_the_revocations_of_the_vector(vector: dict[str, Any]) -> None:
    keys, raw = keys_of(VECTORS["context"]["keys"]), bytes.fromhex(vector["segment"])
    if vector["day"] is None:
        with pytest.raises(Malformed):
            decode_revocations(raw, keys=keys)
        return
    found = decode_revocations(raw, keys=keys)
    assert (found.day.isoformat(), found.segment) == (vector["day"], vector["number"])
    assert {cti.hex(): since for cti, since in found.entries.items()} == vector["entries"]


@pytest.mark.parametrize("vector", VECTORS["strips"], ids=lambda vector: vector["name"])
def test_it_is_read_and_verified_by_an_independent_library(vector: dict[str, Any]) -> None:
    agency = VECTORS["keys"]["agency"]
    point = {"x": bytes.fromhex(agency["x"]), "y": bytes.fromhex(agency["y"]), "kid": bytes.fromhex(agency["kid"])}
    library = cwt()
    key = library.COSEKey.new({1: 2, 2: point["kid"], 3: -7, -1: 1, -2: point["x"], -3: point["y"]})
    tagged = cbor2.CBORTag(18, cbor2.loads(bytes.fromhex(vector["strip"])))
    claims = cbor2.loads(library.COSE.new(kid_auto_inclusion=False).decode(tagged, [key]))
    assert claims[5] == vector["claims"]["nbf"]
    assert claims[7].hex() == vector["claims"]["cti"]
    assert claims[-65537] == [vector["claims"]["pass"], vector["claims"]["policy"]]


def test_it_has_three_vectors_or_more_for_each_verdict() -> None:
    counted = Counter(vector["verdict"] for vector in VECTORS["codes"])
    assert set(counted) == set(Verdict)
    assert min(counted.values()) >= 3
    assert len({vector["name"] for vector in VECTORS["codes"]}) == len(VECTORS["codes"])


def test_the_file_is_what_its_script_writes() -> None:
    assert make.FILE.read_text(encoding="utf-8") == make.text()
