"""Telling the worker of new messages at once, so that they need not wait for the next sweep.

Only a hint: it may be lost, and it must cost the caller nothing. Celery can block without end in publishing while its
broker is away, so a thread of its own does it, from a short queue that drops what does not fit. A task costs the
process and the worker more than the statements that write a message, so in a rush those of a quarter of a second go
together.
"""

import logging
import os
import queue
import threading
import time
from uuid import UUID

from celery import current_app

log = logging.getLogger(__name__)

MOST_WAITING = 1000
TASK = "registry.tasks.send_messages"
MOMENT = 0.05  # seconds that a message waits for others
PACE = 0.25  # seconds between two tasks of a process
MOST_TOGETHER = 20  # fewer than a worker claims at once

_waiting: queue.Queue[UUID] = queue.Queue(MOST_WAITING)
_lock = threading.Lock()
_thread: tuple[int, threading.Thread] | None = None  # with the process it lives in: a fork has none


def hasten(message_id: UUID) -> None:
    """Have the worker look at a message soon. Returns at once and raises nothing, broker or no broker."""
    _ensure_thread()
    try:
        _waiting.put_nowait(message_id)
    except queue.Full:
        log.debug("broker away: %s waits for the sweep", message_id)


def _ensure_thread() -> None:
    global _thread  # noqa: PLW0603 -- one a process, started by its first message
    with _lock:
        if _thread is None or _thread[0] != os.getpid() or not _thread[1].is_alive():
            thread = threading.Thread(target=_publish, name="sms-hastening", daemon=True)
            _thread = (os.getpid(), thread)
            thread.start()


def _publish() -> None:
    away, last = False, 0.0
    while True:
        messages = [str(_waiting.get())]
        time.sleep(max(MOMENT, last + PACE - time.monotonic()))
        last = time.monotonic()
        while len(messages) < MOST_TOGETHER and not _waiting.empty():
            messages.append(str(_waiting.get()))  # this thread alone takes from it
        try:
            current_app.send_task(TASK, (messages,), retry=False)
            away = False
        except Exception as error:  # the broker's client raises what it likes; the sweep will find the messages
            log.log(logging.DEBUG if away else logging.WARNING, "broker away: %s", type(error).__name__)
            away = True
