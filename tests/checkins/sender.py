"""A process of its own that sends one batch several times at once: `sender.py TOKEN TIMES < batch.json`."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor

import django

django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402


def send(body: str) -> dict[str, object]:
    client = Client(HTTP_AUTHORIZATION=f"Bearer {sys.argv[1]}")
    try:
        answer = client.post("/api/v1/scans", body, content_type="application/json")
        return {"status": answer.status_code} | answer.json()
    finally:
        connection.close()


print("ready", flush=True)
batch, times = sys.stdin.read(), int(sys.argv[2])
with ThreadPoolExecutor(times) as pool:
    print(json.dumps(list(pool.map(send, [batch] * times))))
