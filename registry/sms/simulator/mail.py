"""The simulator's mail server: what Munjigi mails arrives beside its texts. SMTP by aiosmtpd, on the loopback alone."""

import email
import uuid
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from registry.sms.simulator.store import Store


class Postbox:
    """Takes whatever it is sent, and keeps it where the page shows it."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        message = email.message_from_bytes(envelope.content, policy=default)
        body = message.get_body(("plain",))
        text = f"{message['Subject']}\n\n{body.get_content() if body else ''}"
        for to in envelope.rcpt_tos:
            self.store.take_mail(uuid.uuid4().hex, to, text.replace("\r\n", "\n").strip())
        return "250 OK"


def start(port: int, store: Store) -> Controller:
    """A server that listens from now on, in a thread of its own. Raises OSError where the port is taken."""
    controller = Controller(Postbox(store), hostname="127.0.0.1", port=port)
    controller.start()
    return controller
