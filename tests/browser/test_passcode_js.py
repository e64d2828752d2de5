"""The JavaScript side answers to the same vectors in a real Chromium, and the two sides to each other."""

import json
import random
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from registry.format import base45, passcode
from registry.format.passcode import Malformed
from tests.registry.test_passcode import KEYS, mutated
from tests.vectors import make, pieces

pytestmark = pytest.mark.browser
STATIC = Path(__file__).parents[2] / "static"
VECTORS = json.loads(make.FILE.read_text(encoding="utf-8"))

ON_PAGE = """
const [passcode, base64url, revocations, cbor] = await Promise.all(
  ["passcode", "base64url", "revocations", "cbor"].map((name) => import(`/js/${name}.js`)));
const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const listed = (keys) => keys.map((key) => ({
  ...key, ...Object.fromEntries(["kid", "x", "y"].map((name) => [name, base64url.toBase64url(bytes(key[name]))]))}));
const contextOf = async (given) => {
  const shown = new Map(given.last_shown);
  return {
    now: given.now, keys: await passcode.loadKeys(listed(given.keys)), days: given.days,
    fresh: given.fresh, outage: given.outage, lastShown: (cti) => shown.get(cti),
    revoked: async (day, cti) => {
      const near = cbor.hex(cti.subarray(0, 8));
      const found = given.revoked.filter(([on, who]) => on === day && who === near).map(([, , since]) => since);
      return found.length ? Math.max(...found) : null;
    },
  };
};
"""


