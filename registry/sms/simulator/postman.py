"""Sending receipts: a while after a text was taken, in the order and as often as the provider was told."""

import heapq
import itertools
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx

from registry.sms.simulator.store import Behaviour
from registry.sms.simulator.wires import Post, Request, Wire

TRIES, PAUSE, TIMEOUT = 3, 1.0, 5.0  # seconds
AT_ONCE = 4
ORDERS = {
    "delivered": (("sent", 0.5), ("delivered", 1.0)),
    "undelivered": (("sent", 0.5), ("undelivered", 1.0)),
    "reversed": (("delivered", 1.0), ("sent", 1.5)),
    "none": (),
}


class Postman:
    """One thread that waits, and a few that post."""

    def __init__(self) -> None:
        self._waiting: list[tuple[float, int, Post, int]] = []
        self._number = itertools.count()
        self._changed = threading.Condition()
        self._pool = ThreadPoolExecutor(AT_ONCE)
        self._client = httpx.Client(timeout=TIMEOUT, trust_env=False, verify=ssl.create_default_context())
        threading.Thread(target=self._deliver, daemon=True).start()

    def after(self, wire: Wire, request: Request, behaviour: Behaviour) -> None:
        """Have the receipts of a text sent, as the behaviour says."""
        for state, part in ORDERS[behaviour.receipts]:
            post = wire.receipt(request, state)
            for _copy in range(behaviour.receipt_copies if post else 0):
                self._put(time.monotonic() + behaviour.receipt_seconds * part, post, 1)  # type: ignore[arg-type]

    def _put(self, at: float, post: Post, tries: int) -> None:
        with self._changed:
            heapq.heappush(self._waiting, (at, next(self._number), post, tries))
            self._changed.notify()

    def _deliver(self) -> None:
        while True:
            with self._changed:
                while not self._waiting or self._waiting[0][0] > time.monotonic():
                    self._changed.wait(self._waiting[0][0] - time.monotonic() if self._waiting else None)
                _at, _number, post, tries = heapq.heappop(self._waiting)
            self._pool.submit(self._post, post, tries)

    def _post(self, post: Post, tries: int) -> None:
        address, headers, body = post
        try:
            well = self._client.post(address, headers=headers, content=body).status_code < 500
        except (httpx.HTTPError, httpx.InvalidURL):
            well = False
        if not well and tries < TRIES:
            self._put(time.monotonic() + PAUSE, post, tries + 1)
