"""Writes passcode.json, the vectors that both implementations answer to. Run: python -m tests.vectors.make

Keys come from names and signatures are deterministic (RFC 6979), so that a second run writes the same file.
docs/pass-format.md explains it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.vectors.malformed import malformed
from tests.vectors.pieces import (
    AGENCY,
    CBOR,
    CODE,
    CTI,
    DAY,
    GOOD,
    IAT,
    ISSUER,
    MIDNIGHT,
    NBF,
    NIGHT,
    NOON,
    ORDER,
    OTHER,
    PHONE,
    PRIME,
    RETIRED,
    STRANGER,
    Key,
    claims,
    cose_key,
    on_paper,
    packed,
    pairs,
    paper,
    parts,
    printed,
    sealed,
    shown,
    strip,
    vector,
    with_claim,
    wrapped,
)

FILE = Path(__file__).with_name("passcode.json")


def unknown_claims() -> Iterator[dict]:
    """Well-formed claims that nobody knows change nothing."""
    values = {
        "a number": b"\x01", "a number beyond 2^53": b"\x1b" + b"\xff" * 8, "a negative one": b"\x3b" + b"\xff" * 8,
        "a float": b"\xf9\x3c\0", "a single float": b"\xfa\x47\xc3\x50\0",
        "a double": b"\xfb\x3f\xf1" + b"\x99" * 5 + b"\x9a",
        "the smallest half float": b"\xf9\0\x01", "a single just below the halves": b"\xfa\x33\0\0\0",
        "a NaN": b"\xf9\x7e\0", "minus zero": b"\xf9\x80\0", "infinity": b"\xf9\x7c\0", "undefined": b"\xf7",
        "a simple value": b"\xf8\x20", "text": b"\x63\xea\xb0\x80", "a byte order mark": b"\x63\xef\xbb\xbf",
        "a tagged time": b"\xc1\x1a" + NBF.to_bytes(4, "big"), "a bignum": b"\xc2\x49\x01" + bytes(8),
        "a map with mixed keys": b"\xa4\x01\x00\x20\x00\x40\x00\x60\x00", "nested 16 deep": b"\x81" * 14 + b"\x80",
    }  # fmt: skip
    for name, value in values.items():
        yield vector(f"unknown claim: {name}", shown(sealed(with_claim(CBOR(-70000), value))), "PASS")
    yield vector("unknown claim with a name", shown(sealed(with_claim(CBOR("x"), b"\x01"))), "PASS")
    early = packed([pairs(claims())[0], (CBOR(3), CBOR("aud")), *pairs(claims())[1:]])
    yield vector("unknown claim among the known", shown(sealed(early)), "PASS")


def keys_and_signatures() -> Iterator[dict]:
    yield vector("signed by a key that nobody knows", shown(strip(STRANGER)), "UNKNOWN_KEY")
    yield vector("signed by a key that no longer may", shown(strip(RETIRED)), "UNKNOWN_KEY")
    yield vector("no keys at all", CODE, "UNKNOWN_KEY", keys=[])
    yield vector("key allowed from tomorrow", CODE, "UNKNOWN_KEY", keys=[listed(AGENCY, "2026-03-03", "2026-12-31")])
    yield vector("key allowed for today alone", CODE, "PASS", keys=[listed(AGENCY, DAY, DAY)])
    yield vector("paper by a key that nobody knows", on_paper(sealed(CBOR(paper()), STRANGER)), "UNKNOWN_KEY")
    changed = CBOR(claims(**{"pass": [1, 3]}))
    signature = AGENCY.sign(CBOR(["Signature1", CBOR({1: -7, 4: AGENCY.kid}), b"", CBOR(claims(**{"pass": [0, 3]}))]))
    yield vector("pass changed from 0 to 1", shown(sealed(changed, signature=signature)), "FORGED")
    other = sealed(changed, signature=STRANGER.sign(CBOR(["Signature1", CBOR({1: -7, 4: AGENCY.kid}), b"", changed])))
    yield vector("signed by a stranger under the agency's kid", shown(other), "FORGED")
    der = AGENCY.sign(CBOR(["Signature", CBOR({1: -7, 4: AGENCY.kid}), b"", CBOR(claims())]))
    yield vector("signature over another context string", shown(sealed(changed, signature=der)), "FORGED")
    good = AGENCY.sign(CBOR(["Signature1", CBOR({1: -7, 4: AGENCY.kid}), b"", changed]))
    r, s, order = good[:32], good[32:], ORDER.to_bytes(32, "big")
    for name, number in {
        "r = 0": bytes(32) + s, "s = 0": r + bytes(32), "r and s = 0": bytes(64), "r = n": order + s,
        "s = n": r + order, "all ones": b"\xff" * 64, "s and r swapped": s + r,
    }.items():  # fmt: skip
        yield vector(f"signature with {name}", shown(sealed(changed, signature=number)), "FORGED")
    yield vector("paper signature with r = 0", on_paper(sealed(CBOR(paper()), signature=bytes(32) + s)), "FORGED")
    negated = r + (ORDER - int.from_bytes(s, "big")).to_bytes(32, "big")
    yield vector("signature with n - s is as good", shown(sealed(changed, signature=negated)), "PASS")


def proofs() -> Iterator[dict]:
    raw, t, proof = parts(GOOD)
    yield vector("proof by another key", shown(GOOD, key=OTHER), "FORGED")
    yield vector("proof by the agency's key", shown(GOOD, key=AGENCY), "FORGED")
    yield vector("proof of another second", wrapped(CBOR([raw, t + 1, proof])), "FORGED")
    yield vector("proof of another strip", wrapped(CBOR([raw, t, parts(strip(phone=1))[2]])), "FORGED")
    yield vector("proof of a visit by a poster", wrapped(CBOR(parts(GOOD, poster=(7, 1)))), "FORGED")
    message = PHONE.sign(CBOR(["MJ2", raw, t]))
    yield vector("proof of another version", wrapped(CBOR([raw, t, message])), "FORGED")
    order = ORDER.to_bytes(32, "big")
    for name, number in {"r = 0": bytes(32) + proof[32:], "s = n": proof[:32] + order, "zeros": bytes(64)}.items():
        yield vector(f"proof with {name}", wrapped(CBOR([raw, t, number])), "FORGED")
    mirrored = {1: cose_key(PHONE.x, (PRIME - int.from_bytes(PHONE.y, "big")).to_bytes(32, "big"))}
    yield vector("proof against the mirrored point", shown(strip(cnf=mirrored)), "FORGED")


def times() -> Iterator[dict]:
    def at(now: float, **changed: Any) -> dict[str, Any]:
        return {"code": shown(strip(**changed), int(now)), "now": now}

    yield vector("61 s before the day", verdict="NOT_YET", **at(NBF - 61))
    yield vector("60.5 s before the day", shown(GOOD, NBF - 60), "NOT_YET", now=NBF - 60.5)
    yield vector("60 s before the day", verdict="PASS", **at(NBF - 60))
    yield vector("the day before at noon", verdict="NOT_YET", **at(NBF - 43200))
    yield vector("paper the day before", printed(), "NOT_YET", now=NBF - 43200)
    yield vector("00:00 of the day", verdict="PASS", **at(NBF))
    yield vector("23:59:59 of the day", verdict="PASS", **at(MIDNIGHT - 1))
    yield vector("00:30 of the next day", verdict="PASS", **at(MIDNIGHT + 1800))
    yield vector("03:59:59 of the next day", verdict="PASS", **at(NIGHT - 1))
    yield vector("a blink before 04:00 of the next day", shown(GOOD, NIGHT - 1), "PASS", now=NIGHT - 0.001)
    yield vector("04:00 of the next day, exp itself", verdict="EXPIRED", **at(NIGHT))
    yield vector("04:01 of the next day", verdict="EXPIRED", **at(NIGHT + 60))
    yield vector("worse tomorrow: a second before midnight", verdict="PASS", **at(MIDNIGHT - 1, exp=MIDNIGHT))
    yield vector("worse tomorrow: midnight", verdict="EXPIRED", **at(MIDNIGHT, exp=MIDNIGHT))
    yield vector("worse tomorrow: 00:30 of the next day", verdict="EXPIRED", **at(MIDNIGHT + 1800, exp=MIDNIGHT))
    yield vector("exp before nbf", verdict="EXPIRED", **at(NOON, exp=NBF - 1))
    yield vector("exp at the end of time", verdict="PASS", **at(NOON, exp=2**32 - 1))
    yield vector("paper on its last second", printed(), "PASS", identity=True, now=NBF + 31 * 86400 - 1)
    yield vector("paper past its end", printed(), "EXPIRED", now=NBF + 31 * 86400)
    for name, t, verdict in (
        ("30 s old", NOON - 30, "PASS"), ("31 s old", NOON - 31, "STALE"), ("an hour old", NOON - 3600, "STALE"),
        ("10 s ahead", NOON + 10, "PASS"), ("11 s ahead", NOON + 11, "STALE"), ("of the same second", NOON, "PASS"),
        ("of second 0", 0, "STALE"), ("of the last second there is", 2**32 - 1, "STALE"),
    ):  # fmt: skip
        yield vector(f"code {name}", shown(GOOD, t), verdict)
    yield vector("code 30.25 s old", shown(GOOD, NOON - 30), "STALE", now=NOON + 0.25)
    yield vector("code 10.5 s ahead", shown(GOOD, NOON + 10), "STALE", now=NOON - 0.5)


def what_the_scanner_knows() -> Iterator[dict]:
    near = CTI[:8].hex()
    yield vector("revoked after it was signed", CODE, "REVOKED", revoked=[[DAY, near, IAT + 1]])
    yield vector("revoked today", CODE, "REVOKED", revoked=[[DAY, near, NOON - 60]])
    yield vector("revoked twice, once after", CODE, "REVOKED", revoked=[[DAY, near, IAT - 9], [DAY, near, IAT + 9]])
    yield vector("paper revoked", printed(), "REVOKED", identity=True, revoked=[[DAY, near, NOON]])
    week, on = NOON + 7 * 86400, "2026-03-09"
    yield vector(
        "paper revoked, a week after it was printed", printed(), "REVOKED", identity=True, now=week,
        revoked=[[on, near, IAT + 1]],
    )  # fmt: skip
    yield vector(
        "paper revoked under the day it was printed alone", printed(), "PASS", identity=True, now=week,
        revoked=[[DAY, near, IAT + 1]],
    )  # fmt: skip
    yield vector("revoked in the second it was signed", CODE, "PASS", revoked=[[DAY, near, IAT]])
    yield vector("revoked before it was signed anew", CODE, "PASS", revoked=[[DAY, near, IAT - 1]])
    yield vector("revoked for another day", CODE, "PASS", revoked=[["2026-03-03", near, NOON]])
    yield vector("somebody else revoked", CODE, "PASS", revoked=[[DAY, CTI[8:].hex(), NOON]])
    whole = CTI.hex()
    yield vector("shown just now", CODE, "REPEAT", ago=0, last_shown=[[whole, NOON]])
    yield vector("shown 5 minutes ago", CODE, "REPEAT", ago=300, last_shown=[[whole, NOON - 300]])
    yield vector("shown 10 minutes ago", CODE, "REPEAT", ago=600, last_shown=[[whole, NOON - 600]])
    yield vector("shown 12.75 s ago", CODE, "REPEAT", ago=12, last_shown=[[whole, NOON - 12.75]])
    yield vector("shown, then the clock was set back", CODE, "REPEAT", ago=0, last_shown=[[whole, NOON + 90]])
    yield vector(
        "paper shown a minute ago", printed(), "REPEAT", identity=True, ago=60, last_shown=[[whole, NOON - 60]]
    )
    yield vector("shown 601 s ago", CODE, "PASS", last_shown=[[whole, NOON - 601]])
    yield vector("somebody else shown", CODE, "PASS", last_shown=[[bytes(16).hex(), NOON]])


def rule(asks: bool = True, alone: bool = False, floor: int = 3) -> dict[str, Any]:
    return {"asks": asks, "alone": alone, "floor": floor}


def rules() -> Iterator[dict]:
    open_door, cafe = {DAY: rule(asks=False)}, {DAY: rule(alone=True)}
    refused = shown(strip(**{"pass": [0, 3]}))
    outdated, without = shown(strip(**{"pass": [1, 2]})), shown(strip(**{"pass": [0, 2]}))
    yield vector("no pass asked today", CODE, "ENTRY", days=open_door)
    yield vector("no pass asked, none held", refused, "ENTRY", days=open_door)
    yield vector("no pass asked, paper", printed(), "ENTRY", identity=True, days=open_door)
    yield vector("no pass asked, policy below the floor", outdated, "ENTRY", days=open_door)
    late = shown(GOOD, MIDNIGHT + 1800)
    night = {DAY: rule(), "2026-03-03": rule(asks=False)}
    yield vector("asked on the strip's day, not on the day of now", late, "ENTRY", now=MIDNIGHT + 1800, days=night)
    night = {DAY: rule(asks=False), "2026-03-03": rule()}
    yield vector("asked on the day of now, not on the strip's", late, "PASS", now=MIDNIGHT + 1800, days=night)
    yield vector("policy below the floor", outdated, "OUTDATED")
    yield vector("policy below the floor and no pass", without, "OUTDATED")
    yield vector("policy below the floor on paper", printed(**{"pass": [1, 2]}), "OUTDATED", identity=True)
    night = {DAY: rule(floor=4), "2026-03-03": rule(floor=3)}
    yield vector("the floor is of the strip's day", late, "OUTDATED", now=MIDNIGHT + 1800, days=night)
    night = {DAY: rule(floor=3), "2026-03-03": rule(floor=4)}
    yield vector("the floor of the day of now does not count", late, "PASS", now=MIDNIGHT + 1800, days=night)
    yield vector("policy above the floor", shown(strip(**{"pass": [1, 2**32 - 1]})), "PASS")
    yield vector("floor skipped past fresh_until", outdated, "PASS", fresh=False)
    yield vector("floor skipped in an outage", outdated, "PASS", outage=True)
    yield vector("floor skipped in an outage, no pass", without, "NO_PASS", outage=True)
    yield vector("pass", CODE, "PASS")
    yield vector("pass, phone in grace", shown(strip(phone=1)), "PASS")
    yield vector("pass, phone extended by an outage", shown(strip(phone=2)), "PASS")
    yield vector("pass on paper", printed(), "PASS", identity=True)
    yield vector("pass where one may sit alone", CODE, "PASS", days=cafe)
    yield vector("no pass", refused, "NO_PASS")
    yield vector("no pass where one may sit alone", refused, "NO_PASS", alone=True, days=cafe)
    yield vector("no pass on paper", printed(**{"pass": [0, 3]}), "NO_PASS", identity=True)
    yield vector(
        "no pass on paper, alone", printed(**{"pass": [0, 3]}), "NO_PASS", identity=True, alone=True, days=cafe
    )
    yield vector("a day not known takes the one before", CODE, "ENTRY", days={"2026-02-01": rule(asks=False)})
    nearest = {"2026-02-01": rule(), "2026-02-28": rule(asks=False)}
    yield vector("a day not known takes the nearest before", CODE, "ENTRY", days=nearest)
    yield vector("no day before takes the first after", CODE, "ENTRY", days={"2026-03-09": rule(asks=False)})
    yield vector("no days known at all", CODE, "PASS", days={})


def order() -> Iterator[dict]:
    """Two faults at once: the earlier step wins."""
    near, whole = [[DAY, CTI[:8].hex(), NOON]], [[CTI.hex(), NOON - 60]]
    free = {DAY: rule(asks=False)}
    below = strip(**{"pass": [0, 2]})
    yield vector("1 before 2: nobody's key and a bad shape", shown(strip(STRANGER, phone=9)), "MALFORMED")
    bad = sealed(CBOR(claims()), STRANGER, signature=bytes(64))
    yield vector("2 before 3: nobody's key and no signature", shown(bad), "UNKNOWN_KEY")
    bad = sealed(CBOR(claims()), signature=bytes(64))
    yield vector("3 before 4: no signature and expired", shown(bad, NIGHT), "FORGED", now=NIGHT)
    yield vector("3 before 6: no signature and stale", shown(bad, NOON - 99), "FORGED")
    yield vector("4 before 5: expired and another's proof", shown(GOOD, NIGHT, OTHER), "EXPIRED", now=NIGHT)
    yield vector("4 before 6: not yet and stale", shown(GOOD, NOON), "NOT_YET", now=NBF - 3600)
    yield vector("5 before 6: another's proof and stale", shown(GOOD, NOON - 99, OTHER), "FORGED")
    yield vector("5 before 7: another's proof and revoked", shown(GOOD, key=OTHER), "FORGED", revoked=near)
    yield vector("6 before 7: stale and revoked", shown(GOOD, NOON - 99), "STALE", revoked=near)
    yield vector("6 before 8: stale and shown before", shown(GOOD, NOON - 99), "STALE", last_shown=whole)
    yield vector("7 before 8: revoked and shown before", CODE, "REVOKED", revoked=near, last_shown=whole)
    yield vector("7 before 9: revoked and not asked", CODE, "REVOKED", revoked=near, days=free)
    yield vector("8 before 9: shown before and not asked", CODE, "REPEAT", ago=60, last_shown=whole, days=free)
    yield vector("8 before 11: shown before, no pass", shown(below), "REPEAT", ago=60, last_shown=whole)
    yield vector("9 before 10: not asked and outdated", shown(below), "ENTRY", days=free)
    yield vector("10 before 11: outdated and no pass", shown(below), "OUTDATED")
    yield vector("all at once from 4 on", shown(below, 0, OTHER), "EXPIRED", now=NIGHT, revoked=near, last_shown=whole)


def strips() -> Iterator[dict]:
    """Raw strips and what is in them, for readers of the format."""
    common = {"day": DAY, "issuer": ISSUER, "nbf": NBF, "iat": IAT, "cti": CTI.hex(), "kid": AGENCY.kid.hex()}
    key = (PHONE.x + PHONE.y).hex()
    phone = common | {"exp": NIGHT, "key": key, "pass": 1, "policy": 3, "phone": 0, "holder": None}
    yield {"name": "a pass, for the night too", "strip": GOOD.hex(), "claims": phone}
    raw = strip(exp=MIDNIGHT, phone=1, **{"pass": [0, 70000]})
    changed = {"exp": MIDNIGHT, "phone": 1, "pass": 0, "policy": 70000}
    yield {"name": "no pass, in grace, to midnight", "strip": raw.hex(), "claims": phone | changed}
    held = {"exp": NBF + 31 * 86400, "key": None, "phone": 3, "holder": ["홍*동", 1948]}
    yield {"name": "paper", "strip": sealed(CBOR(paper())).hex(), "claims": phone | held}
    raw = sealed(with_claim(CBOR(-70000), CBOR({"later": [1.5, None]})))
    yield {"name": "a claim that version 1 does not know", "strip": raw.hex(), "claims": phone}


def revocations() -> Iterator[dict]:
    entries = CTI[:8] + (NOON).to_bytes(4, "big") + bytes(8) + (IAT).to_bytes(4, "big")
    expected = {CTI[:8].hex(): NOON, bytes(8).hex(): IAT}

    def segment(payload: Any, key: Key = AGENCY, **seal: Any) -> str:
        return sealed(CBOR(payload), key, **seal).hex()

    yield {"name": "two entries", "segment": segment([DAY, 0, entries]), "day": DAY, "number": 0, "entries": expected}
    again = entries + CTI[:8] + IAT.to_bytes(4, "big")
    yield {
        "name": "the later counts",
        "segment": segment([DAY, 7, again]),
        "day": DAY,
        "number": 7,
        "entries": expected,
    }
    yield {"name": "empty", "segment": segment([DAY, 1, b""]), "day": DAY, "number": 1, "entries": {}}
    for name, bad in {
        "by a stranger": segment([DAY, 0, entries], STRANGER),
        "by a retired key": segment([DAY, 0, entries], RETIRED),
        "with a wrong signature": segment([DAY, 0, entries], signature=bytes(64)),
        "with half an entry": segment([DAY, 0, entries[:-1]]),
        "of no day": segment(["2026-02-30", 0, entries]),
        "of a day written otherwise": segment(["20260302", 0, entries]),
        "with a negative number": segment([DAY, -1, entries]),
        "a strip": GOOD.hex(),
    }.items():
        yield {"name": name, "segment": bad, "day": None}


def listed(key: Key, since: str, until: str) -> dict[str, str]:
    return {"kid": key.kid.hex(), "x": key.x.hex(), "y": key.y.hex(), "from": since, "until": until}


def visits() -> Iterator[dict]:
    """Proofs told at the second poster of venue 300."""
    made = {
        "for this poster": ((300, 2), True),
        "for the poster before": ((300, 1), False),
        "for another venue's": ((2, 300), False),
        "for no poster, as at a door": ((), False),
        "for a venue alone": ((300,), False),
    }
    for name, (poster, good) in made.items():
        raw, t, proof = parts(GOOD, poster=poster)
        told = {"strip": raw.hex(), "t": t, "proof": proof.hex(), "venue": 300, "number": 2}
        yield {"name": name, **told, "good": good}


def everything() -> dict[str, Any]:
    secrets = {"agency": AGENCY, "retired": RETIRED, "stranger": STRANGER, "phone": PHONE, "other phone": OTHER}
    context = {
        "now": NOON,
        "keys": [listed(AGENCY, "2026-01-01", "2026-12-31"), listed(RETIRED, "2025-01-01", "2026-03-01")],
        "days": {"2026-03-01": rule(), DAY: rule(), "2026-03-03": rule()},
        "revoked": [],
        "last_shown": [],
        "fresh": True,
        "outage": False,
    }
    groups = (malformed, unknown_claims, keys_and_signatures, proofs, times, what_the_scanner_knows, rules, order)
    return {
        "format": "MJ1",
        "keys": {
            name: {"d": key.secret.to_bytes(32, "big").hex(), "x": key.x.hex(), "y": key.y.hex(), "kid": key.kid.hex()}
            for name, key in secrets.items()
        },
        "context": context,
        "strips": list(strips()),
        "revocations": list(revocations()),
        "visits": list(visits()),
        "codes": [one for group in groups for one in group()],
    }


def text() -> str:
    return json.dumps(everything(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