class Quiet(SimpleHTTPRequestHandler):
    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".js": "text/javascript"}

    def log_message(self, *_: Any) -> None:
        """Nothing on the terminal."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(STATIC))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def run(page: Page, address: str) -> Any:
    """Run the body of an async function in a page of a secure context, with the modules and a few words at hand."""
    page.route(
        "**/blank", lambda route: route.fulfill(content_type="text/html", body="<!doctype html><title>-</title>")
    )
    page.goto(f"{address}/blank")
    return lambda body, argument=None: page.evaluate(f"async (given) => {{{ON_PAGE}\n{body}}}", argument)


def test_it_gives_the_verdict_of_each_vector(run: Any) -> None:
    found = run(
        """const results = [];
        for (const { code, context } of given.codes) {
          const result = await passcode.verdict(code, await contextOf({ ...given.context, ...context }));
          const { verdict, colour, alone, identity, ago } = result;
          results.push({ verdict, colour, alone, identity, ago });
        }
        return results;""",
        {"codes": VECTORS["codes"], "context": VECTORS["context"]},
    )
    expected = [
        {
            "verdict": vector["verdict"],
            "colour": passcode.Verdict(vector["verdict"]).colour,
            "alone": vector["alone"],
            "identity": vector["identity"],
            "ago": vector.get("ago"),
        }
        for vector in VECTORS["codes"]
    ]
    wrong = [
        (vector["name"], got)
        for vector, got, want in zip(VECTORS["codes"], found, expected, strict=True)
        if got != want
    ]
    assert not wrong


def test_it_reads_the_claims_of_each_vector(run: Any) -> None:
    found = run(
        """return given.map(({ strip }) => {
          const { day, issuer, nbf, exp, iat, ctiHex, key, passes, policy, phone, holder, kidHex } =
            passcode.decodeStrip(bytes(strip));
          return { day, issuer, nbf, exp, iat, cti: ctiHex, key: key && cbor.hex(key), pass: Number(passes), policy,
            phone, holder, kid: kidHex };
        });""",
        VECTORS["strips"],
    )
    assert found == [vector["claims"] for vector in VECTORS["strips"]]


def test_it_reads_the_revocations_of_each_vector(run: Any) -> None:
    found = run(
        """const keys = await passcode.loadKeys(listed(given.keys));
        return Promise.all(given.segments.map(async ({ segment }) => {
          try {
            const { day, segment: number, entries } = await revocations.decodeRevocations(bytes(segment), keys);
            return { day, number, entries: Object.fromEntries(entries) };
          } catch (error) {
            if (!(error instanceof passcode.Malformed)) throw error;
            return { day: null };
          }
        }));""",
        {"segments": VECTORS["revocations"], "keys": VECTORS["context"]["keys"]},
    )
    expected = [
        {name: vector[name] for name in found_ if name in vector}
        for found_, vector in zip(found, VECTORS["revocations"], strict=True)
    ]
    assert found == expected


def test_it_signs_a_visit_for_its_poster_as_the_other_side_does(run: Any) -> None:
    one = VECTORS["visits"][0]
    found = run(
        "return cbor.hex(passcode.proofMessage(bytes(given.strip), given.t, given));",
        {name: one[name] for name in ("strip", "t", "venue", "number")},
    )
    poster = (one["venue"], one["number"])
    assert found == passcode.proof_message(bytes.fromhex(one["strip"]), one["t"], poster).hex()


def verdict_of(text: str) -> str:
    context = {"days": {}, "revoked": lambda day, cti: None, "last_shown": lambda cti: None}
    return passcode.verdict(text, now=pieces.NOON, keys=KEYS, **context).verdict.value  # type: ignore[arg-type]


def test_it_agrees_with_python_on_mutated_codes(run: Any) -> None:
    chance = random.Random(3)
    payload, header = (
        pieces.with_claim(pieces.CBOR(-70000), pieces.CBOR([1.5, {"a": -1}, "가"])),
        pieces.CBOR({1: -7, 4: pieces.AGENCY.kid}),
    )
    codes = [pieces.wrapped(mutated(chance, pieces.BINARY)) for _ in range(1200)]
    codes += [
        pieces.wrapped(pieces.CBOR([pieces.CBOR([header, {}, mutated(chance, payload), bytes(64)]), 1, bytes(64)]))
        for _ in range(2500)
    ]
    found = run(
        """const context = await contextOf(given.context);
        const results = [];
        for (const code of given.codes) results.push((await passcode.verdict(code, context)).verdict);
        return results;""",
        {"codes": codes, "context": VECTORS["context"] | {"days": {}}},
    )
    expected = [verdict_of(code) for code in codes]
    assert {"MALFORMED", "FORGED"} <= set(expected)
    assert [(code, got) for code, got, want in zip(codes, found, expected, strict=True) if got != want] == []


def test_it_agrees_with_python_on_unknown_claims(run: Any) -> None:
    """Random bytes as CBOR: both take the same ones, so an unknown claim is never green on one side alone."""
    chance = random.Random(4)
    heads = [
        0x00,
        0x17,
        0x18,
        0x19,
        0x1B,
        0x20,
        0x38,
        0x3B,
        0x41,
        0x61,
        0x62,
        0x81,
        0x82,
        0xA1,
        0xA2,
        0xC1,
        0xC2,
        0xF4,
        0xF7,
        0xF8,
        0xF9,
        0xFA,
        0xFB,
    ]
    data = [
        bytes((chance.choice(heads),))
        + chance.choice((chance.randbytes(chance.randrange(9)), bytes(chance.randrange(9))))
        for _ in range(6000)
    ]
    data += [b"\xfa" + chance.randbytes(2) + bytes((chance.choice((0, 32, 64, 128)), 0)) for _ in range(2000)]
    data += [b"\xfb" + chance.randbytes(4) + bytes((chance.choice((0, 32)), 0, 0, 0)) for _ in range(1000)]
    found = run(
        """return given.map((one) => {
          try { cbor.decode(bytes(one)); return true; } catch (error) {
            if (!(error instanceof cbor.Malformed)) throw error;
            return false;
          }
        });""",
        [one.hex() for one in data],
    )
    expected = [is_read(one) for one in data]
    assert any(expected)
    assert [(one.hex(), got) for one, got, want in zip(data, found, expected, strict=True) if got != want] == []


def is_read(data: bytes) -> bool:
    try:
        passcode.cbor.decode(data)
    except Malformed:
        return False
    return True


def test_it_makes_proofs_that_python_accepts_and_accepts_those_of_python(run: Any) -> None:
    pair = run(
        """const curve = { name: "ECDSA", namedCurve: "P-256" };
        const pair = await crypto.subtle.generateKey(curve, false, ["sign", "verify"]);
        globalThis.day = pair.privateKey;
        return cbor.hex(await passcode.pointOf(pair.publicKey));"""
    )
    strip = passcode.sign_strip(
        private_key=pieces.AGENCY.private, kid=pieces.AGENCY.kid, issuer="KR", day=next(iter(KEYS.values())).since,
        exp=2**32 - 1, iat=5, cti=pieces.CTI, cnf=bytes.fromhex(pair), passes=True, policy=1, phone=0,
    )  # fmt: skip
    text = run(
        """const strip = bytes(given);
        return passcode.encodeCode(strip, 1767200000, await passcode.signProof(globalThis.day, strip, 1767200000));""",
        strip.hex(),
    )
    code = passcode.decode_code(text)
    assert passcode.check(code, keys=KEYS, now=1767200000.5) is None
    proof = passcode.sign_proof(pieces.PHONE.private, pieces.GOOD, pieces.NOON)
    answer = run(
        """const code = passcode.decodeCode(given.code);
        const context = await contextOf(given.context);
        return [await passcode.check(code, context), passcode.encodeCode(code.strip.raw, code.t, code.proof)];""",
        {"code": passcode.encode_code(pieces.GOOD, pieces.NOON, proof), "context": VECTORS["context"]},
    )
    assert answer == [None, passcode.encode_code(pieces.GOOD, pieces.NOON, proof)]
    assert base45.decode(answer[1][4:])[0] == 0x83


def test_it_leaves_out_keys_that_it_cannot_read(run: Any) -> None:
    good = VECTORS["context"]["keys"][0]
    bad = [good | {"kid": "00" * 8, "y": good["x"]}, good | {"kid": "11" * 8, "x": "00"}]
    assert run("return [...(await passcode.loadKeys(listed(given))).keys()];", [*bad, good]) == [good["kid"]]


def test_it_works_in_a_service_worker(page: Page, address: str) -> None:
    script = (
        "import { verdict } from '/js/passcode.js'; self.addEventListener('message', async (event) => {"
        " const nobody = { revoked: () => null, lastShown: () => null };"
        " const { verdict: found } = await verdict(event.data, { now: 0, keys: new Map(), days: {}, ...nobody });"
        " event.source.postMessage(found); });"
    )
    context = page.context
    context.route(
        "**/blank", lambda route: route.fulfill(content_type="text/html", body="<!doctype html><title>-</title>")
    )
    context.route("**/worker.js", lambda route: route.fulfill(content_type="text/javascript", body=script))
    page.goto(f"{address}/blank")
    found = page.evaluate(
        """async (code) => {
          const registration = await navigator.serviceWorker.register("/worker.js", { type: "module" });
          const worker = registration.installing ?? registration.waiting ?? registration.active;
          const answer = new Promise((done) => {
            navigator.serviceWorker.addEventListener("message", (event) => done(event.data));
            navigator.serviceWorker.startMessages();
          });
          worker.postMessage(code);
          return answer;
        }""",
        pieces.CODE,
    )
    assert found == "UNKNOWN_KEY"
