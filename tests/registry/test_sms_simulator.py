"""The simulator is a provider as the generic gateway knows it."""

import httpx
import pytest

TO, TEXT = "+821000000001", "[문지기] 인증번호 123456"


def post(simulator, *, key="a", bearer="test-key", **body):
    headers = {"Authorization": f"Bearer {bearer}", "Idempotency-Key": key}
    body = body or {"to": TO, "text": TEXT}
    return simulator.client.post(f"{simulator.address}/messages", headers=headers, json=body, timeout=3)


def test_it_takes_a_message_once_however_often_it_comes(simulator):
    answers = [post(simulator, key="once").json() for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert [message["id"] for message in simulator.messages(TO)].count(answers[0]["id"]) == 1


def test_it_shows_messages_newest_first_on_a_page_without_inline_script(simulator):
    post(simulator, key="p1", to="+821000000002", text="first <b>")
    post(simulator, key="p2", to="+821000000002", text="second")
    answer = simulator.client.get(f"{simulator.address}/", params={"to": "010-0000-0002"})
    assert answer.text.index("second") < answer.text.index("first &lt;b&gt;")
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "http-equiv" not in answer.text


def test_it_finds_the_messages_of_a_number_however_it_is_written(simulator):
    post(simulator, key="n1", to="+821000000003", text="here")
    for written in ("+821000000003", "01000000003", "010-0000-0003", "821000000003"):
        assert [message["text"] for message in simulator.messages(written)] == ["here"]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"bearer": "other"}, 401),
        ({"key": ""}, 422),
        ({"to": "01000000001", "text": "x"}, 422),
        ({"to": TO, "text": ""}, 422),
        ({"to": TO, "text": "x" * 20_000}, 422),
    ],
)
def test_it_refuses_what_is_not_of_the_protocol(simulator, change, status):
    assert post(simulator, **change).status_code == status


def test_it_fails_hangs_and_lags_when_told_to(simulator):
    simulator.behave("fail", status=503)
    assert post(simulator, key="f").status_code == 503
    simulator.behave("hang", seconds=0.2)
    with pytest.raises(httpx.RemoteProtocolError):
        post(simulator, key="h")
    simulator.behave("lag", seconds=0.2)
    answer = post(simulator, key="l")
    assert (answer.status_code, answer.elapsed.total_seconds() >= 0.2) == (202, True)
    simulator.behave("ok")
    assert post(simulator, key="f").status_code == 202


def test_it_is_not_switched_by_a_page_from_elsewhere(simulator):
    elsewhere = {"Origin": "https://elsewhere.example"}
    answer = simulator.client.post(f"{simulator.address}/behaviour", json={"mode": "fail"}, headers=elsewhere)
    assert answer.status_code == 403
    assert simulator.client.get(f"{simulator.address}/health").json() == {"status": "ok", "mode": "ok"}


def test_one_provider_alone_is_told_how_to_behave(simulator):
    simulator.behave("hang", provider="twilio", seconds=1)
    told = simulator.client.get(f"{simulator.address}/behaviour").json()
    assert [told[name]["mode"] for name in ("http", "twilio", "solapi")] == ["ok", "hang", "ok"]
    assert post(simulator, key="alone").status_code == 202


@pytest.mark.parametrize(
    "body", [{"mode": "x"}, {"provider": "x"}, {"receipts": "x"}, {"receipt_copies": 99}, {"seconds": "x"}, [], "x"]
)
def test_it_refuses_behaviour_that_it_does_not_know(simulator, body):
    assert simulator.client.post(f"{simulator.address}/behaviour", json=body).status_code == 422


def test_it_names_the_fields_that_it_does_not_know(simulator):
    answer = simulator.client.post(f"{simulator.address}/behaviour", json={"second": 3, "reciepts": "x"})
    assert answer.status_code == 400 and "reciepts, second" in answer.json()["error"]
    assert simulator.client.get(f"{simulator.address}/health").json()["mode"] == "ok"
